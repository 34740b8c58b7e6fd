import { compactVerify, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshDatabase, testServices, type TestServices } from '../../test/support/services.ts'
import { signingKeys } from '../db/schema.ts'
import { base64url, randomBytes, text, utf8 } from '../core/bytes.ts'
import type { Signatures } from '../core/ports.ts'
import type { Reason } from '../core/refusal.ts'
import { days } from '../core/time.ts'
import { unseal } from '../core/seal.ts'
import { writeCompact } from './compact.ts'
import { openKeys } from './key-ring.ts'
import { revokeKey, sealContext, turnKeys } from './keys-store.ts'
import { strangers } from '../../test/vectors/jose.ts'
import { webSignatures } from './web-signatures.ts'

const actor = { kind: 'system', id: 'test' } as const
const audience = 'https://records.example/fhir'

/** What `testServices` would give a token for, changed as the test says. */
function claims(services: TestServices, changes: Record<string, unknown> = {}) {
  const now = services.clock.now()
  return {
    iss: services.config.issuer,
    sub: 'prt_ada',
    aud: audience,
    exp: now + 300,
    iat: now,
    jti: 'j1',
    client_id: 'records-app',
    scope: 'openid',
    sid: 'ses_1',
    acr: 'garde:passkey',
    amr: ['hwk', 'user'],
    auth_time: now,
    practice: 'prc_1',
    role: 'clinician',
    grant_id: 'grt_1',
    session_started_at: now,
    session_sequence: 7,
    ...changes,
  }
}

const sign = (services: TestServices, changes: Record<string, unknown> = {}) =>
  services.keys.sign('token', 'at+jwt', claims(services, changes))

async function reasonOf(promise: Promise<unknown>): Promise<Reason | 'accepted' | 'bug'> {
  return promise.then(
    () => 'accepted',
    (error: { reason?: Reason }) => error.reason ?? 'bug',
  )
}

/** A token with a header of the adversary's choice, signed by the real key: as if the check stood on the signature alone. */
async function signedByOurs(services: TestServices, changes: object): Promise<string> {
  const rows = await services.db.select().from(signingKeys)
  const row = rows.find(({ use, alg }) => use === 'token' && alg === 'ES256')
  if (!row) throw new Error('no key')
  const opened = await unseal(services.keyEncryptionKey, row.privateSealed, sealContext(row.kid))
  const signer = await webSignatures.signer(JSON.parse(text(opened)) as JWK, 'ES256')
  return writeCompact({ alg: 'ES256', typ: 'at+jwt', kid: row.kid, ...changes }, claims(services), signer)
}

const kidOf = (services: TestServices, alg = 'ES256') =>
  services.keys.jwks('token').keys.find((key) => key.alg === alg)?.kid ?? ''

const verify = (services: TestServices, token: string, aud = audience) =>
  reasonOf(services.keys.verify(token, aud, services.clock.now()))

describe('keys', () => {
  test('two nodes that start at once end up with the same keys, each recorded once', async () => {
    const database = await freshDatabase()
    const services = await testServices({ database })
    const holder = {
      db: database.db,
      keyEncryptionKey: services.keyEncryptionKey,
      clock: services.clock,
      primitives: services.primitives,
      issuer: services.config.issuer,
    }
    const [a, b] = await Promise.all([openKeys(holder), openKeys(holder)])
    expect(a.jwks('token')).toEqual(b.jwks('token'))
    const rows = await database.db.select().from(signingKeys)
    expect(rows.map(({ use, alg, state }) => `${use} ${alg} ${state}`).toSorted()).toEqual([
      'assertion ES256 current',
      'checkpoint EdDSA current',
      'token ES256 current',
      'token EdDSA current',
      'token RS256 current',
    ])
    const recorded = await database.db.query.auditQueue.findMany()
    expect(recorded.map(({ event }) => event.kind)).toEqual(Array.from({ length: 5 }, () => 'key.created'))
    await services.close()
  })

  test('private halves are sealed: another key-encryption key does not open them', async () => {
    const services = await testServices()
    const rows = await services.db.select().from(signingKeys)
    for (const row of rows) expect(JSON.stringify(row)).not.toContain('"d"')
    const { db, clock, primitives } = services
    await expect(
      openKeys({ db, clock, primitives, keyEncryptionKey: randomBytes(32), issuer: 'https://id.example' }),
    ).rejects.toThrow()
    await services.close()
  })

  test('what is published verifies what was signed, and holds nothing private', async () => {
    const services = await testServices()
    const [published] = services.keys.jwks('assertion').keys
    const token = await services.keys.sign('assertion', 'garde-assertion+jwt', { sub: 'x' })
    const { protectedHeader } = await compactVerify(token, await importJWK(published as JWK, 'ES256'))
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: published?.kid, typ: 'garde-assertion+jwt' })
    expect(Object.keys(published ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    await services.close()
  })

  test('a checkpoint signature verifies with the raw key that comes with it', async () => {
    const services = await testServices()
    const data = utf8('log\n3\nhash\n')
    const { signature, publicKey } = await services.keys.signCheckpoint(data)
    const key = await crypto.subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify'])
    expect(await crypto.subtle.verify('Ed25519', key, Uint8Array.from(signature), data)).toBe(true)
    await services.close()
  })

  test('after a key is revoked, a token that was verified before is refused', async () => {
    const services = await testServices()
    const now = services.clock.now()
    const token = await sign(services)
    await services.keys.verify(token, audience, now)
    expect(services.keys.verifyCached(token, audience, now)?.jti).toBe('j1')
    const kid = kidOf(services)
    expect(await revokeKey(services, kid, { kind: 'operator', id: 'opr_1' as never })).toBe(true)
    await services.keys.reload()
    expect(services.keys.verifyCached(token, audience, now)).toBeUndefined()
    expect(await verify(services, token)).toBe('token_signature')
    expect(services.keys.jwks('token').keys.map((key) => key.kid)).not.toContain(kid)
    expect(await verify(services, await sign(services))).toBe('accepted')
    expect(await revokeKey(services, kid, { kind: 'operator', id: 'opr_1' as never })).toBe(false)
    await services.close()
  })
})

test('who asked before the revocation and hears after it does not bring the key back', async () => {
  const services = await testServices()
  const { db, clock, primitives, keyEncryptionKey, config } = services
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let slow = false
  const signatures: Signatures = {
    ...webSignatures,
    verifier: async (jwk, alg) => {
      if (slow) {
        held.resolve()
        await release.promise
      }
      return webSignatures.verifier(jwk, alg)
    },
  }
  const holder = { db, clock, keyEncryptionKey }
  const keys = await openKeys({ ...holder, primitives, issuer: config.issuer, signatures })
  const token = await keys.sign('token', 'at+jwt', claims(services))
  services.clock.advance(days(2))
  await turnKeys(holder, days(2), actor)
  slow = true
  const early = keys.reload()
  await held.promise
  slow = false
  await revokeKey(services, kidOf(services), actor)
  await keys.reload()
  release.resolve()
  await early
  expect(await reasonOf(keys.verify(token, audience, clock.now() - days(2)))).toBe('token_signature')
  await services.close()
})

describe('verification of access tokens', () => {
  let services: TestServices
  beforeAll(async () => {
    services = await testServices()
  })
  afterAll(() => services.close())

  test('the cache answers for one audience only', async () => {
    const token = await sign(services)
    const now = services.clock.now()
    expect(services.keys.verifyCached(token, audience, now)).toBeUndefined()
    expect(await verify(services, token, 'https://other.example')).toBe('token_audience')
    expect(services.keys.verifyCached(token, 'https://other.example', now)).toBeUndefined()
    expect(services.keys.verifyCached(token, audience, now)?.sub).toBe('prt_ada')
  })

  test.each<[string, Record<string, unknown>, Reason | 'accepted']>([
    ['issued 60 s ahead', { iat: 1_795_420_860 }, 'accepted'],
    ['issued 61 s ahead', { iat: 1_795_420_861 }, 'token_expired'],
    ['not before later', { nbf: 1_795_420_861 }, 'token_expired'],
    ['another issuer', { iss: 'https://evil.example' }, 'token_malformed'],
    ['two audiences', { aud: [audience, 'x'] }, 'token_malformed'],
    ['no session', { sid: undefined }, 'token_malformed'],
    ['an expiry in words', { exp: 'tomorrow' }, 'token_malformed'],
    ['an assurance nobody knows', { acr: 'garde:trust-me' }, 'token_malformed'],
    ['larger than 8 KiB', { pad: 'x'.repeat(8192) }, 'token_malformed'],
  ])('%s', async (_name, changes, expected) => {
    expect(await verify(services, await sign(services, changes))).toBe(expected)
  })

  test('whatever is not exactly an access token by our key is refused', async () => {
    const kid = kidOf(services)
    const good = await sign(services)
    const [header = '', payload = '', signature = ''] = good.split('.')
    const encode = (value: object) => base64url(utf8(JSON.stringify(value)))
    const secret = utf8(JSON.stringify(services.keys.jwks('token').keys.find((key) => key.alg === 'ES256')))
    const hmac = await new SignJWT(claims(services))
      .setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' })
      .sign(secret)
    const tampered = encode(claims(services, { practice: 'prc_2' }))
    const cases: [string, Reason][] = [
      ['', 'token_malformed'],
      ['a.b', 'token_malformed'],
      [`${header}.${tampered}.${signature}`, 'token_signature'],
      [`${header}.${payload}.`, 'token_signature'],
      [`${encode({ alg: 'none', kid, typ: 'at+jwt' })}.${payload}.`, 'token_signature'],
      [hmac, 'token_signature'],
      [`${encode({ alg: 'ES256', kid: 'other', typ: 'at+jwt' })}.${payload}.${signature}`, 'token_signature'],
      [`${encode({ alg: 'ES256', typ: 'at+jwt' })}.${payload}.${signature}`, 'token_signature'],
      [
        `${encode({ alg: 'ES256', kid, typ: 'at+jwt', crit: ['x'], x: 1 })}.${payload}.${signature}`,
        'token_malformed',
      ],
      [await services.keys.sign('token', 'JWT', claims(services)), 'token_malformed'],
      [await services.keys.sign('assertion', 'at+jwt', claims(services)), 'token_signature'],
    ]
    for (const [token, expected] of cases)
      expect([token, await verify(services, token)]).toEqual([token, expected])
  })

  test.each(Object.entries(strangers))('%s: a published token is none of ours', async (_name, token) => {
    expect(['token_malformed', 'token_signature']).toContain(await verify(services, token))
  })

  test.each<[string, object, Reason]>([
    ['RFC 8725 3.6: nothing is unpacked', { zip: 'DEF' }, 'token_malformed'],
    ['RFC 8725 3.10: an unknown crit', { crit: ['exp'] }, 'token_malformed'],
    ['RFC 7797: an unencoded payload', { b64: false, crit: ['b64'] }, 'token_malformed'],
    ['RFC 8725 3.11: no typ', { typ: undefined }, 'token_malformed'],
    ['RFC 8725 3.11: the typ of an ID token', { typ: 'JWT' }, 'token_malformed'],
    ['RFC 8725 3.11: the typ of a logout token', { typ: 'logout+jwt' }, 'token_malformed'],
    ['RFC 8725 3.1: another algorithm than the key has', { alg: 'EdDSA' }, 'token_signature'],
    ['RFC 8725 3.2: none', { alg: 'none' }, 'token_signature'],
    ['RFC 8725 2.1: HS256', { alg: 'HS256' }, 'token_signature'],
    ['RFC 8725 3.10: a kid that is no text', { kid: ['x'] }, 'token_signature'],
  ])('%s is refused though our own key signed it', async (_name, changes, expected) => {
    const token = await signedByOurs(services, changes)
    expect(await verify(services, token)).toBe(expected)
    expect(await verify(services, await signedByOurs(services, {}))).toBe('accepted')
  })

  test('RFC 8725 3.10: a key that the token brings along is not looked at', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const token = await new SignJWT(claims(services))
      .setProtectedHeader({
        alg: 'ES256',
        typ: 'at+jwt',
        kid: kidOf(services),
        jwk: await exportJWK(publicKey),
        jku: 'https://evil.example/keys',
      })
      .sign(privateKey)
    expect(await verify(services, token)).toBe('token_signature')
  })

  test.each(['RS256', 'EdDSA'] as const)('our own %s key signs no access token', async (alg) => {
    const token = await services.keys.sign('token', 'at+jwt', claims(services), alg)
    expect(await verify(services, token)).toBe('token_signature')
  })

  test('one token has one spelling', async () => {
    const token = await sign(services)
    for (const other of [`${token}=`, `${token}.`, ` ${token}`, `${token}\n`, token.replace('.', '..')])
      expect(await verify(services, other)).toBe('token_malformed')
    // The last character of 64 bytes has four bits that mean nothing.
    const last = token.at(-1) ?? ''
    const same = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const sibling = same[same.indexOf(last) ^ 1] ?? ''
    expect(await verify(services, token.slice(0, -1) + sibling)).toBe('token_malformed')
  })

  test('a token is refused from the second it expires, cached or not', async () => {
    const token = await sign(services)
    services.clock.advance(299)
    expect(await verify(services, token)).toBe('accepted')
    services.clock.advance(1)
    expect(services.keys.verifyCached(token, audience, services.clock.now())).toBeUndefined()
    expect(await verify(services, token)).toBe('token_expired')
  })
})
