/**
 * Who signs in next, when more want to than the server can take: pure. Two lines share a rate. Browsers in which somebody has
 * signed in before stand in one line, first come first served. All others share the second by network, turn by turn
 * (start-time fair queueing, Goyal et al. 1996; networks are dealt into so many heaps as McKenney 1990), so that a flood from
 * one place waits behind itself. Nobody is a row: a place is a number, and how far it has come is worked out from this state
 * and the clock.
 */

import type { Seconds } from '../core/time.ts'

export interface SignInQueue {
  /** Up to when it was worked out. */
  at: Seconds
  /** Sign-ins that may begin at once: what nobody took of the last seconds. */
  credit: number
  /** Places of the first line: `served` of `given`. */
  known: { served: number; given: number }
  /** Turns of the second line: `served`, and up to which turn each heap has given places. */
  others: { served: number; given: Readonly<Record<string, number>> }
}

export interface Pace {
  perSecond: number
  /** Seconds of it that may be saved up while nobody waits. */
  burstSeconds: Seconds
}

export const emptyQueue = (at: Seconds, { perSecond, burstSeconds }: Pace): SignInQueue => ({
  at,
  credit: perSecond * burstSeconds,
  known: { served: 0, given: 0 },
  others: { served: 0, given: {} },
})

/** Where somebody stands: in the first line, or in a heap of the second. `turn` is served when its line has come so far. */
export interface Standing {
  line: 'known' | number
  turn: number
}

/** Of each second, what the first line gets while the second one waits too: who is known is not held up by who is not. */
const knownShare = 0.8
/** A heap gives no more places than this: a flood must not be able to make the line grow without end. */
export const mostInHeap = 3000
export const heaps = 256

/** To `now`. A clock that went back changes nothing. */
export function advance(queue: SignInQueue, { perSecond, burstSeconds }: Pace, now: Seconds): SignInQueue {
  const at = Math.max(now, queue.at)
  const budget = queue.credit + (at - queue.at) * perSecond
  const wanting = { known: knownWaiting(queue), others: othersWaiting(queue) }
  const toKnown = Math.min(wanting.known, Math.max(budget * knownShare, budget - wanting.others))
  const toOthers = Math.min(wanting.others, budget - toKnown)
  const served = serveOthers(queue.others, toOthers)
  return {
    at,
    credit: Math.min(perSecond * burstSeconds, budget - toKnown - toOthers),
    known: { ...queue.known, served: queue.known.served + toKnown },
    others: {
      served,
      given: Object.fromEntries(Object.entries(queue.others.given).filter(([, turn]) => turn > served)),
    },
  }
}

const knownWaiting = ({ known }: SignInQueue): number => known.given - known.served

/** Of every heap, the turns still to come, up to `turn`. */
const othersWaiting = ({ others }: Pick<SignInQueue, 'others'>, turn = Infinity): number =>
  Object.values(others.given).reduce(
    (sum, given) => sum + Math.max(0, Math.min(given, turn) - others.served),
    0,
  )

/** How far the turns come when so many are served: each heap that waits advances as far as every other. */
function serveOthers({ served, given }: SignInQueue['others'], count: number): number {
  const ends = Object.values(given)
    .filter((turn) => turn > served)
    .toSorted((a, b) => a - b)
  let [reached, left] = [served, count]
  for (const [passed, end] of ends.entries()) {
    const waiting = ends.length - passed
    const step = Math.min(end - reached, left / waiting)
    reached += step
    left -= step * waiting
  }
  return reached
}

/** Nobody waits, and one more may begin now. */
export const isOpen = (queue: SignInQueue): boolean => queue.credit >= 1

/** One sign-in begins at once. Undefined where it has to wait. */
export const begin = (queue: SignInQueue): SignInQueue | undefined =>
  isOpen(queue) ? { ...queue, credit: queue.credit - 1 } : undefined

/** At the end of a line. Undefined where a heap is full: its people are asked to look again later. */
export function join(
  queue: SignInQueue,
  line: Standing['line'],
): { queue: SignInQueue; standing: Standing } | undefined {
  if (line === 'known') {
    const turn = queue.known.given + 1
    return { queue: { ...queue, known: { ...queue.known, given: turn } }, standing: { line, turn } }
  }
  const { served, given } = queue.others
  const turn = Math.max(served, given[line] ?? 0) + 1
  if (turn - served > mostInHeap) return undefined
  return {
    queue: { ...queue, others: { served, given: { ...given, [line]: turn } } },
    standing: { line, turn },
  }
}

/** May it begin? */
export function isServed({ known, others }: SignInQueue, { line, turn }: Standing): boolean {
  const reached = line === 'known' ? known.served : others.served
  return turn <= reached + rounding
}

/** Sums of fractions come to a turn from a hair below. */
const rounding = 1e-6

/** A queue that was begun anew knows nothing of the turns of the old one. */
export const wasGiven = ({ known, others }: SignInQueue, { line, turn }: Standing): boolean =>
  turn <= (line === 'known' ? known.given : Math.max(others.served, others.given[line] ?? 0)) + rounding

/** How many begin before, itself included, and in how many seconds at the latest if nobody else came. */
export function outlook(
  queue: SignInQueue,
  { line, turn }: Standing,
  { perSecond }: Pace,
): { ahead: number; waitSeconds: Seconds } {
  const mine = line === 'known' ? turn - queue.known.served : othersWaiting(queue, turn)
  const theirs = line === 'known' ? othersWaiting(queue) : knownWaiting(queue)
  const share = line === 'known' ? knownShare : 1 - knownShare
  // While both wait each has its share; when the other line is empty, all of it.
  const both = theirs / ((1 - share) * perSecond)
  const wait = mine <= both * share * perSecond ? mine / (share * perSecond) : (mine + theirs) / perSecond
  return { ahead: Math.max(1, Math.ceil(mine - rounding)), waitSeconds: Math.max(1, Math.ceil(wait)) }
}
