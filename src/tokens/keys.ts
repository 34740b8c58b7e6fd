/** Signing keys by use. The algorithm comes from the key's row, never from a token (RFC 8725 §3.1). */

import type { JSONWebKeySet, JWTPayload } from 'jose'
import type { AccessTokenVerifier } from './claims.ts'

export type KeyUse = 'token' | 'assertion' | 'checkpoint'

export interface Keys extends AccessTokenVerifier {
  /** Compact JWS by the current key of that use; `typ` explicit for each kind (RFC 8725 §3.11). */
  sign(
    use: 'token' | 'assertion',
    typ: 'at+jwt' | 'JWT' | 'garde-assertion+jwt',
    payload: JWTPayload,
  ): Promise<string>
  /** Ed25519 over bytes, for checkpoints (C2SP signed note). `publicKey`: 32 raw bytes. */
  signCheckpoint(data: Uint8Array<ArrayBuffer>): Promise<{ signature: Uint8Array; publicKey: Uint8Array }>
  /** Public keys in states next, current and retained. */
  jwks(use: KeyUse): JSONWebKeySet
  /** Takes over what the database says now. A revoked key verifies nothing from then on, cached tokens included. */
  reload(): Promise<void>
}
