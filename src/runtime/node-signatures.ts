/**
 * Signatures by node:crypto with opened keys: ES256 signs in 19 µs and verifies in 51 where WebCrypto takes 76 to 83, and
 * jose 154 from a proof's own header. DER in and out (`der.ts`), because an options object with `ieee-p1363` makes Node
 * look the key up anew (47 and 79 µs). RSA signs in another thread: half a millisecond is too long for the one that answers.
 */

import {
  constants,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'
import type { Sign, SignatureAlgorithm, Signatures, Verify } from '../core/ports.ts'
import type { KeyAlgorithm } from '../tokens/keys.ts'
import { derOf, rawOf } from './der.ts'

interface Row {
  /** Of the key, as Node names it: a JWK of another kind is refused. */
  fits(key: KeyObject): boolean
  verifier(key: KeyObject): Verify
}

const ecdsa = (namedCurve: string, hash: string, bytes: number): Row => ({
  fits: ({ asymmetricKeyDetails }) => asymmetricKeyDetails?.namedCurve === namedCurve,
  verifier: (key) => (data, signature) =>
    signature.length === 2 * bytes && verify(hash, data, key, derOf(signature, bytes)),
})

const rsa = (verifier: Row['verifier']): Row => ({
  fits: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
    asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048,
  verifier,
})

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }

const rows: Record<SignatureAlgorithm, Row> = {
  ES256: ecdsa('prime256v1', 'sha256', 32),
  ES384: ecdsa('secp384r1', 'sha384', 48),
  EdDSA: {
    fits: ({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519',
    verifier: (key) => (data, signature) => verify(null, data, key, signature),
  },
  PS256: rsa((key) => (data, signature) => verify('sha256', data, { key, ...pss }, signature)),
  RS256: rsa((key) => (data, signature) => verify('sha256', data, key, signature)),
  RS384: rsa((key) => (data, signature) => verify('sha384', data, key, signature)),
}

const signers: Record<KeyAlgorithm, (key: KeyObject) => Sign> = {
  ES256: (key) => (data) => rawOf(sign('sha256', data, key), 32),
  RS256: (key) => (data) =>
    new Promise((resolve, reject) => {
      sign('sha256', data, key, (error, signature) => (error ? reject(error) : resolve(signature)))
    }),
  EdDSA: (key) => (data) => sign(null, data, key),
}

export const nodeSignatures: Signatures = {
  signer: async (jwk, alg) => {
    const key = createPrivateKey(input(jwk))
    if (!rows[alg].fits(key)) throw new TypeError(`not a key for ${alg}`)
    return signers[alg](key)
  },
  verifier: async (jwk, alg) => {
    const key = publicKey(jwk)
    return key && rows[alg].fits(key) ? rows[alg].verifier(key) : undefined
  },
}

const input = (key: object): JsonWebKeyInput => ({ key: key as JsonWebKeyInput['key'], format: 'jwk' })

function publicKey(jwk: object): KeyObject | undefined {
  try {
    return createPublicKey(input(jwk))
  } catch {
    // A point off the curve, a number no key has, a shared secret: the caller is told that it is no key.
    return undefined
  }
}
