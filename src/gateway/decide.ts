/** May this request go on? Asked of the current snapshot every time; only the token's verification is ever cached. */

import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { SignInDemand } from '../resources/resource.ts'
import type { Facts, RestrictionView, Verdict } from '../restrictions/facts.ts'
import { acrAtLeast, isPerson, type AccessClaims } from '../tokens/claims.ts'

export type Allowed = Extract<Verdict, { allow: true }>

/** Refuses `restricted`, `read_only`, `step_up_required`, `session_ended`, `state_unavailable`. */
export function requireAllowed(view: RestrictionView, facts: Facts, now: Seconds): Allowed {
  const verdict = view.decide(facts, now)
  if (verdict.allow) return verdict
  const { reason, by, message, basis } = verdict
  throw new Refusal(reason, { by, message, basis })
}

/**
 * What the resource, or one of its routes, demands of the sign-in behind the token: a service has none, and what asks for
 * a person is not for it. Refuses `step_up_required`.
 */
export function requireSignIn(claims: AccessClaims, signIn: SignInDemand | undefined, now: Seconds): void {
  if (!signIn) return
  const { acr, maxAge } = signIn
  if (!isPerson(claims)) throw new Refusal('step_up_required', { signIn })
  const weak = acr !== undefined && !acrAtLeast(claims.acr, acr)
  const old = maxAge !== undefined && now - claims.auth_time > maxAge
  if (weak || old) throw new Refusal('step_up_required', { signIn })
}

/** What nobody can say fresh restrictions about is not listed in bulk (design: cold is read-only, one patient at a time). */
export function requireListing(allowed: Allowed): void {
  if (allowed.basis.tier === 'cold') throw new Refusal('state_unavailable', { tier: 'cold' })
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD'])
export const isSafe = (method: string): boolean => safeMethods.has(method)
