/** A refusal to somebody we know goes into the log that care depends on, durably, before it is answered. */

import type { RestrictionId } from '../core/ids.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Call } from './call.ts'

/** `detail.by` names the restriction, `detail.patient` the pseudonym, where there are any. Refuses `audit_unavailable`. */
export async function recordRefusal(
  call: Call,
  { reason, detail }: Refusal,
  route = call.route,
): Promise<void> {
  const { by, patient } = detail
  await call.append(
    [
      {
        kind: 'access.refused',
        reason,
        ...(typeof by === 'string' && { by: by as RestrictionId }),
        ...(typeof patient === 'string' && { patient }),
      },
    ],
    [],
    route,
  )
}
