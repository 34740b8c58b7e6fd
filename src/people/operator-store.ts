/** Operators in SQL. */

import { and, asc, eq, isNull } from 'drizzle-orm'
import type { OperatorId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { operators } from '../db/schema.ts'
import type { Operator } from './operators.ts'

type Row = typeof operators.$inferSelect

const asOperator = ({ disabledAt, ...row }: Row): Operator => ({
  ...row,
  ...(disabledAt !== null && { disabledAt }),
})

export async function insertOperator(db: Db, operator: Operator): Promise<void> {
  await db.insert(operators).values(operator)
}

export async function disableOperatorRow(db: Db, id: OperatorId, at: Seconds): Promise<Operator | undefined> {
  const [row] = await db
    .update(operators)
    .set({ disabledAt: at })
    .where(and(eq(operators.id, id), isNull(operators.disabledAt)))
    .returning()
  return row && asOperator(row)
}

export async function findOperatorRow(db: Db, id: OperatorId): Promise<Operator | undefined> {
  const [row] = await db.select().from(operators).where(eq(operators.id, id))
  return row && asOperator(row)
}

export async function listOperatorRows(db: Db): Promise<Operator[]> {
  return (await db.select().from(operators).orderBy(asc(operators.name), asc(operators.id))).map(asOperator)
}

export async function nameOperatorRow(
  db: Db,
  id: OperatorId,
  fields: Pick<Operator, 'name' | 'email'>,
): Promise<void> {
  await db.update(operators).set(fields).where(eq(operators.id, id))
}
