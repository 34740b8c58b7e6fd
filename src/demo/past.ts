/**
 * Two weeks that were: sign-ins, patients served, a few findings, a restriction made and lifted. Every row comes from the
 * product's own acts with a clock in the past, every entry through the real log; nothing is put into the tree by hand.
 */

import type { AccessHead, AuditEvent } from '../audit/event.ts'
import { createPseudonyms, type PatientSealed } from '../audit/pseudonym.ts'
import { loadPseudonymKeys } from '../audit/pseudonym-store.ts'
import { record } from '../audit/store.ts'
import { days, hours, minutes, type Seconds } from '../core/time.ts'
import { endSession, type Session } from '../people/session.ts'
import type { Services } from '../services.ts'
import type { Player } from './cast-in-garde.ts'
import { leaver } from './data/cast.ts'
import { seeded, type Chance } from './data/random.ts'
import { authorise, headOf, signIn, type Act, type Past } from './past-acts.ts'
import { withClock } from './past-clock.ts'
import { incidentsOfThePast } from './past-incidents.ts'

const lengthDays = 14

export async function livePast(
  services: Services,
  told: Omit<Past, 'pseudonyms' | 'chance' | 'devices'>,
): Promise<void> {
  const { db, keyEncryptionKey, clock, primitives } = services
  const keys = await loadPseudonymKeys({ db, keyEncryptionKey, clock })
  const pseudonyms = createPseudonyms({ primitives, clock, keys, node: 'demo' })
  const past: Past = { ...told, pseudonyms, chance: seeded(14), devices: new Map() }
  const now = clock.now()
  const acts = [...workOf(past, now), ...incidentsOfThePast(past, now)].filter(({ at }) => at < now)
  for (const { at, run } of acts.toSorted((a, b) => a.at - b.at)) await run(withClock(services, at))
}

/** Everybody's days: mornings and some afternoons, no Sunday; four of them are at work right now. */
function workOf(past: Past, now: Seconds): Act[] {
  const midnight = now - (now % days(1))
  const acts: Act[] = []
  for (let day = lengthDays; day >= 0; day--) {
    const start = midnight - days(day)
    if (new Date(start * 1000).getUTCDay() === 0) continue
    for (const player of past.cast.players.values()) {
      if (!past.chance.happens(0.4)) continue
      const at = start + hours(7) + minutes(past.chance.whole(0, 240))
      if (at < now - hours(2)) acts.push(...workday(past, player, at, false))
    }
  }
  const busy = ['karim', 'helene', 'nadia', 'sophie']
  return [
    ...acts,
    ...busy.flatMap((key, i) => {
      const player = past.cast.players.get(key)
      return player ? workday(past, player, now - minutes(48 - i * 11), true) : []
    }),
  ]
}

/** One session: in, some patients, out again unless it goes on. Nothing for who is no member that day, or has left. */
function workday(past: Past, player: Player, at: Seconds, goesOn: boolean): Act[] {
  const { chance } = past
  const open = player.memberships.filter(({ startAt, endAt }) => startAt <= at && (endAt ?? at + 1) > at)
  if (player.key === leaver && open.length < 2) return []
  if (player.holder.kind === 'practitioner' && open.length === 0) return []
  const membership = open.length > 0 ? chance.pick(open) : undefined
  const shown = membership ? picked(chance, past.patients[membership.practice], chance.whole(3, 7)) : []
  let session: Session | undefined
  let access: AccessHead | undefined
  const acts: Act[] = [
    {
      at,
      run: async (services) => {
        session = await signIn(services, past, player, membership?.practice)
        if (membership) access = await authorise(services, past, session, membership)
      },
    },
  ]
  const last = at + minutes(goesOn ? 2 + shown.length : 4 + shown.length * 16)
  acts.push({
    at: last,
    run: async (services) => {
      if (session && access) await serve(services, past, session, { access, shown, from: at, until: last })
      if (session && !goesOn) await endSession(services, session, 'signed-out', headOf(services, session))
    },
  })
  return acts
}

interface Visit {
  access: AccessHead
  shown: string[]
  from: Seconds
  until: Seconds
}

/**
 * As the gateway would have said it: each patient sealed once, then one entry for each patient served, spread over the
 * time of the visit. One batch, as a gateway ships them.
 */
async function serve(
  services: Services,
  past: Past,
  session: Session,
  { access, shown, from, until }: Visit,
): Promise<void> {
  const events: AuditEvent[] = []
  const seals: PatientSealed[] = []
  for (const [i, patient] of shown.entries()) {
    const reference = `${past.resource.name}/Patient/${patient}`
    const at = from + Math.floor(((until - from) * (i + 1)) / (shown.length + 1))
    const sealed = await past.pseudonyms.sealIfNew(reference)
    if (sealed) {
      events.push({ ...sealed, at })
      seals.push(sealed)
    }
    events.push({
      ...headOf(services, session),
      at,
      ...access,
      kind: 'access.served',
      patient: past.pseudonyms.pseudonymOf(reference),
      access: 'opened',
      types: { Patient: 1, Observation: past.chance.whole(1, 5), Condition: past.chance.whole(0, 3) },
      status: 200,
    })
  }
  await record(services.db, ...events)
  for (const sealed of seals) past.pseudonyms.keptSeal(sealed)
}

const picked = <T>(chance: Chance, from: readonly T[], count: number): T[] => [
  ...new Set(Array.from({ length: count }, () => chance.pick(from))),
]
