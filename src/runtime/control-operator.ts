/** In whose name a local act is done: whatever can be asked of an operator names one. */

import { parseId, type OperatorId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { listOperators } from '../people/operators.ts'
import type { Services } from '../services.ts'

/** The one named, or the only one there is. Refuses `malformed_request` when it is not plain, `not_found`. */
export async function actingOperator(services: Services, named: unknown): Promise<OperatorId> {
  const operators = (await listOperators(services)).filter(({ disabledAt }) => disabledAt === undefined)
  const ids = operators.map(({ id }) => id)
  if (named !== undefined) {
    const wanted = parseId('operator', named)
    if (ids.includes(wanted)) return wanted
    throw new Refusal('not_found', { message: `There is no operator ${wanted}.` })
  }
  const [only] = ids
  if (ids.length === 1 && only) return only
  throw new Refusal('malformed_request', {
    message: only
      ? `Say who acts, with --operator or GARDE_OPERATOR: ${operators.map(({ id, name }) => `${id} (${name})`).join(' or ')}.`
      : 'There is no operator yet: open the set-up link first (garde setup-link).',
  })
}
