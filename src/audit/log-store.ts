/** The rows of the logs: what waits, what has its place, the trees and their checkpoints. */

import { and, asc, count, desc, eq, gte, inArray, lt, lte, or, sql } from 'drizzle-orm'
import { concat } from '../core/bytes.ts'
import { days, hours, minutes, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { auditCheckpoints, auditEntries, auditLogs, auditQueue, patientSeals } from '../db/schema.ts'
import type { AuditEvent } from './event.ts'
import type { TreeState } from './tree.ts'

/** Entries in a row, from position `first` on. `lines`: the exact texts that were hashed; `leaves`: 32 bytes for each. */
export interface Entries {
  first: number
  lines: readonly string[]
  leaves: readonly Uint8Array[]
}

/** One sequencer at a time, over all nodes. False when another holds it; let go with the transaction. */
const sequencerLock = 4_731_010

export async function tryLockSequencer(tx: Db): Promise<boolean> {
  const [row] = await tx
    .select({ held: sql<boolean>`pg_try_advisory_xact_lock(${sequencerLock}::bigint)` })
    .from(sql`(select 1) as once`)
  return row?.held === true
}

export const takeQueued = (tx: Db, limit: number) =>
  tx.select().from(auditQueue).orderBy(asc(auditQueue.id)).limit(limit)

export async function dropQueued(tx: Db, ids: number[]): Promise<void> {
  await tx.delete(auditQueue).where(inArray(auditQueue.id, ids))
}

export async function countQueued(db: Db): Promise<number> {
  const [row] = await db.select({ waiting: count() }).from(auditQueue)
  return row?.waiting ?? 0
}

export interface StoredTree extends TreeState {
  mac: string
}

/** The tree of a log, held until the transaction ends; an empty one for a log that is new. */
export async function lockTree(tx: Db, log: string): Promise<StoredTree> {
  await tx.insert(auditLogs).values({ log, size: 0, frontier: [], mac: '' }).onConflictDoNothing()
  const [row] = await tx.select().from(auditLogs).where(eq(auditLogs.log, log)).for('update')
  return { size: row?.size ?? 0, frontier: row?.frontier ?? [], mac: row?.mac ?? '' }
}

export async function saveTree(tx: Db, log: string, tree: StoredTree): Promise<void> {
  await tx.update(auditLogs).set(tree).where(eq(auditLogs.log, log))
}

export async function sizeOf(db: Db, log: string): Promise<number> {
  const [row] = await db.select({ size: auditLogs.size }).from(auditLogs).where(eq(auditLogs.log, log))
  return row?.size ?? 0
}

export const findLogs = (db: Db) =>
  db.select({ log: auditLogs.log, size: auditLogs.size }).from(auditLogs).orderBy(asc(auditLogs.log))

/**
 * One statement for all; a place that is taken already is an error, never passed over: it would hide an entry. The database
 * reads the columns out of the lines, as `columnsOf` does: the thread that answers requests does not parse them again.
 */
export async function insertEntries(tx: Db, log: string, { first, lines, leaves }: Entries): Promise<void> {
  if (lines.length === 0) return
  await tx.execute(sql`
    insert into ${auditEntries}
      (log, index, leaf, entry, at, kind, actor, practitioner, practice, session, client, patient, access, request)
    select ${log}::text, ${first}::bigint + place - 1,
      encode(substring(${concat(...leaves)}::bytea from 32 * place::int - 31 for 32), 'hex'), line,
      at, kind, concat_ws(':', actor ->> 'kind', actor ->> 'id'),
      coalesce(practitioner, ${personOf('holder')}, ${personOf('actor')}),
      practice, session, client, patient, access, request
    from string_to_table(${lines.join('\n')}::text, chr(10)) with ordinality as entries (line, place)
    cross join lateral jsonb_to_record(${readable}::jsonb) as event
      (at bigint, kind text, actor jsonb, holder jsonb, practitioner text, practice text,
       session text, client text, patient text, access text, request text)`)
  await keepSeals(tx, lines)
}

/** The line as jsonb takes it: without U+0000 and lone surrogates, which JSON may hold and no column ever does. */
const readable = sql`case when position(${'\\u'} in line) = 0 then line
  else regexp_replace(line, ${String.raw`\\u(0000|d[89a-f][\da-f]{2})`}, ${String.raw`\\ufffd`}, 'g') end`

const personOf = (field: 'holder' | 'actor') =>
  sql.raw(`case ${field} ->> 'kind' when 'practitioner' then ${field} ->> 'id' end`)

async function keepSeals(tx: Db, lines: readonly string[]): Promise<void> {
  const seals = lines
    .filter((line) => line.includes('"patient.sealed"'))
    .map((line) => JSON.parse(line) as AuditEvent)
    .flatMap((event) =>
      event.kind === 'patient.sealed'
        ? [{ patient: event.patient, sealed: event.sealed, sealedAt: event.at }]
        : [],
    )
  if (seals.length > 0) await tx.insert(patientSeals).values(seals).onConflictDoNothing()
}

export async function insertCheckpoint(
  tx: Db,
  log: string,
  size: number,
  note: string,
  at: Seconds,
): Promise<void> {
  await tx.insert(auditCheckpoints).values({ log, size, note, at }).onConflictDoNothing()
}

/** Entries from position `first` on, in order, with the columns they are asked by. */
export const findEntries = (db: Db, log: string, first: number, limit: number) =>
  db
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.log, log), gte(auditEntries.index, first)))
    .orderBy(asc(auditEntries.index))
    .limit(limit)

/** Signed notes of sizes from `first` to `last`, in order. */
export const findCheckpoints = (db: Db, log: string, first: number, last: number) =>
  db
    .select({ size: auditCheckpoints.size, note: auditCheckpoints.note })
    .from(auditCheckpoints)
    .where(
      and(eq(auditCheckpoints.log, log), gte(auditCheckpoints.size, first), lte(auditCheckpoints.size, last)),
    )
    .orderBy(asc(auditCheckpoints.size))

export async function lastCheckpoint(db: Db, log: string): Promise<string | undefined> {
  const [row] = await db
    .select({ note: auditCheckpoints.note })
    .from(auditCheckpoints)
    .where(eq(auditCheckpoints.log, log))
    .orderBy(desc(auditCheckpoints.size))
    .limit(1)
  return row?.note
}

/** How densely checkpoints are kept by their age: from that age on, the last of each such span. */
export const checkpointDensity = [
  { olderThan: hours(1), lastOfEach: minutes(1) },
  { olderThan: days(1), lastOfEach: hours(1) },
  { olderThan: days(31), lastOfEach: days(1) },
] as const

/**
 * Lets go of the checkpoints that `checkpointDensity` does not keep; the newest of a log always stays, for it is what shows
 * a cut end. One that goes vouched for nothing that the next one does not. Answers how many went.
 */
export async function thinCheckpoints(db: Db, now: Seconds): Promise<number> {
  const c = auditCheckpoints
  const next = sql`(select later.at from ${c} as later
    where later.log = ${c.log} and later.size > ${c.size} order by later.size limit 1)`
  const spare = checkpointDensity.map(({ olderThan, lastOfEach }) => {
    const span = sql.raw(String(lastOfEach))
    return and(lt(c.at, now - olderThan), sql`${next} / ${span} = ${c.at} / ${span}`)
  })
  const gone = await db
    .delete(c)
    .where(or(...spare))
    .returning({ size: c.size })
  return gone.length
}

/** Leaf hashes, hex, in order, of the first `size` entries. */
export async function* leavesOf(db: Db, log: string, size: number): AsyncGenerator<string> {
  for (let next = 0; next < size;) {
    const rows = await db
      .select({ leaf: auditEntries.leaf, index: auditEntries.index })
      .from(auditEntries)
      .where(and(eq(auditEntries.log, log), gte(auditEntries.index, next), lt(auditEntries.index, size)))
      .orderBy(asc(auditEntries.index))
      .limit(5_000)
    if (rows.length === 0) return
    for (const { leaf } of rows) yield leaf
    next = (rows.at(-1)?.index ?? size) + 1
  }
}
