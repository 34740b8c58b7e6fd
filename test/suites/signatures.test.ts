/** The port `Signatures` on both adapters: published examples, and each believes the other and nobody else. */

import { inject, describe, expect, test } from 'vitest'
import type { JWK } from 'jose'
import { base64url, fromBase64url, randomBytes, utf8 } from '../../src/core/bytes.ts'
import type { Signatures } from '../../src/core/ports.ts'
import { nodeSignatures } from '../../src/runtime/node-signatures.ts'
import type { KeyAlgorithm } from '../../src/tokens/keys.ts'
import { mintPrivateKey, publishedHalf } from '../../src/tokens/mint-key.ts'
import { webSignatures } from '../../src/tokens/web-signatures.ts'
import { ed25519Private, signed, thumbprints } from '../vectors/jose.ts'

const adapters: [string, Signatures, other: Signatures][] = [
  ['node:crypto', nodeSignatures, webSignatures],
  ['WebCrypto', webSignatures, nodeSignatures],
]
const algs = ['ES256', 'RS256', 'EdDSA'] as const

async function keyOf(alg: KeyAlgorithm): Promise<{ secret: JWK; open: JWK }> {
  const secret = alg === 'RS256' ? (JSON.parse(inject('rsaKeys')[0] ?? '') as JWK) : await mintPrivateKey(alg)
  return { secret, open: (await publishedHalf(secret, alg)).publicJwk }
}

describe.each(adapters)('%s', (_, adapter, other) => {
  test.each(Object.entries(signed))('%s verifies, and not when a bit differs', async (_name, vector) => {
    const verify = await adapter.verifier(vector.jwk, vector.alg)
    const signature = fromBase64url(vector.signature)
    expect(await verify(utf8(vector.input), signature)).toBe(true)
    expect(await verify(utf8(`${vector.input} `), signature)).toBe(false)
    for (const at of [0, 31, 32, signature.length - 1]) {
      const changed = Uint8Array.from(signature)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await verify(utf8(vector.input), changed)).toBe(false)
    }
  })

  test('RFC 8037 A.4 comes out to the byte', async () => {
    const sign = await adapter.signer(ed25519Private, 'EdDSA')
    const { input, signature } = signed['RFC 8037 A.4']
    expect(base64url(Uint8Array.from(await sign(utf8(input))))).toBe(signature)
  })

  test.each(algs)('%s: what one signs the other believes, a hundred times', async (alg) => {
    const { secret, open } = await keyOf(alg)
    const sign = await adapter.signer(secret, alg)
    const verify = await other.verifier(open, alg)
    // Of hundreds of ECDSA signatures some have an r or s of 31 bytes.
    for (let n = 0; n < (alg === 'ES256' ? 600 : 20); n++) {
      const data = randomBytes(40)
      const signature = Uint8Array.from(await sign(data))
      expect(signature.length).toBe(alg === 'RS256' ? 256 : 64)
      expect(await verify(data, signature)).toBe(true)
    }
  })

  test.each(algs)('%s: what is no signature is false, not a fault', async (alg) => {
    const { open } = await keyOf(alg)
    const verify = await adapter.verifier(open, alg)
    for (const size of [0, 1, 63, 64, 65, 72, 256, 4096])
      expect(await verify(utf8('x'), new Uint8Array(size))).toBe(false)
    expect(await verify(utf8('x'), new Uint8Array(64).fill(0xff))).toBe(false)
  })

  test('RFC 8725 3.1: a key is opened for its own algorithm only', async () => {
    const { jwk } = signed['RFC 7515 A.3']
    for (const alg of ['RS256', 'EdDSA'] as const) await expect(adapter.verifier(jwk, alg)).rejects.toThrow()
    await expect(adapter.verifier(signed['RFC 7515 A.2'].jwk, 'ES256')).rejects.toThrow()
    await expect(adapter.verifier({ kty: 'oct', k: 'AAAA' }, 'ES256')).rejects.toThrow()
  })
})

test.each(Object.entries(thumbprints))('%s: the name of a key is its thumbprint', async (_, vector) => {
  const { kid, publicJwk } = await publishedHalf(vector.jwk, vector.alg)
  expect(kid).toBe(vector.kid)
  expect(publicJwk).not.toHaveProperty('d')
})
