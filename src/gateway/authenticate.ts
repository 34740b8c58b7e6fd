/** Who calls, by the token in the header alone (RFC 6750 §2.1), and, where it is bound to one, its key (RFC 9449 §7). */

import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { AccessClaims } from '../tokens/claims.ts'
import { readShown, requireHolder } from '../tokens/dpop.ts'
import type { RequestHeaders } from './headers.ts'
import type { GatewayServices } from './ports.ts'
import type { RequestView } from './request-view.ts'

type Needs = Pick<GatewayServices, 'tokens' | 'proofs' | 'issuer'>
type Request = Pick<RequestView, 'method' | 'target'>

/**
 * Refuses `token_missing`, `token_malformed`, and what the verifier and `requireHolder` refuse. Synchronous for a bearer
 * token seen before: what is byte for byte a token that was verified needs no look at its shape.
 */
export function authenticate(
  services: Needs,
  { authorization, proof }: RequestHeaders,
  request: Request,
  audience: string,
  now: Seconds,
): AccessClaims | Promise<AccessClaims> {
  if (authorization?.startsWith(usualScheme)) {
    const known = services.tokens.verifyCached(authorization.slice(usualScheme.length), audience, now)
    if (known && known.cnf === undefined) return known
  }
  return authenticateWhole(services, authorization, proof, request, audience, now)
}

const usualScheme = 'Bearer '

async function authenticateWhole(
  { tokens, proofs, issuer }: Needs,
  authorization: string | undefined,
  proof: string | undefined,
  { method, target }: Request,
  audience: string,
  now: Seconds,
): Promise<AccessClaims> {
  if (authorization === undefined) throw new Refusal('token_missing')
  const shown = readShown(authorization)
  if (!shown) throw new Refusal('token_malformed', { fault: 'authorization header' })
  const claims =
    tokens.verifyCached(shown.token, audience, now) ?? (await tokens.verify(shown.token, audience, now))
  // Where we are reached is configuration: a Host header of the caller's making moves no proof elsewhere.
  await requireHolder(proofs, shown, claims, { proof, method, target: `${issuer}${target}` }, now)
  return claims
}
