/**
 * Signatures of others by node:crypto, synchronously: an ES256 check takes 54 µs this way, 79 with `ieee-p1363`, 154
 * through jose (design, hot path). ECDSA signatures are therefore rewritten from JOSE's two numbers to DER.
 */

import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { SignatureAlgorithm, SignatureKeys } from '../core/ports.ts'

type Check = (key: KeyObject, signed: Uint8Array, signature: Uint8Array) => boolean

const ecdsa =
  (hash: string, bytes: number): Check =>
  (key, signed, signature) =>
    signature.length === 2 * bytes && verify(hash, signed, key, der(signature, bytes))

const checks: Record<SignatureAlgorithm, Check> = {
  ES256: ecdsa('sha256', 32),
  ES384: ecdsa('sha384', 48),
  EdDSA: (key, signed, signature) => verify(null, signed, key, signature),
  PS256: (key, signed, signature) =>
    verify('sha256', signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature),
  RS384: (key, signed, signature) => verify('sha384', signed, key, signature),
}

export const signatures: SignatureKeys = {
  open(jwk, algorithm) {
    const key = openKey(jwk)
    const check = checks[algorithm]
    return key && ((signed, signature) => check(key, Buffer.from(signed), signature))
  },
}

function openKey(jwk: Readonly<Record<string, string>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    // A point off the curve, or a number no key has: the caller refuses it.
    return undefined
  }
}

/** RFC 3279 §2.2.3: SEQUENCE of two INTEGERs. Up to 104 bytes, so each length is one byte. */
function der(signature: Uint8Array, bytes: number): Uint8Array {
  const numbers = [...integer(signature.subarray(0, bytes)), ...integer(signature.subarray(bytes))]
  return Uint8Array.from([0x30, numbers.length, ...numbers])
}

function integer(bytes: Uint8Array): number[] {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = [...bytes.subarray(start)]
  // The highest bit is the sign.
  if ((digits[0] ?? 0) >= 0x80) digits.unshift(0)
  return [0x02, digits.length, ...digits]
}
