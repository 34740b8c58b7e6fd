/** Lifting and loosening ask who is really there: an operator who used a passkey within the last five minutes. */

import type { OperatorId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { freshSeconds } from '../people/own-passkeys.ts'
import type { Session } from '../people/session.ts'
import { acrAtLeast } from '../tokens/claims.ts'

export const isFresh = (session: Session, now: Seconds): boolean =>
  acrAtLeast(session.acr, 'garde:passkey') && session.authTime > now - freshSeconds

/** Refuses `session_required`, `operator_required` and `fresh_passkey_required`. */
export function requireFreshOperator(session: Session | undefined, now: Seconds): OperatorId {
  if (!session) throw new Refusal('session_required')
  if (session.holder.kind !== 'operator') throw new Refusal('operator_required')
  if (!isFresh(session, now)) throw new Refusal('fresh_passkey_required', { authTime: session.authTime })
  return session.holder.id
}
