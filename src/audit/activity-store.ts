/** What the logs say of people and of themselves, in figures: patients by person and by day, sizes, what waits. */

import { and, asc, count, countDistinct, desc, eq, gte, min, sql } from 'drizzle-orm'
import type { PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { auditCheckpoints, auditEntries, auditLogs, auditQueue } from '../db/schema.ts'

const opened = and(eq(auditEntries.kind, 'access.served'), eq(auditEntries.access, 'opened'))

/** Distinct patients opened since then, by practitioner. */
export async function patientsSince(db: Db, since: Seconds): Promise<Map<PractitionerId, number>> {
  const rows = await db
    .select({ practitioner: auditEntries.practitioner, patients: countDistinct(auditEntries.patient) })
    .from(auditEntries)
    .where(and(opened, gte(auditEntries.at, since)))
    .groupBy(auditEntries.practitioner)
  return new Map(
    rows.flatMap(({ practitioner, patients }) => (practitioner ? [[practitioner, patients] as const] : [])),
  )
}

export interface PatientsOfDay {
  /** `2026-05-12` in Paris. */
  day: string
  opened: number
  listed: number
}

/** Distinct patients by day of Paris, opened and listed apart; days without any are left out. */
export async function patientsByDay(
  db: Db,
  practitioner: PractitionerId,
  since: Seconds,
): Promise<PatientsOfDay[]> {
  const day = sql<string>`to_char(to_timestamp(${auditEntries.at}) at time zone 'Europe/Paris', 'YYYY-MM-DD')`
  const of = (access: 'opened' | 'listed') =>
    sql<string>`count(distinct ${auditEntries.patient}) filter (where ${auditEntries.access} = ${sql.raw(`'${access}'`)})`
  const rows = await db
    .select({ day, opened: of('opened'), listed: of('listed') })
    .from(auditEntries)
    .where(
      and(
        eq(auditEntries.practitioner, practitioner),
        eq(auditEntries.kind, 'access.served'),
        gte(auditEntries.at, since),
      ),
    )
    .groupBy(sql`1`)
    .orderBy(sql`1`)
  return rows.map((row) => ({ day: row.day, opened: Number(row.opened), listed: Number(row.listed) }))
}

export interface LogStanding {
  log: string
  size: number
  checkpoint?: { size: number; at: Seconds }
}

export async function logStandings(db: Db): Promise<LogStanding[]> {
  const logs = await db
    .select({ log: auditLogs.log, size: auditLogs.size })
    .from(auditLogs)
    .orderBy(asc(auditLogs.log))
  const notes = await db
    .selectDistinctOn([auditCheckpoints.log], {
      log: auditCheckpoints.log,
      size: auditCheckpoints.size,
      at: auditCheckpoints.at,
    })
    .from(auditCheckpoints)
    .orderBy(asc(auditCheckpoints.log), desc(auditCheckpoints.size))
  return logs.map(({ log, size }) => {
    const note = notes.find((one) => one.log === log)
    return { log, size, ...(note && { checkpoint: { size: note.size, at: note.at } }) }
  })
}

/** Recorded, and without a place in the tree yet. */
export async function queueStanding(db: Db): Promise<{ count: number; oldestAt?: Seconds }> {
  const [row] = await db
    .select({ waiting: count(), oldest: min(sql`(${auditQueue.event}::json ->> 'at')::bigint`) })
    .from(auditQueue)
  const oldest = row?.oldest === null || row?.oldest === undefined ? undefined : Number(row.oldest)
  return { count: row?.waiting ?? 0, ...(oldest !== undefined && { oldestAt: oldest }) }
}
