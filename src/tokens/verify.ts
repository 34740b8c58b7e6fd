/**
 * Is this an access token of ours, for this audience, now? RFC 9068 §4 and RFC 8725. The algorithm comes from the key's
 * row; `exp` is exact (issuer and gateways share a clock discipline, and 300 s of life leave no room); `nbf` and `iat` may
 * be 60 s ahead.
 */

import { z } from 'zod'
import { text } from '../core/bytes.ts'
import type { Primitives, Verify } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { AccessClaims, AccessTokenVerifier } from './claims.ts'
import { parseCompact, type Header } from './compact.ts'
import { createTokenCache } from './token-cache.ts'

/** Public half of a key that signs access tokens. */
export interface VerificationKey {
  kid: string
  alg: string
  verify: Verify
}

export interface SwappableVerifier extends AccessTokenVerifier {
  /** From now on only these keys count, for tokens seen before too. */
  useKeys(keys: VerificationKey[]): void
}

const maximumCharacters = 8192
const toleranceSeconds = 60

const at = z.int().nonnegative()
const ofAll = {
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  exp: at,
  iat: at,
  nbf: at.optional(),
  jti: z.string(),
  client_id: z.string(),
  scope: z.string(),
  practice: z.string(),
  session_started_at: at,
  session_sequence: at,
  cnf: z.object({ jkt: z.string() }).optional(),
}

const act = z.object({
  sub: z.string(),
  get act() {
    return act.optional()
  },
})

const personClaims = z.object({
  ...ofAll,
  sid: z.string(),
  acr: z.enum(['garde:secret-otp', 'garde:passkey', 'garde:passkey-hw']),
  amr: z.array(z.string()),
  auth_time: at,
  role: z.enum(['clinician', 'secretary', 'manager']),
  grant_id: z.string(),
  doctors: z.int().optional(),
  credential_thumbprint: z.string().optional(),
  aaguid: z.string().optional(),
  act: act.optional(),
  granted_to: z.string().optional(),
  patient: z.string().optional(),
  encounter: z.string().optional(),
  fhirUser: z.string().optional(),
})

/** Half a person is nobody: whatever a person's token has and a service's has not is missing here by name. */
const serviceClaims = z
  .object({
    ...ofAll,
    sid: z.undefined().optional(),
    grant_id: z.undefined().optional(),
    act: z.undefined().optional(),
    patients_per_day: z.int().positive().optional(),
  })
  .refine(({ sub, client_id }) => sub === client_id)

const accessClaims = z.union([personClaims, serviceClaims])

export function createVerifier(issuer: string, primitives: Pick<Primitives, 'digest'>): SwappableVerifier {
  const cache = createTokenCache(primitives)
  let keys: ReadonlyMap<string, VerificationKey> = new Map()

  function verifyCached(token: string, audience: string, now: Seconds): AccessClaims | undefined {
    if (token.length > maximumCharacters) return undefined
    const claims = cache.find(token)
    return claims && claims.exp > now && claims.aud === audience ? claims : undefined
  }

  return {
    verifyCached,
    async verify(token, audience, now) {
      const known = verifyCached(token, audience, now)
      if (known) return known
      const used = keys
      const claims = readClaims(await provenPayload(token, used), issuer)
      checkTime(claims, now)
      // A swap of keys while this one was being verified must not leave it behind in the emptied cache.
      if (used === keys) cache.put(token, claims)
      if (claims.aud !== audience) throw new Refusal('token_audience', { aud: claims.aud })
      return claims
    },
    useKeys(next) {
      keys = new Map(next.map((key) => [key.kid, key]))
      cache.clear()
    },
  }
}

/** Size before parsing, then header, then signature. */
async function provenPayload(token: string, keys: ReadonlyMap<string, VerificationKey>): Promise<Uint8Array> {
  if (token.length > maximumCharacters) throw new Refusal('token_malformed', { fault: 'size' })
  const { header, payload, input, signature } = parseCompact(token)
  const key = keyFor(header, keys)
  if (!(await key.verify(input, signature))) throw new Refusal('token_signature')
  return payload
}

function keyFor(header: Header, keys: ReadonlyMap<string, VerificationKey>): VerificationKey {
  if (header.typ !== 'at+jwt') throw new Refusal('token_malformed', { fault: 'typ' })
  const key = typeof header.kid === 'string' ? keys.get(header.kid) : undefined
  if (!key) throw new Refusal('token_signature', { fault: 'kid' })
  if (key.alg !== header.alg) throw new Refusal('token_signature', { fault: 'alg' })
  return key
}

function readClaims(payload: Uint8Array, issuer: string): Readonly<AccessClaims> & { nbf?: Seconds } {
  const result = accessClaims.safeParse(parseJson(payload))
  if (!result.success) throw new Refusal('token_malformed', { fault: 'claims' })
  if (result.data.iss !== issuer) throw new Refusal('token_malformed', { fault: 'iss' })
  // Signed by our own key: the ids in it were branded when it was minted.
  return Object.freeze(result.data) as unknown as AccessClaims
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(text(payload))
  } catch {
    throw new Refusal('token_malformed', { fault: 'payload' })
  }
}

function checkTime(claims: AccessClaims & { nbf?: Seconds }, now: Seconds): void {
  if (claims.exp <= now) throw new Refusal('token_expired')
  if (Math.max(claims.iat, claims.nbf ?? 0) > now + toleranceSeconds)
    throw new Refusal('token_expired', { fault: 'not yet valid' })
}
