/** Signing keys by use. The algorithm comes from the key's row, never from a token (RFC 8725 §3.1). */

import type { JSONWebKeySet, JWTPayload } from 'jose'
import type { AccessTokenVerifier } from './claims.ts'

export type KeyUse = 'token' | 'assertion' | 'checkpoint'
export type KeyAlgorithm = 'ES256' | 'RS256' | 'EdDSA'

/** Explicit for each kind, so that none passes for another (RFC 8725 §3.11). `JWT`: an ID token. */
export type TokenType = 'at+jwt' | 'JWT' | 'logout+jwt' | 'token-introspection+jwt' | 'garde-assertion+jwt'

/** The first of a use is what it signs with unless asked. One current key each. */
export const algorithms = {
  // RS256 is what OpenID Connect Core §15.1 and SMART want of ID tokens; protocols.md §4.
  token: ['ES256', 'RS256', 'EdDSA'],
  assertion: ['ES256'],
  checkpoint: ['EdDSA'],
} as const satisfies Record<KeyUse, readonly KeyAlgorithm[]>

export interface Keys extends AccessTokenVerifier {
  /** Compact JWS by the current key of that use and algorithm. */
  sign(use: 'token' | 'assertion', typ: TokenType, payload: JWTPayload, alg?: KeyAlgorithm): Promise<string>
  /** Ed25519 over bytes, for checkpoints (C2SP signed note). `publicKey`: 32 raw bytes. */
  signCheckpoint(data: Uint8Array<ArrayBuffer>): Promise<{ signature: Uint8Array; publicKey: Uint8Array }>
  /** Public keys in states next, current and retained. */
  jwks(use: KeyUse): JSONWebKeySet
  /** Takes over what the database says now. A revoked key verifies nothing from then on, cached tokens included. */
  reload(): Promise<void>
}
