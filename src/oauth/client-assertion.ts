/** `private_key_jwt`: RFC 7523 §3, OpenID Connect Core §9, FAPI 2.0 Security Profile §5.3.2.1. An assertion is taken once. */

import { z } from 'zod'
import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { openSigned, readClaims } from './signed-by-client.ts'
import { fromBase64url } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Services } from '../services.ts'
import { takeOnce } from '../tokens/taken-store.ts'
import { paths } from './accepted.ts'

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
/** RFC 7515 says no more than `JWT`; the other is explicit (RFC 8725 §3.11). */
const types = [undefined, 'JWT', 'client-authentication+jwt']
const maximumCharacters = 8192
const lifeSeconds = 300
/** FAPI 2.0 Security Profile §5.3.2.1-13: up to 10 s ahead is accepted, over 60 s refused. */
const aheadSeconds = 60
/** Another node may be behind the one that took it. */
const skewSeconds = 60

const shape = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string()).min(1).max(5)]),
  exp: z.number(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  jti: z.string().min(1).max(256),
})
type Claims = z.output<typeof shape>

/** Whom it names, before anything is proven: the client whose keys are to be asked. */
export function clientNamedBy(assertion: string): string {
  try {
    if (assertion.length > maximumCharacters) return ''
    const { sub } = readClaims(fromBase64url(assertion.split('.')[1] ?? '')) ?? {}
    return typeof sub === 'string' ? sub : ''
  } catch {
    // Not base64url: it names nobody.
    return ''
  }
}

/** Refuses `client_authentication_failed`; the detail says which claim. */
export async function proveAssertion(services: Services, client: Client, assertion: string): Promise<void> {
  const { db, primitives, clock, config } = services
  const refuse = (fault: string): never => {
    throw new Refusal('client_authentication_failed', { client: client.id, method: 'private_key_jwt', fault })
  }
  const signed = await openSigned(services.clientKeys, client, assertion, maximumCharacters)
  if ('fault' in signed) return refuse(signed.fault)
  const claims = shape.safeParse(readClaims(signed.payload)).data
  if (!types.includes(signed.typ)) return refuse('typ')
  if (!claims) return refuse('claims')
  const fault = faultOf(claims, client, config.issuer, clock.now())
  if (fault) return refuse(fault)
  const hash = primitives.digest(JSON.stringify([client.id, claims.jti]))
  if (!(await takeOnce(db, 'client-assertion', hash, Math.ceil(claims.exp) + skewSeconds)))
    return refuse('jti taken')
}

function faultOf(claims: Claims, client: Client, issuer: string, now: Seconds): string | undefined {
  if (claims.iss !== client.id) return 'iss'
  if (claims.sub !== client.id) return 'sub'
  if (!isForUs(claims.aud, client, issuer)) return 'aud'
  if (claims.exp <= now || claims.exp > now + lifeSeconds + 10) return 'exp'
  return Math.max(claims.iat ?? 0, claims.nbf ?? 0) > now + aheadSeconds ? 'not yet valid' : undefined
}

/** By the profile: the issuer as one string; elsewhere also an endpoint, and a list of nothing but ours (RFC 7523 §3, 3). */
function isForUs(aud: Claims['aud'], client: Client, issuer: string): boolean {
  if (profileRow(client.profile).assertionAudience === 'issuer') return aud === issuer
  const ours = [issuer, ...endpoints.map((path) => `${issuer}${path}`)]
  return (typeof aud === 'string' ? [aud] : aud).every((each) => ours.includes(each))
}

/** RFC 9126 §2: any of them, wherever it is shown. */
const endpoints = [paths.token, paths.pushed]
