/**
 * Patient reads summed up: who opened and listed how many, in which five minutes, from one session by one application. A
 * hundred entries of one search are one line of the desk; the entries themselves stay one question away.
 */

import { and, desc, eq, gte, lte, sql, type SQL } from 'drizzle-orm'
import type { ClientId, PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import { minutes, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { auditEntries } from '../db/schema.ts'
import { whoseEntries, type Whose } from './query-store.ts'

export interface ReadRun {
  practitioner: PractitionerId
  practice: PracticeId
  session: SessionId
  client: ClientId
  /** Where its five minutes begin, and its first and last read. */
  startAt: Seconds
  firstAt: Seconds
  lastAt: Seconds
  /** Distinct patients. */
  opened: number
  listed: number
}

export const runSeconds = minutes(5)

const e = auditEntries
const isRead = eq(e.kind, 'access.served')
const start = sql<number>`${e.at} / ${sql.raw(String(runSeconds))} * ${sql.raw(String(runSeconds))}`

export interface RunQuestion extends Whose {
  since?: Seconds
  until?: Seconds
}

const conditions = ({ since, until, ...whose }: RunQuestion): SQL[] => [
  isRead,
  ...whoseEntries(whose),
  ...(since === undefined ? [] : [gte(e.at, since)]),
  ...(until === undefined ? [] : [lte(e.at, until)]),
]

/** The newest first. */
export async function readRuns(db: Db, question: RunQuestion, limit: number): Promise<ReadRun[]> {
  const distinct = (access: 'opened' | 'listed') =>
    sql`count(distinct ${e.patient}) filter (where ${e.access} = ${sql.raw(`'${access}'`)})`.mapWith(Number)
  return db
    .select({
      practitioner: sql<PractitionerId>`${e.practitioner}`,
      practice: sql<PracticeId>`${e.practice}`,
      session: sql<SessionId>`${e.session}`,
      client: sql<ClientId>`${e.client}`,
      startAt: start.mapWith(Number),
      firstAt: sql`min(${e.at})`.mapWith(Number),
      lastAt: sql`max(${e.at})`.mapWith(Number),
      opened: distinct('opened'),
      listed: distinct('listed'),
    })
    .from(e)
    .where(and(...conditions(question)))
    .groupBy(e.practitioner, e.practice, e.session, e.client, start)
    .orderBy(desc(sql`max(${e.at})`), e.session, e.client)
    .limit(limit)
}

/** When the `count`th read before now was: how far a summary may reach without reading a whole log. */
export async function nthReadAt(db: Db, question: RunQuestion, count: number): Promise<Seconds | undefined> {
  const [row] = await db
    .select({ at: e.at })
    .from(e)
    .where(and(...conditions(question)))
    .orderBy(desc(e.at))
    .offset(count)
    .limit(1)
  return row?.at
}
