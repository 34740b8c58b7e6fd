/** The security team. An operator holds no patient scope; there is always at least one who can act. */

import { z } from 'zod'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type OperatorId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { refuseDuplicate } from '../db/unique.ts'
import { emailShape, nameShape } from './identifiers.ts'
import type { Needs } from './needs.ts'
import {
  disableOperatorRow,
  findOperatorRow,
  insertOperator,
  listOperatorRows,
  nameOperatorRow,
} from './operator-store.ts'
import { spareLastCommander } from '../restrictions/selection-store.ts'
import { lockJournal } from '../restrictions/store.ts'
import { endAllSessions } from './session.ts'

export interface Operator {
  id: OperatorId
  name: string
  email: string
  language: 'fr' | 'en'
  createdAt: Seconds
  disabledAt?: Seconds
}

export const newOperator = z.strictObject({
  name: nameShape,
  email: emailShape,
  language: z.enum(['fr', 'en']).default('fr'),
})

/** Refuses `conflict` when the address is another operator's. */
export async function createOperator(
  needs: Pick<Needs, 'db'>,
  fields: z.output<typeof newOperator>,
  head: EventHead,
): Promise<Operator> {
  const operator: Operator = { id: mintId('operator'), createdAt: head.at, ...fields }
  await refuseDuplicate('conflict', () =>
    needs.db.transaction(async (tx) => {
      await insertOperator(tx, operator)
      await record(tx, { ...head, kind: 'operator.saved', operator: operator.id, change: 'created' })
    }),
  )
  return operator
}

/** Ends their sessions too. Refuses `not_found`, and `last_commander` for the last one who can act. */
export async function disableOperator(
  needs: Pick<Needs, 'db'>,
  id: OperatorId,
  head: EventHead,
): Promise<Operator> {
  return needs.db.transaction(async (tx) => {
    // Two operators who disable or restrict each other at once must not leave nobody.
    await lockJournal(tx)
    const operator = await disableOperatorRow(tx, id, head.at)
    if (!operator) throw new Refusal('not_found', { operator: id })
    await spareLastCommander(tx, id, head.at)
    await record(tx, { ...head, kind: 'operator.saved', operator: id, change: 'disabled' })
    await endAllSessions({ db: tx }, { kind: 'operator', id }, 'operator', head)
    return operator
  })
}

export const findOperator = (needs: Pick<Needs, 'db'>, id: OperatorId): Promise<Operator | undefined> =>
  findOperatorRow(needs.db, id)

/** By name. */
export const listOperators = (needs: Pick<Needs, 'db'>): Promise<Operator[]> => listOperatorRows(needs.db)

/** In the caller's transaction: the first operator says who they are. Refuses `conflict`. */
export async function nameOperator(
  db: Needs['db'],
  id: OperatorId,
  fields: Pick<z.output<typeof newOperator>, 'name' | 'email'>,
  head: EventHead,
): Promise<void> {
  await refuseDuplicate('conflict', () => nameOperatorRow(db, id, fields))
  await record(db, { ...head, kind: 'operator.saved', operator: id, change: 'name email' })
}
