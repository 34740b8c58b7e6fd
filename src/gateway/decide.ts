/** May this request go on? Asked of the current snapshot every time; only the token's verification is ever cached. */

import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Basis, Facts, RestrictionView } from '../restrictions/facts.ts'
import type { AccessClaims } from '../tokens/claims.ts'

export interface Allowed {
  basis: Basis
  newPatients: number | undefined
}

export const factsOf = (claims: AccessClaims, safe: boolean): Facts => ({
  practitioner: claims.sub,
  practice: claims.practice,
  client: claims.client_id,
  session: claims.sid,
  sessionSequence: claims.session_sequence,
  grant: claims.grant_id,
  authTime: claims.auth_time,
  safe,
})

/** Refuses `restricted`, `read_only`, `step_up_required`, `session_ended`; and `state_unavailable` for a write while cold. */
export function requireAllowed(view: RestrictionView, facts: Facts, now: Seconds): Allowed {
  const verdict = view.decide(facts, now)
  if (!verdict.allow)
    throw new Refusal(verdict.reason, { by: verdict.by, message: verdict.message, basis: verdict.basis })
  if (verdict.basis.tier === 'cold' && !facts.safe) throw new Refusal('state_unavailable', { tier: 'cold' })
  return { basis: verdict.basis, newPatients: verdict.newPatients }
}

/** What nobody can say fresh restrictions about is not listed in bulk (design: cold is read-only, one patient at a time). */
export function requireListing(allowed: Allowed): void {
  if (allowed.basis.tier === 'cold') throw new Refusal('state_unavailable', { tier: 'cold' })
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD'])
export const isSafe = (method: string): boolean => safeMethods.has(method)
