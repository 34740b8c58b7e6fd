/**
 * `at_hash` (OpenID Connect Core §3.1.3.6): the left half of the access token's digest, by the hash of the algorithm that
 * signs the ID token. EdDSA over Ed25519: SHA-512 (RFC 8032 §5.1, as the specification's errata read it).
 */

import { base64url, utf8 } from '../core/bytes.ts'
import type { KeyAlgorithm } from '../tokens/keys.ts'

const hashes: Record<KeyAlgorithm, 'SHA-256' | 'SHA-512'> = {
  ES256: 'SHA-256',
  RS256: 'SHA-256',
  EdDSA: 'SHA-512',
}

export async function atHash(accessToken: string, alg: KeyAlgorithm): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest(hashes[alg], utf8(accessToken)))
  return base64url(digest.subarray(0, digest.length / 2))
}
