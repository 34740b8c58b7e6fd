/**
 * A cut that ends sessions writes its journal row and nothing else: that row is the job. Whoever's turn it is reads the
 * journal on and tells the clients of what each row ended, in pages. Commit order is sequence order and there are no gaps
 * (restrictions/store.ts), so that a position is all there is to remember.
 */

import { asc, eq, gt } from 'drizzle-orm'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { logoutProgress, restrictionJournal } from '../db/schema.ts'
import { sequenceOf, type Restriction } from '../restrictions/restriction.ts'
import { tellOfEnded } from './tell-store.ts'

/** Sessions of one transaction. */
const page = 500
/** Rows of the journal that are passed over in one. */
const rowsAtOnce = 200

/** False when nothing is left to do, or another node is at it. */
export async function expandOnce(db: Db, now: Seconds, limit = page): Promise<boolean> {
  await db.insert(logoutProgress).values({ name: 'journal' }).onConflictDoNothing()
  return db.transaction(async (tx) => {
    const [standing] = await tx.select().from(logoutProgress).for('update', { skipLocked: true })
    if (!standing) return false
    const next = await nextOf(tx, standing.sequence)
    if (!next) return false
    const last =
      next.restriction && (await tellOfEnded(tx, next.restriction, { after: standing.after, limit }, now))
    const position = last === undefined ? { sequence: next.sequence, after: '' } : { after: last }
    await tx.update(logoutProgress).set(position).where(eq(logoutProgress.name, 'journal'))
    return true
  })
}

/** The next row that ended sessions; without one, how far there is nothing to do. */
async function nextOf(
  tx: Db,
  sequence: number,
): Promise<{ sequence: number; restriction?: Restriction } | undefined> {
  const rows = await tx
    .select({ row: restrictionJournal.row })
    .from(restrictionJournal)
    .where(gt(restrictionJournal.sequence, sequence))
    .orderBy(asc(restrictionJournal.sequence))
    .limit(rowsAtOnce)
  for (const { row } of rows)
    if (row.kind === 'restrict' && row.restriction.endsSessions)
      return { sequence: row.restriction.sequence, restriction: row.restriction }
  const last = rows.at(-1)
  return last && { sequence: sequenceOf(last.row) }
}
