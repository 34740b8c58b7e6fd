/** Signatures by WebCrypto: wherever the program runs. Node lends faster ones (`runtime/node-signatures.ts`). */

import type { CryptoKey } from 'jose'
import type { SignatureAlgorithm, Signatures } from '../core/ports.ts'

interface Row {
  key: { name: string; namedCurve?: string; hash?: string }
  use: { name: string; hash?: string; saltLength?: number }
}

const ecdsa = (namedCurve: string, hash: string): Row => ({
  key: { name: 'ECDSA', namedCurve },
  use: { name: 'ECDSA', hash },
})
const rsa = (hash: string): Row => ({
  key: { name: 'RSASSA-PKCS1-v1_5', hash },
  use: { name: 'RSASSA-PKCS1-v1_5' },
})

const rows: Record<SignatureAlgorithm, Row> = {
  ES256: ecdsa('P-256', 'SHA-256'),
  ES384: ecdsa('P-384', 'SHA-384'),
  EdDSA: { key: { name: 'Ed25519' }, use: { name: 'Ed25519' } },
  PS256: { key: { name: 'RSA-PSS', hash: 'SHA-256' }, use: { name: 'RSA-PSS', saltLength: 32 } },
  RS256: rsa('SHA-256'),
  RS384: rsa('SHA-384'),
}

export const webSignatures: Signatures = {
  signer: async (privateJwk, alg) => {
    const { key: shape, use } = rows[alg]
    const key = await crypto.subtle.importKey('jwk', bare(privateJwk), shape, false, ['sign'])
    return async (data) => new Uint8Array(await crypto.subtle.sign(use, key, data))
  },
  verifier: async (publicJwk, alg) => {
    const { key: shape, use } = rows[alg]
    const key = await crypto.subtle.importKey('jwk', bare(publicJwk), shape, false, ['verify']).catch(noKey)
    if (!key || isShort(key)) return undefined
    return (data, signature) => crypto.subtle.verify(use, key, signature, data)
  },
}

/** The key alone: what it says of its own use is the caller's to judge, and platforms differ in the names they know. */
function bare(jwk: object): Record<string, string> {
  const said = ['alg', 'use', 'key_ops', 'ext', 'kid']
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => !said.includes(name)))
}

const isShort = ({ algorithm }: CryptoKey): boolean =>
  'modulusLength' in algorithm && Number(algorithm.modulusLength) < 2048

/** DataError: these members are no such key. Anything else is a bug. */
function noKey(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'DataError') return undefined
  throw error
}
