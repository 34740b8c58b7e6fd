/** The port `Signatures` on both adapters: published examples, and each believes the other and nobody else. */

import { CompactSign, exportJWK, generateKeyPair, type JWK } from 'jose'
import { inject, describe, expect, test } from 'vitest'
import { base64url, fromBase64url, randomBytes, utf8 } from '../../src/core/bytes.ts'
import type { SignatureAlgorithm, Signatures, Verify } from '../../src/core/ports.ts'
import { nodeSignatures } from '../../src/runtime/node-signatures.ts'
import type { KeyAlgorithm } from '../../src/tokens/keys.ts'
import { mintPrivateKey, publishedHalf } from '../../src/tokens/mint-key.ts'
import { webSignatures } from '../../src/tokens/web-signatures.ts'
import { ed25519Private, signed, thumbprints } from '../vectors/jose.ts'

const adapters: [string, Signatures, other: Signatures][] = [
  ['node:crypto', nodeSignatures, webSignatures],
  ['WebCrypto', webSignatures, nodeSignatures],
]
/** Ours, and with them those of others. */
const algs = ['ES256', 'RS256', 'EdDSA'] as const
const allAlgs = ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256', 'RS384'] as const satisfies SignatureAlgorithm[]

async function keyOf(alg: KeyAlgorithm): Promise<{ secret: JWK; open: JWK }> {
  const secret = alg === 'RS256' ? (JSON.parse(inject('rsaKeys')[0] ?? '') as JWK) : await mintPrivateKey(alg)
  return { secret, open: (await publishedHalf(secret, alg)).publicJwk }
}

async function opened(adapter: Signatures, jwk: JWK, alg: SignatureAlgorithm): Promise<Verify> {
  const verify = await adapter.verifier(jwk, alg)
  if (!verify) throw new Error(`no key for ${alg}`)
  return verify
}

const rsaPublic = async () =>
  (await publishedHalf(JSON.parse(inject('rsaKeys')[0] ?? '') as JWK, 'RS256')).publicJwk

async function otherKey(
  alg: SignatureAlgorithm,
): Promise<{ jwk: JWK; sign(data: Uint8Array): Promise<string> }> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  return {
    jwk: await exportJWK(publicKey),
    sign: (data) => new CompactSign(data).setProtectedHeader({ alg }).sign(privateKey),
  }
}

describe.each(adapters)('%s', (_, adapter, other) => {
  test.each(Object.entries(signed))('%s verifies, and not when a bit differs', async (_name, vector) => {
    const verify = await opened(adapter, vector.jwk, vector.alg)
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
    const verify = await opened(other, open, alg)
    // Of hundreds of ECDSA signatures some have an r or s of 31 bytes.
    for (let n = 0; n < (alg === 'ES256' ? 600 : 20); n++) {
      const data = randomBytes(40)
      const signature = Uint8Array.from(await sign(data))
      expect(signature.length).toBe(alg === 'RS256' ? 256 : 64)
      expect(await verify(data, signature)).toBe(true)
    }
  })

  test.each(allAlgs)("%s: the signature of somebody else's library, and no other", async (alg) => {
    const key = await otherKey(alg)
    const verify = await opened(adapter, key.jwk, alg)
    // Often enough to meet short numbers and high bits.
    for (let n = 0; n < 100; n += alg.startsWith('E') ? 1 : 20) {
      const jws = await key.sign(utf8(`é${n}`))
      const input = jws.slice(0, jws.lastIndexOf('.'))
      const signature = fromBase64url(jws.slice(input.length + 1))
      expect(await verify(utf8(input), signature)).toBe(true)
      expect(await verify(utf8(`${input}A`), signature)).toBe(false)
      signature[n % signature.length] = (signature[n % signature.length] ?? 0) ^ 1
      expect(await verify(utf8(input), signature)).toBe(false)
    }
  })

  test.each(allAlgs)('%s: what is no signature is false, not a fault', async (alg) => {
    const { jwk } = await otherKey(alg)
    const verify = await opened(adapter, jwk, alg)
    for (const size of [0, 1, 63, 64, 65, 72, 96, 256, 4096])
      for (const byte of [0, 0xff])
        expect(await verify(utf8('a.b'), new Uint8Array(size).fill(byte))).toBe(false)
  })

  test('RFC 8725 3.1: a key is opened for its own algorithm only', async () => {
    const ours = { EC: signed['RFC 7515 A.3'].jwk, RSA: await rsaPublic(), OKP: signed['RFC 8037 A.4'].jwk }
    const fit = { ES256: ours.EC, EdDSA: ours.OKP, PS256: ours.RSA, RS256: ours.RSA, RS384: ours.RSA }
    for (const alg of allAlgs)
      for (const jwk of Object.values(ours))
        expect((await adapter.verifier(jwk, alg)) !== undefined).toBe(
          (fit as Record<string, JWK>)[alg] === jwk,
        )
    for (const alg of algs) {
      expect(await adapter.verifier({ kty: 'oct', k: 'AAAA' }, alg)).toBeUndefined()
      await expect(adapter.signer({ kty: 'oct', k: 'AAAA' }, alg)).rejects.toThrow()
    }
    const { secret } = await keyOf('ES256')
    for (const alg of ['RS256', 'EdDSA'] as const) await expect(adapter.signer(secret, alg)).rejects.toThrow()
  })

  test('RFC 8725 3.4: a point off the curve, and a modulus that can be factored, are no keys', async () => {
    const { x } = signed['RFC 7515 A.3'].jwk
    expect(await adapter.verifier({ crv: 'P-256', kty: 'EC', x, y: x }, 'ES256')).toBeUndefined()
    const n = base64url(new Uint8Array(128).fill(0xff))
    for (const alg of ['RS256', 'PS256', 'RS384'] as const)
      expect(await adapter.verifier({ kty: 'RSA', n, e: 'AQAB' }, alg)).toBeUndefined()
  })
})

test.each(Object.entries(thumbprints))('%s: the name of a key is its thumbprint', async (_, vector) => {
  const { kid, publicJwk } = await publishedHalf(vector.jwk, vector.alg)
  expect(kid).toBe(vector.kid)
  expect(publicJwk).not.toHaveProperty('d')
})
