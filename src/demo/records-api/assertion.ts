/**
 * The only security of this API: whoever calls must bring the gateway's signed assertion, a JWT of at most 60 s whose
 * audience is this API. Everything else (who may see which patient) is Garde's to decide, before the call arrives.
 */

import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { Fault } from './fhir.ts'

export const assertionHeader = 'garde-assertion'

export interface Caller {
  method: string
  /** Path and query as they arrived. */
  url: string
  assertion: string | undefined
}

/** Answers the assertion's claims, or refuses with a 401 Fault. */
export type VerifyAssertion = (caller: Caller) => Promise<JWTPayload>

export interface AssertionTrust {
  issuer: string
  /** This API's own address, as the gateway knows its upstream. */
  audience: string
  keys: JWTVerifyGetKey
  /** Seconds since 1970; the clock of this machine unless a test has its own. */
  now?: () => number
}

export const publishedKeys = (issuer: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(`${issuer}/.well-known/garde-assertion-keys`), { cooldownDuration: 1000 })

export function assertionVerifier({ issuer, audience, keys, now }: AssertionTrust): VerifyAssertion {
  return async ({ method, url, assertion }) => {
    if (assertion === undefined) throw refused('calls come through Garde: no signed assertion was sent')
    const { payload } = await jwtVerify(assertion, keys, {
      issuer,
      audience,
      typ: 'garde-assertion+jwt',
      requiredClaims: ['exp', 'iat'],
      maxTokenAge: 60,
      clockTolerance: 5,
      ...(now && { currentDate: new Date(now() * 1000) }),
    }).catch((error: unknown) => {
      throw refused(`the signed assertion is not valid: ${codeOf(error)}`)
    })
    if (!boundTo(payload, method, url)) throw refused('the signed assertion was made for another call')
    return payload
  }
}

const refused = (diagnostics: string) => new Fault(401, 'login', diagnostics)

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'it cannot be checked'

/** An assertion that names method and path holds for that call only. */
const boundTo = (payload: JWTPayload, method: string, url: string): boolean =>
  (payload['htm'] === undefined || payload['htm'] === method) &&
  (payload['htu'] === undefined || pathOf(payload['htu']) === pathOf(url))

const pathOf = (url: unknown): string => new URL(String(url), 'http://api.invalid').pathname
