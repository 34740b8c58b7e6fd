/**
 * What the core borrows from whoever runs it. `runtime/` lends the implementations; nothing else may know where the
 * program runs. Every port's contract is tested by one suite in `test/suites`, run on every adapter.
 */

import type { JWK } from 'jose'
import type { KeyAlgorithm } from '../tokens/keys.ts'

/** Synchronous primitives of the platform (node:crypto, which workerd has too). */
export interface Primitives {
  /** A text as UTF-8: it costs a third of what the same text costs as bytes made for it. */
  sha256(data: Uint8Array | string): Uint8Array
  /** Base64url of SHA-256 of the text as UTF-8. For the hot path: a string in and out costs a third of bytes. */
  digest(text: string): string
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array
  /** Constant time; false when lengths differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean
  /** Memory-hard: N = 2^15, r = 8, p = 3 (ASVS 5.0 11.4.2); 32 bytes out. */
  scrypt(secret: Uint8Array, salt: Uint8Array): Promise<Uint8Array>
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Structured, one JSON line each. MUST redact; MUST NOT be given secrets, patient data, queries or bodies. */
export interface Log {
  (level: LogLevel, message: string, fields?: Record<string, unknown>): void
}

/** The files under `src/ui/assets`, as they are. Names have been checked: one segment, no dot but the extension's. */
export interface AssetSource {
  find(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/** Slows a source. It throttles and never locks: a count that locks something is a row of ours. */
export interface Throttle {
  /** Takes one point of `key` in bucket `name`. Answers how long to wait when there was none left. */
  take(
    name: ThrottleName,
    key: string,
  ): Promise<{ allowed: true } | { allowed: false; retryAfterSeconds: number }>
}

export type ThrottleName =
  | 'signin-source'
  | 'signin-network'
  | 'signin-join'
  | 'signin-place'
  | 'enrolment-source'
  | 'token-source'
  | 'admin-source'
  | 'device-code'
  | 'registration-source'

/**
 * Calls to addresses that others wrote down (a client's keys, where it wants to hear of a logout). The adapter MUST refuse
 * what `outbound-address.ts` refuses, after names are resolved too where it can see that; MUST connect to the address it
 * checked; MUST NOT follow redirects; MUST end within `outboundSeconds` and `outboundBytes`.
 */
export interface Outbound {
  call(call: OutboundCall): Promise<OutboundAnswer>
}

export interface OutboundCall {
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
}

/** Any status but a redirect is an answer; header names in lower case. A fault says which bound was hit, never where. */
export type OutboundAnswer =
  { status: number; headers: Record<string, string | undefined>; body: Uint8Array } | { fault: OutboundFault }

export type OutboundFault = 'address' | 'redirect' | 'size' | 'time' | 'encoding' | 'unreachable'

/** From the first question to the name server until the last byte. */
export const outboundSeconds = 3
export const outboundBytes = 65_536

/** JWS algorithms (RFC 7518 §3.1, RFC 8037), all asymmetric. */
export type SignatureAlgorithm = 'ES256' | 'ES384' | 'EdDSA' | 'PS256' | 'RS256' | 'RS384'

/** The members of a public JWK (RFC 7517) and nothing else. */
export type PublicJwk = Readonly<Record<string, string>>

/**
 * Signatures of JOSE, in its form (ECDSA: r ‖ s, RFC 7518 §3.4), ours and others'. A key is opened once and used often, its
 * algorithm is the caller's word. On Node a third of what WebCrypto takes for ES256, and no turn of the event loop.
 */
export interface Signatures {
  /** Throws where key and algorithm do not fit. */
  signer(privateJwk: JWK, alg: KeyAlgorithm): Promise<Sign>
  /** Undefined where these members are no key of this algorithm (another kind, a point off the curve, a short modulus). */
  verifier(publicJwk: object, alg: SignatureAlgorithm): Promise<Verify | undefined>
}
export type Sign = (data: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>
/** False for whatever is no signature of that data, of any length, never a throw; synchronous where the platform can. */
export type Verify = (
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
) => boolean | Promise<boolean>
