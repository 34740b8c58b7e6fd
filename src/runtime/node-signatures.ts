/**
 * Signatures by node:crypto with opened keys: ES256 signs in 19 µs where WebCrypto takes 76. DER in and out, converted
 * here, because an options object with `ieee-p1363` makes Node look the key up anew (47 µs). RSA signs in another thread:
 * half a millisecond is too long for the one that answers.
 */

import {
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto'
import type { Sign, Signatures, Verify } from '../core/ports.ts'
import type { KeyAlgorithm } from '../tokens/keys.ts'

interface Row {
  /** Of the key, as Node names it: a JWK of another kind is refused. */
  fits(key: KeyObject): boolean
  signer(key: KeyObject): Sign
  verifier(key: KeyObject): Verify
}

const rows: Record<KeyAlgorithm, Row> = {
  ES256: {
    fits: ({ asymmetricKeyDetails }) => asymmetricKeyDetails?.namedCurve === 'prime256v1',
    signer: (key) => (data) => rawOf(sign('sha256', data, key)),
    verifier: (key) => (data, signature) =>
      signature.length === 64 && verify('sha256', data, key, derOf(signature)),
  },
  RS256: {
    fits: ({ asymmetricKeyType, asymmetricKeyDetails }) =>
      asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048,
    signer: (key) => (data) =>
      new Promise((resolve, reject) => {
        sign('sha256', data, key, (error, signature) => (error ? reject(error) : resolve(signature)))
      }),
    verifier: (key) => (data, signature) => verify('sha256', data, key, signature),
  },
  EdDSA: {
    fits: ({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519',
    signer: (key) => (data) => sign(null, data, key),
    verifier: (key) => (data, signature) => verify(null, data, key, signature),
  },
}

export const nodeSignatures: Signatures = {
  signer: async (jwk, alg) => rows[alg].signer(fitting(createPrivateKey(input(jwk)), alg)),
  verifier: async (jwk, alg) => rows[alg].verifier(fitting(createPublicKey(input(jwk)), alg)),
}

const input = (key: object): JsonWebKeyInput => ({ key: key as JsonWebKeyInput['key'], format: 'jwk' })

function fitting(key: KeyObject, alg: KeyAlgorithm): KeyObject {
  if (!rows[alg].fits(key)) throw new TypeError(`not a key for ${alg}`)
  return key
}

/** ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279 §2.2.3): at P-256 every length is one byte. */
function rawOf(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64)
  const rEnd = 4 + (der[3] ?? 0)
  raw.set(...rightAligned(der.subarray(4, rEnd), 32))
  raw.set(...rightAligned(der.subarray(rEnd + 2), 64))
  return raw
}

/** What to set where, so that the integer ends at `end`; DER puts a zero before a first bit that is set. */
function rightAligned(integer: Uint8Array, end: number): [Uint8Array, number] {
  const digits = integer.subarray(Math.max(0, integer.length - 32))
  return [digits, end - digits.length]
}

function derOf(raw: Uint8Array): Uint8Array {
  const r = integerOf(raw.subarray(0, 32))
  const s = integerOf(raw.subarray(32))
  const der = new Uint8Array(6 + r.length + s.length)
  der.set([0x30, 4 + r.length + s.length, 0x02, r.length])
  der.set(r, 4)
  der.set([0x02, s.length], 4 + r.length)
  der.set(s, 6 + r.length)
  return der
}

/** Shortest two's complement of a number that is not negative (X.690 §8.3). */
function integerOf(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  return (digits[0] ?? 0) < 0x80 ? digits : Uint8Array.of(0, ...digits)
}
