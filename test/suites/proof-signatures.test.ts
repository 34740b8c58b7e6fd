/** The SignatureKeys port, on every adapter. */

import { exportJWK, generateKeyPair, CompactSign } from 'jose'
import { describe, expect, test } from 'vitest'
import type { PublicJwk, SignatureAlgorithm, SignatureKeys } from '../../src/core/ports.ts'
import { signatures } from '../../src/runtime/signatures.ts'
import { webProofSignatures } from '../../src/tokens/web-proof-signatures.ts'

const adapters: Record<string, SignatureKeys> = { 'node:crypto': signatures, WebCrypto: webProofSignatures }
const algorithms: SignatureAlgorithm[] = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS384']

describe.each(Object.entries(adapters))('%s', (_name, keys) => {
  test.each(algorithms)('%s: its own signature, and no other', async (algorithm) => {
    const { publicKey, privateKey } = await generateKeyPair(algorithm)
    const isSigned = await keys.open((await exportJWK(publicKey)) as PublicJwk, algorithm)
    if (!isSigned) throw new Error('not opened')
    // Often enough to meet short numbers and high bits.
    for (let n = 0; n < 100; n += algorithm.startsWith('E') ? 1 : 20) {
      const jws = await new CompactSign(Buffer.from(`é${n}`))
        .setProtectedHeader({ alg: algorithm })
        .sign(privateKey)
      const [header = '', body = '', encoded = ''] = jws.split('.')
      const signature = Uint8Array.from(Buffer.from(encoded, 'base64url'))
      expect(await isSigned(`${header}.${body}`, signature)).toBe(true)
      expect(await isSigned(`${header}.${body}A`, signature)).toBe(false)
      signature[n % signature.length] = (signature[n % signature.length] ?? 0) ^ 1
      expect(await isSigned(`${header}.${body}`, signature)).toBe(false)
    }
  })

  test.each(algorithms)('%s: a signature of any other shape is false, never a throw', async (algorithm) => {
    const { publicKey } = await generateKeyPair(algorithm)
    const isSigned = await keys.open((await exportJWK(publicKey)) as PublicJwk, algorithm)
    for (const size of [0, 1, 63, 64, 65, 96, 256, 5000])
      for (const byte of [0, 0xff])
        expect(await isSigned?.('a.b', new Uint8Array(size).fill(byte))).toBe(false)
  })

  test('a point off the curve is no key', async () => {
    const { x = '' } = await exportJWK((await generateKeyPair('ES256')).publicKey)
    expect(await keys.open({ crv: 'P-256', kty: 'EC', x, y: x }, 'ES256')).toBeUndefined()
  })
})
