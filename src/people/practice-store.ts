/** Practices in SQL. */

import { asc, eq } from 'drizzle-orm'
import type { PracticeId } from '../core/ids.ts'
import type { Db } from '../db/db.ts'
import { practices } from '../db/schema.ts'
import type { Practice } from './practices.ts'

type Row = typeof practices.$inferSelect

export const asPractice = ({ finess, siren, ...row }: Row): Practice => ({
  ...row,
  ...(finess && { finess }),
  ...(siren && { siren }),
})

export async function insertPractice(db: Db, practice: Practice): Promise<void> {
  await db.insert(practices).values(practice)
}

export async function updatePracticeRow(
  db: Db,
  id: PracticeId,
  change: Partial<Practice>,
): Promise<Practice | undefined> {
  if (Object.keys(change).length === 0) return findPracticeRow(db, id)
  const [row] = await db.update(practices).set(change).where(eq(practices.id, id)).returning()
  return row && asPractice(row)
}

export async function findPracticeRow(db: Db, id: PracticeId): Promise<Practice | undefined> {
  const [row] = await db.select().from(practices).where(eq(practices.id, id))
  return row && asPractice(row)
}

export async function listPracticeRows(db: Db): Promise<Practice[]> {
  return (await db.select().from(practices).orderBy(asc(practices.name), asc(practices.id))).map(asPractice)
}
