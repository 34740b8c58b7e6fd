/** Who calls, by the bearer token alone (RFC 6750 §2.1: header only). Verified once per token, then from its cache. */

import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { AccessClaims, AccessTokenVerifier } from '../tokens/claims.ts'

/**
 * Refuses `token_missing`, `token_malformed`, and what the verifier refuses. Synchronous for a token seen before: what is
 * byte for byte a token that was verified needs no look at its shape.
 */
export function authenticate(
  tokens: AccessTokenVerifier,
  authorization: string | undefined,
  audience: string,
  now: Seconds,
): AccessClaims | Promise<AccessClaims> {
  if (authorization?.startsWith(usualScheme)) {
    const known = tokens.verifyCached(authorization.slice(usualScheme.length), audience, now)
    if (known) return known
  }
  return tokens.verify(bearerToken(authorization), audience, now)
}

const usualScheme = 'Bearer '
/** RFC 6750 §2.1: b64token. The scheme's name is case-insensitive (RFC 9110 §11.1). */
const shape = /^bearer ([A-Za-z0-9\-._~+/]+=*)$/i

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined) throw new Refusal('token_missing')
  const token = shape.exec(authorization)?.[1]
  if (token === undefined) throw new Refusal('token_malformed', { fault: 'authorization header' })
  return token
}
