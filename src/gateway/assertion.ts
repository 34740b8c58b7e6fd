/**
 * What the upstream is told of the caller: a JWT of at most 60 s, audience the upstream. One per token and upstream,
 * reused while it lives (signing each request costs 46 µs with ES256); or one per call, bound to method and path, where
 * the resource or route asks for it. The upstream verifies it with the keys at `/.well-known/garde-assertion-keys`.
 */

import type { JWTPayload } from 'jose'
import { mintId, type RequestId } from '../core/ids.ts'
import type { Clock } from '../core/time.ts'
import { isPerson, type AccessClaims } from '../tokens/claims.ts'
import type { Keys } from '../tokens/keys.ts'

export const assertionHeader = 'garde-assertion'
const livesSeconds = 60
/** A reused one has at least this long to arrive. */
const reusedUntilSeconds = 10
const remembered = 20_000

export interface Bound {
  method: string
  /** Address at the upstream without query (RFC 9449's `htu`). */
  url: string
}

export interface Assertions {
  /** Synchronous when one for this token and upstream still lives. */
  forToken(claims: AccessClaims, upstream: string, recordsName: string): string | Promise<string>
  forRequest(claims: AccessClaims, upstream: string, recordsName: string, bound: Bound): Promise<string>
  /** The gateway's own word, for asking whose patient one is; bound to that question. */
  forGateway(upstream: string, bound: Bound): Promise<string>
}

export function createAssertions(keys: Pick<Keys, 'sign'>, clock: Clock, issuer: string): Assertions {
  let young = new Map<string, { upstream: string; jwt: string; exp: number }>()
  let old = young

  function sign(claims: JWTPayload, upstream: string): Promise<string> {
    const now = clock.now()
    const exp = Math.min(now + livesSeconds, claims.exp ?? Number.POSITIVE_INFINITY)
    return keys.sign('assertion', 'garde-assertion+jwt', {
      ...claims,
      iss: issuer,
      aud: upstream,
      iat: now,
      exp,
      jti: mintId('request') satisfies RequestId,
    })
  }

  async function signAndKeep(claims: AccessClaims, upstream: string, recordsName: string): Promise<string> {
    const exp = Math.min(clock.now() + livesSeconds, claims.exp)
    const jwt = await sign(callerClaims(claims, recordsName), upstream)
    if (young.size >= remembered) {
      old = young
      young = new Map()
    }
    young.set(claims.jti, { upstream, jwt, exp })
    return jwt
  }

  return {
    forToken(claims, upstream, recordsName) {
      const kept = young.get(claims.jti) ?? old.get(claims.jti)
      if (kept && kept.upstream === upstream && kept.exp - clock.now() > reusedUntilSeconds) return kept.jwt
      return signAndKeep(claims, upstream, recordsName)
    },
    forRequest: (claims, upstream, recordsName, bound) =>
      sign({ ...callerClaims(claims, recordsName), htm: bound.method, htu: bound.url }, upstream),
    forGateway: (upstream, bound) =>
      sign({ sub: 'garde-gateway', purpose: 'patient-lookup', htm: bound.method, htu: bound.url }, upstream),
  }
}

/**
 * `exp` of the token bounds the assertion's. `organization` is the practice as the records API names it. A service that
 * calls for nobody has no session and no assurance, and its role is `client`.
 */
const callerClaims = (claims: AccessClaims, recordsName: string): JWTPayload => ({
  sub: claims.sub,
  exp: claims.exp,
  client_id: claims.client_id,
  scope: claims.scope,
  practice: claims.practice,
  organization: recordsName,
  ...(isPerson(claims)
    ? { sid: claims.sid, acr: claims.acr, role: claims.role, ...(claims.act && { act: claims.act }) }
    : { role: 'client' }),
})
