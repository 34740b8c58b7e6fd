/** Signatures by WebCrypto: wherever the program runs. Node lends faster ones (`runtime/node-signatures.ts`). */

import { importJWK, type CryptoKey, type JWK } from 'jose'
import type { Signatures } from '../core/ports.ts'
import type { KeyAlgorithm } from './keys.ts'

const parameters = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  EdDSA: { name: 'Ed25519' },
} as const satisfies Record<KeyAlgorithm, object>

async function open(jwk: JWK, alg: KeyAlgorithm): Promise<CryptoKey> {
  const key = await importJWK(jwk, alg)
  // A shared secret comes as bytes.
  if (key instanceof Uint8Array) throw new TypeError(`not a key for ${alg}`)
  return key
}

export const webSignatures: Signatures = {
  signer: async (privateJwk, alg) => {
    const key = await open(privateJwk, alg)
    return async (data) => new Uint8Array(await crypto.subtle.sign(parameters[alg], key, data))
  },
  verifier: async (publicJwk, alg) => {
    const key = await open(publicJwk, alg)
    return (data, signature) => crypto.subtle.verify(parameters[alg], key, signature, data)
  },
}
