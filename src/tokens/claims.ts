/** What an access token says (RFC 9068, SMART, and the fixed session facts that restrictions are judged on). */

import type { ClientId, GrantId, PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'

/** Weakest first. */
export const acrOrder = ['garde:secret-otp', 'garde:passkey', 'garde:passkey-hw'] as const
export type Acr = (typeof acrOrder)[number]
/** What a sign-in can reach: hardware is proven by attestation alone, which no enrolment asks for yet. */
export const acrReached = ['garde:secret-otp', 'garde:passkey'] as const satisfies readonly Acr[]
export const acrAtLeast = (have: Acr, want: Acr): boolean => acrOrder.indexOf(have) >= acrOrder.indexOf(want)

/** RFC 8176 values we use. */
export type Amr = 'hwk' | 'swk' | 'user' | 'pin' | 'pwd' | 'otp' | 'mfa' | 'phr' | 'phrh'

export type Role = 'clinician' | 'secretary' | 'manager'

/** Fixed at sign-in; never change while the session lives; step-up and refresh never move them. */
export interface SessionFacts {
  session_started_at: Seconds
  /** The journal's sequence at sign-in. */
  session_sequence: number
  /** SHA-256 of the credential's public key, base64url; absent for secret and code. */
  credential_thumbprint?: string
  aaguid?: string
}

/** Of every access token. `typ` is `at+jwt`; lives 300 s at most. */
interface TokenClaims {
  iss: string
  aud: string
  exp: Seconds
  iat: Seconds
  jti: string
  client_id: ClientId
  /** Space-separated, RFC 6749 §3.3. */
  scope: string
  practice: PracticeId
  /** RFC 9449 §6.1: whoever shows the token proves that key; as a Bearer token it is worth nothing. */
  cnf?: { jkt: string }
}

/** RFC 8693 §4.1: who acts for the person; inside, for whom that one acted. */
export interface Act {
  sub: ClientId
  act?: Act
}

/** A person's, through a client. */
export interface PersonClaims extends TokenClaims, SessionFacts {
  /** The practitioner. */
  sub: PractitionerId
  sid: SessionId
  acr: Acr
  amr: Amr[]
  auth_time: Seconds
  role: Role
  grant_id: GrantId
  /** Secretary: of how many doctors (quota). */
  doctors?: number
  /** RFC 8693 §4.1: the service that acts for the person. */
  act?: Act
  /** The client that the person let in, where another one acts. */
  granted_to?: ClientId
  /** SMART launch context, ids in the records API. */
  patient?: string
  encounter?: string
  /** SMART: address of the person's own FHIR resource, where the token's scope gives it. */
  fhirUser?: string
}

/** A service's own (`client_credentials`): nobody's session. Its token is its session, begun when it was issued. */
export interface ServiceClaims
  extends TokenClaims, Pick<SessionFacts, 'session_started_at' | 'session_sequence'> {
  /** The client itself (RFC 9068 §2.2). */
  sub: ClientId
  sid?: undefined
  /** Distinct patients in 24 h, where its registration says; the table's figure otherwise (quota). */
  patients_per_day?: number
}

/** JWT payload of an access token. */
export type AccessClaims = PersonClaims | ServiceClaims
/** On whose account patients are counted and calls are open. */
export type Subject = AccessClaims['sub']

/** No client id looks like a practitioner's (`clientShape`), but only the session says that a person signed in. */
export const isPerson = (claims: AccessClaims): claims is PersonClaims => claims.sid !== undefined

/** Refuses `token_malformed`, `token_signature`, `token_expired`, `token_audience`. One verification per token: the rest is cache. */
export interface AccessTokenVerifier {
  verify(token: string, audience: string, now: Seconds): Promise<AccessClaims>
  /**
   * Synchronous, about a microsecond. Undefined when the token was not verified before, is over, or is for another
   * audience: ask `verify`, which says which. The caller MUST NOT cache it, nor any decision made from it.
   */
  verifyCached(token: string, audience: string, now: Seconds): AccessClaims | undefined
}
