/**
 * May somebody sign in now? Whoever is signed in already may, and so may a browser that an operator has used: the people who
 * end an emergency do not wait behind it. Everybody else begins at once while the pace allows it, and else has a place.
 */

import { utf8 } from '../core/bytes.ts'
import { standingOfBrowser } from './device.ts'
import type { Needs } from './needs.ts'
import { lookAt, openPlace, signPlace, type Look, type Place } from './place.ts'
import { changeQueue, readQueue } from './sign-in-queue-store.ts'
import {
  advance,
  begin,
  emptyQueue,
  heaps,
  isOpen,
  join,
  type Pace,
  type SignInQueue,
} from './sign-in-queue.ts'

/** Who stands at the door. */
export interface Visitor {
  browserHash: string
  deviceCookie: string | undefined
  placeCookie: string | undefined
  network: string
  signedIn: boolean
}

export type Admission =
  /** `cookie`: of a place whose turn has come. */
  | { state: 'open'; cookie?: string }
  | { state: 'waiting'; cookie: string; ahead: number; waitSeconds: number; known: boolean }
  /** Too many wait on this network already: they look again, and nobody else is held up. */
  | { state: 'full' }

export const paceOf = ({ config }: Pick<Needs, 'config'>): Pace => ({
  perSecond: config.signInsPerSecond,
  burstSeconds: 5,
})

/** Before the form is shown: takes nothing, and joins the queue where there is one. */
export async function lookForAdmission(needs: Needs, visitor: Visitor): Promise<Admission> {
  const standing = await standingOfBrowser(needs, visitor.deviceCookie)
  if (visitor.signedIn || standing?.operator) return { state: 'open' }
  const queue = await queueNow(needs)
  const look = lookHere(needs, visitor, queue)
  if (look) return answer(needs, visitor, look)
  return isOpen(queue) ? { state: 'open' } : joinQueue(needs, visitor, queue, standing?.name)
}

/** Before what costs: a sign-in begins, or joins the queue; after three tries on one place, at its end. */
export async function takeAdmission(needs: Needs, visitor: Visitor): Promise<Admission> {
  const standing = await standingOfBrowser(needs, visitor.deviceCookie)
  if (visitor.signedIn || standing?.operator) return { state: 'open' }
  const queue = await queueNow(needs)
  const look = lookHere(needs, visitor, queue)
  if (look && (look.state === 'waiting' || (await hasTryLeft(needs, look.place))))
    return answer(needs, visitor, look)
  return joinQueue(needs, visitor, queue, standing?.name)
}

async function queueNow(needs: Needs): Promise<SignInQueue> {
  const now = needs.clock.now()
  return advance((await readQueue(needs.db)) ?? emptyQueue(now, paceOf(needs)), paceOf(needs), now)
}

type Held = Exclude<Look, { state: 'lapsed' }>

function lookHere(needs: Needs, { placeCookie, browserHash }: Visitor, queue: SignInQueue): Held | undefined {
  const place = placeCookie === undefined ? undefined : openPlace(needs, browserHash, placeCookie)
  const look = place && lookAt(place, queue, paceOf(needs), needs.clock.now())
  return look?.state === 'lapsed' ? undefined : look
}

const answer = (needs: Needs, { browserHash }: Visitor, look: Held): Admission => {
  const cookie = signPlace(needs, browserHash, look.place)
  if (look.state === 'open') return { state: 'open', cookie }
  const { ahead, waitSeconds } = look
  return { state: 'waiting', cookie, ahead, waitSeconds, known: look.place.line === 'known' }
}

/** A place that served without end would be worth many: what costs is the try, not the place. */
const hasTryLeft = async ({ throttle }: Needs, { line, turn }: Place): Promise<boolean> =>
  (await throttle.take('signin-place', `${line}:${turn}`)).allowed

/** Begins at once where nobody waits; otherwise at the end of the line. What is full is seen without the row's lock. */
async function joinQueue(
  needs: Needs,
  visitor: Visitor,
  seen: SignInQueue,
  browser: string | undefined,
): Promise<Admission> {
  const now = needs.clock.now()
  const pace = paceOf(needs)
  const line = await lineOf(needs, visitor, browser)
  if (!isOpen(seen) && !join(seen, line)) return { state: 'full' }
  const { joined, queue } = await changeQueue(needs.db, emptyQueue(now, pace), (before) => {
    const here = advance(before, pace, now)
    const begun = begin(here)
    if (begun) return { queue: begun, joined: 'begun' as const }
    const place = join(here, line)
    return place ? { queue: place.queue, joined: place.standing } : { queue: here, joined: 'full' as const }
  })
  if (joined === 'begun') return { state: 'open' }
  if (joined === 'full') return { state: 'full' }
  const look = lookAt({ ...joined, seenAt: now }, queue, pace, now)
  if (look.state === 'lapsed') throw new Error('a place lapsed as it was given')
  return answer(needs, visitor, look)
}

/**
 * A known browser joins the first line a few times a minute, so that nobody fills it alone. Heaps are dealt by a secret, so
 * that nobody chooses whom to stand with.
 */
async function lineOf(
  needs: Needs,
  { network }: Visitor,
  browser: string | undefined,
): Promise<Place['line']> {
  if (browser !== undefined && (await needs.throttle.take('signin-join', browser)).allowed) return 'known'
  const dealt = needs.primitives.hmacSha256(needs.keyEncryptionKey, utf8(`sign-in heap:${network}`))
  return (dealt[0] ?? 0) % heaps
}
