/**
 * The journal as a request meets it: immutable, indexed by key, swapped whole. Pure: which restrictions stand, and what
 * they leave of a request. How old the state is, `view.ts` counts in.
 */

import { hours, type Seconds } from '../core/time.ts'
import type { Facts, Judgement, StopReason } from './facts.ts'
import { sequenceOf, type Effect, type JournalRow, type Restriction, type Selector } from './restriction.ts'

/** Sessions end after 12 h at the latest (protocols, sessions): then nothing that was ended can come back. */
export const longestSession: Seconds = hours(12)

/** Most telling first: a conjunction is filed under its first key present, the others are compared. */
const keys = ['grant', 'session', 'practitioner', 'operator', 'client', 'practice'] as const
type Key = (typeof keys)[number]

interface Standing {
  restriction: Restriction
  lifted: boolean
}

export interface Snapshot {
  /** The newest row it knows. */
  readonly sequence: number
  readonly standing: readonly Standing[]
  readonly everything: readonly Standing[]
  readonly by: Readonly<Record<Key, ReadonlyMap<string, readonly Standing[]>>>
}

/** Copies of one journal become one: in order, each row once. Two rows that claim one place are a fork, and thrown. */
export function mergeJournals(...copies: readonly (readonly JournalRow[])[]): JournalRow[] {
  const rows = new Map<number, JournalRow>()
  for (const row of copies.flat()) {
    const known = rows.get(sequenceOf(row))
    if (known && identity(known) !== identity(row)) throw new Error(`journal forked at ${sequenceOf(row)}`)
    rows.set(sequenceOf(row), row)
  }
  return [...rows.values()].toSorted((a, b) => sequenceOf(a) - sequenceOf(b))
}

const identity = (row: JournalRow): string =>
  `${row.kind} ${row.kind === 'restrict' ? row.restriction.id : row.lift.restriction}`

export const emptySnapshot: Snapshot = index(0, [])

/** The next snapshot. Rows already known are skipped; a gap is thrown, because a row may be missing that says no. */
export function extend(snapshot: Snapshot, rows: readonly JournalRow[], now: Seconds): Snapshot {
  const standing = new Map(snapshot.standing.map((each) => [each.restriction.id, each]))
  let { sequence } = snapshot
  for (const row of mergeJournals(rows)) {
    if (sequenceOf(row) <= sequence) continue
    if (sequenceOf(row) !== sequence + 1)
      throw new Error(`journal gap: expected ${sequence + 1}, got ${sequenceOf(row)}`)
    sequence = sequenceOf(row)
    if (row.kind === 'restrict')
      standing.set(row.restriction.id, { restriction: row.restriction, lifted: false })
    else lift(standing, row.lift.restriction)
  }
  return index(
    sequence,
    [...standing.values()].filter((each) => matters(each, now)),
  )
}

function lift(standing: Map<string, Standing>, id: Restriction['id']): void {
  const found = standing.get(id)
  if (found) standing.set(id, { ...found, lifted: true })
}

const active = ({ restriction, lifted }: Standing, now: Seconds): boolean =>
  !lifted && (restriction.expiresAt === undefined || now < restriction.expiresAt)

/** The effect is over; what it ended stays ended until the longest possible session before it is over. */
const matters = (each: Standing, now: Seconds): boolean =>
  active(each, now) || (each.restriction.endsSessions && now < each.restriction.createdAt + longestSession)

function index(sequence: number, standing: readonly Standing[]): Snapshot {
  const everything: Standing[] = []
  const by = {
    grant: new Map<string, Standing[]>(),
    session: new Map<string, Standing[]>(),
    practitioner: new Map<string, Standing[]>(),
    operator: new Map<string, Standing[]>(),
    client: new Map<string, Standing[]>(),
    practice: new Map<string, Standing[]>(),
  }
  for (const each of standing) {
    const { selector } = each.restriction
    if ('everything' in selector) {
      everything.push(each)
      continue
    }
    const key = keys.find((name) => selector[name] !== undefined)
    const id = key && selector[key]
    if (!key || !id) throw new Error(`restriction ${each.restriction.id} selects nothing`)
    const filed = by[key].get(id)
    if (filed) filed.push(each)
    else by[key].set(id, [each])
  }
  return { sequence, standing, everything, by }
}

/** Everything excludes operators; otherwise every key given must match. */
export function selects(selector: Selector, facts: Facts): boolean {
  if ('everything' in selector) return facts.operator === undefined
  return keys.every(
    (key) =>
      selector[key] === undefined ||
      selector[key] === facts[key] ||
      (key === 'client' && selector.client !== undefined && facts.through?.includes(selector.client)),
  )
}

/** Which answer wins when several restrictions stop a request: the one that no fresh sign-in or other verb would turn. */
const severity: Record<StopReason, number> = {
  restricted: 4,
  session_ended: 3,
  read_only: 2,
  step_up_required: 1,
}

const stops: Record<Effect['kind'], (restriction: Restriction, facts: Facts) => StopReason | undefined> = {
  deny: () => 'restricted',
  'read-only': (_, facts) => (facts.safe ? undefined : 'read_only'),
  // Before sign-in there is no proof to ask for yet; a session that cannot say when it was proven is not fresh.
  'step-up': ({ createdAt }, { session, authTime }) =>
    (session !== undefined || authTime !== undefined) && (authTime ?? -1) <= createdAt
      ? 'step_up_required'
      : undefined,
  quota: () => undefined,
}

/**
 * For ever, whether lifted or expired since. A session that cannot say when it began counts as begun before; a service's
 * token has no session but says when it was issued.
 */
const ended = ({ endsSessions, sequence }: Restriction, facts: Facts): boolean =>
  endsSessions &&
  (facts.session !== undefined || facts.sessionSequence !== undefined) &&
  (facts.sessionSequence ?? -1) < sequence

function stopOf(each: Standing, facts: Facts, now: Seconds): StopReason | undefined {
  const { restriction } = each
  const reason = active(each, now) ? stops[restriction.effect.kind](restriction, facts) : undefined
  if (!ended(restriction, facts)) return reason
  return reason === 'restricted' ? reason : 'session_ended'
}

/**
 * May this request go on? Pure; memory only; a handful of lookups by key. Deny wins; each other effect narrows its own
 * dimension; expiry is judged now. Of equals, the oldest restriction is named.
 */
export function decide(facts: Facts, snapshot: Snapshot, now: Seconds): Judgement {
  let stop: { reason: StopReason; restriction: Restriction } | undefined
  let quota: { patients: number; restriction: Restriction } | undefined
  const narrow = (each: Standing): void => {
    const { restriction } = each
    if (!selects(restriction.selector, facts)) return
    const reason = stopOf(each, facts, now)
    if (reason && (!stop || outranks({ reason, restriction }, stop))) stop = { reason, restriction }
    if (restriction.effect.kind !== 'quota' || !active(each, now)) return
    const { patients } = restriction.effect
    if (
      !quota ||
      patients < quota.patients ||
      (patients === quota.patients && older(restriction, quota.restriction))
    )
      quota = { patients, restriction }
  }
  snapshot.everything.forEach(narrow)
  for (const key of keys) {
    const id = facts[key]
    if (id !== undefined) snapshot.by[key].get(id)?.forEach(narrow)
  }
  facts.through?.forEach((client) => snapshot.by.client.get(client)?.forEach(narrow))
  return judgement(stop, quota)
}

const older = (a: Restriction, b: Restriction): boolean => a.sequence < b.sequence

const outranks = (
  a: { reason: StopReason; restriction: Restriction },
  b: { reason: StopReason; restriction: Restriction },
): boolean =>
  severity[a.reason] > severity[b.reason] || (a.reason === b.reason && older(a.restriction, b.restriction))

function judgement(
  stop: { reason: StopReason; restriction: Restriction } | undefined,
  quota: { patients: number; restriction: Restriction } | undefined,
): Judgement {
  if (stop) return { allow: false, reason: stop.reason, by: stop.restriction.id, ...said(stop.restriction) }
  if (!quota) return { allow: true }
  return {
    allow: true,
    newPatients: quota.patients,
    by: quota.restriction.id,
    ...said(quota.restriction),
  }
}

const said = ({ message }: Restriction) => (message ? { message } : {})
