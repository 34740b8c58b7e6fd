/** What the logs are asked: which patients, what happened last, what was begun and never settled. */

import { and, desc, eq, gt, gte, inArray, lte, notInArray, or, sql, type SQL } from 'drizzle-orm'
import type { PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Database, Db } from '../db/db.ts'
import { auditEntries, restrictionJournal, strangerRefusals } from '../db/schema.ts'
import { appended } from './channels.ts'
import type { AuditEvent, EventHead, EventKind, Pseudonym } from './event.ts'
import { record } from './store.ts'

/** Whose accesses; every key given must match. */
export interface Whose {
  practitioner?: PractitionerId
  practice?: PracticeId
  session?: SessionId
}

/** Both ends included. */
export interface Span {
  since: Seconds
  until: Seconds
}

export interface PatientServed {
  patient: Pseudonym
  /** How often it was read, or a search was pinned to it. */
  opened: number
  /** How often it appeared among others. */
  listed: number
  /** Unsafe requests that succeeded or were never settled: those count as done. */
  written: number
  firstAt: Seconds
  lastAt: Seconds
}

const e = auditEntries
const j = restrictionJournal

export const whoseEntries = ({ practitioner, practice, session }: Whose): SQL[] => [
  ...(practitioner ? [eq(e.practitioner, practitioner)] : []),
  ...(practice ? [eq(e.practice, practice)] : []),
  ...(session ? [eq(e.session, session)] : []),
]
const within = ({ since, until }: Span): SQL[] => [gte(e.at, since), lte(e.at, until)]

const status = sql`(${e.entry}::json->>'status')::int`
/** The settlement of an entry's request, if it says what `condition` says. */
const settlement = (condition: SQL) => sql`exists (
  select 1 from ${auditEntries} as settled
  where settled.request = ${e.request} and settled.kind = 'access.settled' and ${condition})`
const failed = settlement(sql`(settled.entry::json->>'status')::int >= 400`)
const done = sql`case ${e.kind} when 'access.intent' then not ${failed} else ${status} < 400 end`
const anyRequest = sql`coalesce(${e.request}, ${e.log} || ':' || ${e.index})`

/** "Which patients?" Each one once, with counts; that it was asked is recorded with the answer's size. */
export async function patientsServed(
  db: Db,
  question: Whose & Span,
  head: EventHead,
): Promise<PatientServed[]> {
  return db.transaction(async (tx) => {
    const written = sql<number>`count(distinct ${anyRequest}) filter (where ${e.kind} <> 'access.served' and ${done})`
    const patients = await tx
      .select({
        patient: sql<Pseudonym>`${e.patient}`,
        opened: sql`count(*) filter (where ${e.access} = 'opened')`.mapWith(Number),
        listed: sql`count(*) filter (where ${e.access} = 'listed')`.mapWith(Number),
        written: written.mapWith(Number),
        firstAt: sql`min(${e.at})`.mapWith(Number),
        lastAt: sql`max(${e.at})`.mapWith(Number),
      })
      .from(auditEntries)
      .where(
        and(
          ...whoseEntries(question),
          ...within(question),
          sql`${e.patient} is not null`,
          or(
            eq(e.kind, 'access.served'),
            and(inArray(e.kind, ['access.intent', 'access.settled']), sql`${done}`),
          ),
        ),
      )
      .groupBy(e.patient)
      .orderBy(sql`min(${e.at})`, e.patient)
    await record(tx, {
      ...head,
      kind: 'patients.queried',
      question: JSON.stringify(question),
      answers: patients.length,
    })
    return patients
  })
}

export interface LoggedEvent {
  log: string
  index: number
  event: AuditEvent
}

/** Per log the position up to which somebody has seen it; as text for addresses. */
export type Cursor = Record<string, number>

const logged = { log: e.log, index: e.index, entry: e.entry }
const toLogged = ({ log, index, entry }: { log: string; index: number; entry: string }): LoggedEvent => ({
  log,
  index,
  event: JSON.parse(entry) as AuditEvent,
})

/** Which entries; every key given must match. Cuts and lifts belong to whom they touch as well as to who made them. */
export interface Filter extends Whose {
  patient?: Pseudonym
  kinds?: readonly EventKind[]
  since?: Seconds
  until?: Seconds
}

export interface Part {
  limit: number
  /** A cursor from `cursorOf`: only what came later, from whichever log. */
  after?: Cursor
  /** Only what stands there already. */
  upTo?: Cursor
}

/** The newest first. */
export async function lastEvents(
  db: Db,
  { limit, after, upTo }: Part,
  filter: Filter = {},
): Promise<LoggedEvent[]> {
  const rows = await db
    .select(logged)
    .from(auditEntries)
    .where(and(after && laterThan(after), upTo && notLaterThan(upTo), ...matching(filter)))
    .orderBy(desc(e.at), desc(e.log), desc(e.index))
    .limit(limit)
  return rows.map(toLogged)
}

const matching = ({ patient, kinds, since, until, ...whose }: Filter): (SQL | undefined)[] => [
  concerning(whose),
  patient === undefined ? undefined : eq(e.patient, patient),
  kinds && inArray(e.kind, [...kinds]),
  since === undefined ? undefined : gte(e.at, since),
  until === undefined ? undefined : lte(e.at, until),
]

function concerning(whose: Whose): SQL | undefined {
  const own = and(...whoseEntries(whose))
  return own && or(own, touching(whose))
}

/** What a cut selects is no column: the journal, which is short, says which cuts select them and when they were made. */
function touching(whose: Whose): SQL {
  const row = JSON.stringify({ restriction: { selector: whose } })
  const cuts = sql`select ${j.restriction} from ${j} where ${j.row} @> ${row}::text::jsonb`
  return sql`(${e.kind} in ('restriction.made', 'restriction.lifted')
    and ${e.at} in (select ${j.createdAt} from ${j} where ${j.restriction} in (${cuts}))
    and (${e.entry}::json ->> 'restriction') in (${cuts}))`
}

const notLaterThan = (place: Cursor): SQL | undefined =>
  or(sql`false`, ...Object.entries(place).map(([log, index]) => and(eq(e.log, log), lte(e.index, index))))

function laterThan(after: Cursor): SQL | undefined {
  const known = Object.keys(after)
  return known.length === 0
    ? undefined
    : or(...known.map((log) => and(eq(e.log, log), gt(e.index, after[log] ?? -1))), notInArray(e.log, known))
}

/** Moves a cursor past events that were read. */
export function cursorOf(events: readonly LoggedEvent[], before: Cursor = {}): Cursor {
  const cursor = { ...before }
  for (const { log, index } of events) cursor[log] = Math.max(cursor[log] ?? -1, index)
  return cursor
}

/** Everything of somebody or of a patient, the newest first. */
export const eventsOf = (
  db: Db,
  whose: Filter,
  { limit, ...span }: Span & { limit: number },
): Promise<LoggedEvent[]> => lastEvents(db, { limit }, { ...whose, ...span })

/** Unsafe requests of which the log never learnt how they ended. They count as done. The oldest first. */
export async function unsettledIntents(db: Db, span: Span, limit: number): Promise<LoggedEvent[]> {
  const rows = await db
    .select(logged)
    .from(auditEntries)
    .where(and(eq(e.kind, 'access.intent'), ...within(span), sql`not ${settlement(sql`true`)}`))
    .orderBy(e.at, e.log, e.index)
    .limit(limit)
  return rows.map(toLogged)
}

export interface StrangersSum {
  source: string
  reason: string
  count: number
  lastAt: Seconds
}

/** The loudest first. Source `*`: those beyond the bound of their minute. */
export const strangersSummary = (db: Db, { since, until }: Span, limit: number): Promise<StrangersSum[]> =>
  db
    .select({
      source: strangerRefusals.source,
      reason: strangerRefusals.reason,
      count: sql`sum(${strangerRefusals.count})`.mapWith(Number),
      lastAt: sql`max(${strangerRefusals.minuteAt})`.mapWith(Number),
    })
    .from(strangerRefusals)
    .where(and(gte(strangerRefusals.minuteAt, since), lte(strangerRefusals.minuteAt, until)))
    .groupBy(strangerRefusals.source, strangerRefusals.reason)
    .orderBy(desc(sql`sum(${strangerRefusals.count})`), strangerRefusals.source)
    .limit(limit)

/** Calls back soon after events got their place. A notice MAY be lost: poll as well. Answers how to stop. */
export const onAppended = (database: Database, listener: () => void): Promise<() => Promise<void>> =>
  database.listen(appended, listener)
