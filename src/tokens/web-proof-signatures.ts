/** Signatures of others by WebCrypto: for platforms without a synchronous one. */

import { utf8 } from '../core/bytes.ts'
import type { SignatureAlgorithm, SignatureKeys } from '../core/ports.ts'

interface Row {
  key: { name: string; namedCurve?: string; hash?: string }
  check: { name: string; hash?: string; saltLength?: number }
}

const rows: Record<SignatureAlgorithm, Row> = {
  ES256: { key: { name: 'ECDSA', namedCurve: 'P-256' }, check: { name: 'ECDSA', hash: 'SHA-256' } },
  ES384: { key: { name: 'ECDSA', namedCurve: 'P-384' }, check: { name: 'ECDSA', hash: 'SHA-384' } },
  EdDSA: { key: { name: 'Ed25519' }, check: { name: 'Ed25519' } },
  PS256: { key: { name: 'RSA-PSS', hash: 'SHA-256' }, check: { name: 'RSA-PSS', saltLength: 32 } },
  RS384: { key: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' }, check: { name: 'RSASSA-PKCS1-v1_5' } },
}

export const webProofSignatures: SignatureKeys = {
  async open(jwk, algorithm) {
    const { key: shape, check } = rows[algorithm]
    const key = await crypto.subtle.importKey('jwk', { ...jwk }, shape, false, ['verify']).catch(noKey)
    return key && ((signed, signature) => crypto.subtle.verify(check, key, signature, utf8(signed)))
  },
}

/** DataError: these members are no such key. Anything else is a bug. */
function noKey(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'DataError') return undefined
  throw error
}
