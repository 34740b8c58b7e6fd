import * as fc from 'fast-check'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { proofMaker, type ProofChanges, type ProofMaker } from '../../test/support/proofs.ts'
import { freshPostgres } from '../../test/support/postgres.ts'
import { freshDatabase } from '../../test/support/services.ts'
import { Refusal } from '../core/refusal.ts'
import type { Database } from '../db/db.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { primitives } from '../runtime/primitives.ts'
import { gatewayProofs, serverProofs } from '../runtime/proofs.ts'
import { nodeSignatures } from '../runtime/node-signatures.ts'
import { createProofs, type Proofs } from './dpop.ts'
import { createProofKeys } from './proof-key.ts'
import { normalTarget } from './target.ts'

const now = 1_800_000_000
const target = 'https://api.example/a/b'
const place = gatewayProofs()
let own: ProofMaker
beforeAll(async () => {
  own = await proofMaker()
})

const prove = (changes?: ProofChanges, key = own) =>
  key.prove({ method: 'GET', target, at: now, nonce: place.nonce(now), token: 't' }, changes)
const judge = async (proof: string, at = now, proofs: Proofs = place) =>
  proofs.judge({ proof, method: 'GET', target, token: { value: 't', jkt: own.jkt } }, at)
/** The fault of a refusal, or its reason where it names none. */
const faultOf = (proof: Promise<unknown>) =>
  proof.then(
    () => 'taken',
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error
      return error.detail['fault'] ?? error.reason
    },
  )

/** RFC 9449 §7.1, figure 12: the same key at a resource, with the token it is for. */
const resourceVector = {
  token: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
  proof:
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
}

/** RFC 9449 §4.1, figure 2: its key, and the proof it is part of. */
const vector =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg'

describe('vectors', () => {
  test('RFC 9449 §4: the proof at the token endpoint, and the thumbprint of §6.1', async () => {
    const proofs = createProofs({
      primitives,
      keys: createProofKeys(primitives, nodeSignatures),
      nonces: { current: () => '', isFresh: () => true },
      take: () => true,
    })
    const asked = { proof: vector, method: 'POST', target: 'https://server.example.com/token' }
    expect(await proofs.judge(asked, 1_562_262_616)).toEqual({
      jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
      algorithm: 'ES256',
    })
  })

  test('RFC 9449 §7.1: the proof at a resource, for its token and no other', async () => {
    const proofs = createProofs({
      primitives,
      keys: createProofKeys(primitives, nodeSignatures),
      nonces: { current: () => '', isFresh: () => true },
      take: () => true,
    })
    const { token: value, proof } = resourceVector
    const asked = { proof, method: 'GET', target: 'https://resource.example.org/protectedresource' }
    const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
    expect((await proofs.judge({ ...asked, token: { value, jkt } }, 1_562_262_618)).jkt).toBe(jkt)
    const other = proofs.judge({ ...asked, token: { value: `${value}x`, jkt } }, 1_562_262_618)
    expect(await faultOf(other)).toBe('ath')
  })

  test('RFC 7638: thumbprints are those of an independent implementation', async () => {
    for (const alg of ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS384']) {
      const key = await proofMaker(alg)
      const asked = { proof: await prove({}, key), method: 'GET', target }
      expect((await place.judge(asked, now)).jkt).toBe(await calculateJwkThumbprint(key.jwk))
    }
  })
})

describe('protocols 3: what is no proof', () => {
  test('the right one passes, at either end of its time', async () => {
    expect(await faultOf(judge(await prove()))).toBe('taken')
    expect(await faultOf(judge(await prove({ claims: { iat: now + 10 } })))).toBe('taken')
    expect(await faultOf(judge(await prove({ claims: { iat: now - 60 } })))).toBe('taken')
  })

  test.each<[string, ProofChanges, string]>([
    ['another typ', { header: { typ: 'JWT' } }, 'header'],
    ['no key', { header: { jwk: undefined } }, 'header'],
    ['crit', { header: { crit: ['b64'], b64: true } }, 'header'],
    ['another method', { claims: { htm: 'POST' } }, 'htm'],
    ['the method in lower case', { claims: { htm: 'get' } }, 'htm'],
    ['another path', { claims: { htu: 'https://api.example/a/c' } }, 'htu'],
    ['another host', { claims: { htu: 'https://api.example.evil.example/a/b' } }, 'htu'],
    ['another port', { claims: { htu: 'https://api.example:444/a/b' } }, 'htu'],
    ['another scheme', { claims: { htu: 'http://api.example/a/b' } }, 'htu'],
    ['a user before the host', { claims: { htu: 'https://api.example@api.example/a/b' } }, 'htu'],
    ['no address', { claims: { htu: 'x' } }, 'htu'],
    ['from the future', { claims: { iat: now + 11 } }, 'iat'],
    ['from the past', { claims: { iat: now - 61 } }, 'iat'],
    ['a time in words', { claims: { iat: 'now' } }, 'claims'],
    ['no jti', { claims: { jti: undefined } }, 'claims'],
    ['a jti of 1,000 characters', { claims: { jti: 'x'.repeat(1000) } }, 'claims'],
    ['another token', { claims: { ath: primitives.digest('u') } }, 'ath'],
    ['no ath', { claims: { ath: undefined } }, 'ath'],
    ['no nonce', { claims: { nonce: undefined } }, 'proof_nonce'],
    ['a nonce of nobody', { claims: { nonce: 'x' } }, 'proof_nonce'],
    ['a nonce that is too old', { claims: { nonce: place.nonce(now - 301) } }, 'proof_nonce'],
    ['a giant', { claims: { x: 'x'.repeat(9000) } }, 'size'],
  ])('%s', async (_name, changes, fault) => {
    expect(await faultOf(judge(await prove(changes)))).toBe(fault)
  })

  const rewritten = async (header: Record<string, unknown>) => {
    const [, body, signature] = (await prove()).split('.')
    const encoded = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: own.jwk, ...header }))
    return `${encoded.toString('base64url')}.${body}.${signature}`
  }
  test.each<[string, () => Promise<Record<string, unknown>>, string]>([
    ['none', async () => ({ alg: 'none' }), 'header'],
    ['HS256', async () => ({ alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }), 'header'],
    ['a symmetric key', async () => ({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }), 'secret key'],
    ['RS256', async () => ({ alg: 'RS256' }), 'header'],
    ['a private key', async () => ({ jwk: { ...own.jwk, d: own.jwk.x } }), 'secret key'],
    ['the algorithm of another kind of key', async () => ({ alg: 'EdDSA' }), 'key'],
    ['a point off the curve', async () => ({ jwk: { ...own.jwk, y: own.jwk.x } }), 'key'],
    ['a coordinate too long', async () => ({ jwk: { ...own.jwk, y: `${own.jwk.y}AA` } }), 'key'],
    ['another key than it is signed with', async () => ({ jwk: (await proofMaker()).jwk }), 'signature'],
    [
      'RSA of 1,024 bits',
      async () => ({
        alg: 'PS256',
        jwk: { ...(await exportJWK((await generateKeyPair('PS256')).publicKey)), n: 'x'.repeat(171) },
      }),
      'key',
    ],
  ])('a header with %s', async (_name, header, fault) => {
    expect(await faultOf(judge(await rewritten(await header())))).toBe(fault)
  })

  test.each(['', '.', 'a.b', 'a.b.c', 'a.b.c.d', 'é.b.c', '\0'])('%j', async (proof) => {
    expect(['not one compact JWS', 'encoding', 'header']).toContain(await faultOf(judge(proof)))
  })
  test('a signature cut short, or with another byte', async () => {
    const proof = await prove()
    for (const wrong of [proof.slice(0, -4), proof.slice(0, -8) + 'AAAAAAAA', `${proof}AAAA`])
      expect(['signature', 'encoding']).toContain(await faultOf(judge(wrong)))
  })
  test('a second showing, and one whose key is not the token’s', async () => {
    const proof = await prove()
    expect(await faultOf(judge(proof))).toBe('taken')
    expect(await faultOf(judge(proof, now + 59))).toBe('proof_replayed')
    expect(await faultOf(judge(await prove({}, await proofMaker())))).toBe('key')
  })
})

describe('50 parallel showings of one proof', () => {
  test.each<[string, () => Promise<Database>]>([
    ['PGlite', freshDatabase],
    ['PostgreSQL', async () => openPostgres((await freshPostgres()).url)],
  ])('one wins on %s, and none after a restart or on another node', async (_name, open) => {
    const database = await open()
    const keyEncryptionKey = new Uint8Array(32)
    const node = () => serverProofs({ db: database.db, keyEncryptionKey })
    const nodes = [node(), node()]
    const proof = await prove({ claims: { nonce: nodes[0]?.nonce(now) } })
    const seen = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => faultOf(judge(proof, now, nodes[n % 2]))),
    )
    expect(seen.filter((fault) => fault === 'taken')).toHaveLength(1)
    expect(seen.filter((fault) => fault === 'proof_replayed')).toHaveLength(49)
    expect(await faultOf(judge(proof, now, node()))).toBe('proof_replayed')
    await database.close()
  })
})

describe('htu', () => {
  test.each([
    ['HTTPS://API.Example:443/a/b', target],
    ['https://api.example/a/b?patient=1#x', target],
    ['https://api.example/a/./c/../b', target],
    ['https://api.example/%61/%62', target],
    ['https://api.example', 'https://api.example/'],
    ['http://api.example:80/', 'http://api.example/'],
    ['https://api.example/%c3%a9', 'https://api.example/%C3%A9'],
    ['https://api.example/%2e%2E/x', 'https://api.example/x'],
  ])('%s is %s', (address, normal) => expect(normalTarget(address)).toBe(normal))

  test.each([
    '',
    '/a/b',
    'https:/api.example/a',
    'ftp://api.example/a',
    'https:\\\\api.example\\a',
    ' https://api.example/a',
    'https://api.example/a\tb',
    'https://u:p@api.example/a',
    'https://api.example/%zz',
    'https://é.example/',
  ])('%j is no target', (address) => expect(normalTarget(address)).toBeUndefined())

  const segment = fc.stringMatching(/^[\w.~!$&'()*+,;=:@-]{1,6}$/).filter((text) => !/^\.+$/.test(text))
  const address = fc
    .tuple(fc.constantFrom('http', 'https'), fc.array(segment, { maxLength: 4 }))
    .map(([scheme, segments]) => `${scheme}://api.example/${segments.join('/')}`)

  test('normalising twice is normalising once, and a plain address is its own normal form', () => {
    fc.assert(
      fc.property(address, (plain) => {
        expect(normalTarget(plain)).toBe(plain)
      }),
    )
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (any) => {
        const once = normalTarget(any)
        if (once !== undefined) expect(normalTarget(once)).toBe(once)
      }),
    )
  })

  test('what RFC 3986 calls equivalent is the same, and another path never is', () => {
    const encode = (text: string) =>
      text.replaceAll(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
    fc.assert(
      fc.property(address, fc.string({ maxLength: 9 }), segment, (plain, query, more) => {
        const [scheme = '', host = '', path = ''] = /^(\w+):\/\/([^/]+)(.*)$/.exec(plain)?.slice(1) ?? []
        const port = scheme === 'https' ? 443 : 80
        const spelt = `${scheme.toUpperCase()}://${host.toUpperCase()}:${port}${encode(path)}?${query}`
        expect(normalTarget(spelt)).toBe(plain)
        expect(normalTarget(`${plain}/${more}`)).not.toBe(plain)
      }),
    )
  })
})
