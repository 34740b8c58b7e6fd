/** A new key pair, and which half of it anybody may see. RSA is 2048 bits (RFC 7518 §3.3). */

import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { KeyAlgorithm } from './keys.ts'

/** A private key as a JWK. About 0.2 s for RSA, in another thread; the others take none to speak of. */
export type MintPrivateKey = (alg: KeyAlgorithm) => Promise<JWK>

export const mintPrivateKey: MintPrivateKey = async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  return exportJWK(privateKey)
}

/** RFC 7518 §6: what else a JWK holds is private, or not for us. */
const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const

export interface PublishedKey {
  /** RFC 7638, SHA-256. */
  kid: string
  publicJwk: Record<string, string>
}

export async function publishedHalf(privateJwk: JWK, alg: KeyAlgorithm): Promise<PublishedKey> {
  const half: Record<string, string> = {}
  for (const name of publicMembers) if (typeof privateJwk[name] === 'string') half[name] = privateJwk[name]
  const kid = await calculateJwkThumbprint(half, 'sha256')
  return { kid, publicJwk: { ...half, kid, alg, use: 'sig' } }
}
