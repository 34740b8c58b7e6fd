/** Lifting and loosening ask who is really there: an operator who used a passkey for this act, or within five minutes. */

import type { EventHead } from '../audit/event.ts'
import type { OperatorId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { requireConfirmation, type Act } from '../people/confirmation.ts'
import type { Needs } from '../people/needs.ts'
import { freshSeconds } from '../people/own-passkeys.ts'
import type { Session } from '../people/session.ts'
import { acrAtLeast } from '../tokens/claims.ts'

declare const proven: unique symbol
/** Made here only, so that nothing that asks for it can be called with a mere name. */
export type ProvenOperator = OperatorId & { readonly [proven]: true }

export const isFresh = (session: Session, now: Seconds): boolean =>
  acrAtLeast(session.acr, 'garde:passkey') && session.authTime > now - freshSeconds

/** Refuses `session_required`, `operator_required` and `fresh_passkey_required`. */
export function requireFreshOperator(session: Session | undefined, now: Seconds): ProvenOperator {
  const operator = operatorOf(session)
  if (!session || !isFresh(session, now))
    throw new Refusal('fresh_passkey_required', { authTime: session?.authTime })
  return operator as ProvenOperator
}

/** A touch for this very act, however young the session. Refuses as `requireConfirmation`, and `operator_required`. */
export async function requireConfirmedOperator(
  needs: Needs,
  session: Session,
  browserHash: string,
  act: Act,
  answer: string | undefined,
  head: EventHead,
): Promise<ProvenOperator> {
  const operator = operatorOf(session)
  await requireConfirmation(needs, session, browserHash, act, answer, head)
  return operator as ProvenOperator
}

function operatorOf(session: Session | undefined): OperatorId {
  if (!session) throw new Refusal('session_required')
  if (session.holder.kind !== 'operator') throw new Refusal('operator_required')
  return session.holder.id
}
