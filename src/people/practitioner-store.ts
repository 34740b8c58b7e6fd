/** Practitioners in SQL. */

import { asc, eq } from 'drizzle-orm'
import type { PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { practitioners } from '../db/schema.ts'
import type { Practitioner } from './practitioners.ts'

type Row = typeof practitioners.$inferSelect

const asPractitioner = ({ rpps, recordsName, disabledAt, ...row }: Row): Practitioner => ({
  ...row,
  ...(rpps && { rpps }),
  ...(recordsName && { recordsName }),
  ...(disabledAt !== null && { disabledAt }),
})

export async function insertPractitioner(db: Db, practitioner: Practitioner): Promise<void> {
  await db.insert(practitioners).values(practitioner)
}

export async function updatePractitionerRow(
  db: Db,
  id: PractitionerId,
  change: Partial<Omit<Practitioner, 'id' | 'disabledAt'>> & { disabledAt?: Seconds | null },
): Promise<Practitioner | undefined> {
  if (Object.keys(change).length === 0) return findPractitionerRow(db, id)
  const [row] = await db.update(practitioners).set(change).where(eq(practitioners.id, id)).returning()
  return row && asPractitioner(row)
}

export async function findPractitionerRow(db: Db, id: PractitionerId): Promise<Practitioner | undefined> {
  const [row] = await db.select().from(practitioners).where(eq(practitioners.id, id))
  return row && asPractitioner(row)
}

export async function listPractitionerRows(db: Db): Promise<Practitioner[]> {
  const rows = await db
    .select()
    .from(practitioners)
    .orderBy(asc(practitioners.familyName), asc(practitioners.givenName), asc(practitioners.id))
  return rows.map(asPractitioner)
}
