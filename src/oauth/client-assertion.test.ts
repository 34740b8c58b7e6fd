/** protocols 3: client assertions, and protocols 1: the ways a client may prove itself. */

import { UnsecuredJWT } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientKey, signAssertion, type ClientKey } from '../../test/support/client-keys.ts'
import { audience, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { keysAtAddress } from '../clients/keys-at-address.ts'
import { saveClient } from '../clients/store.ts'
import { utf8 } from '../core/bytes.ts'
import type { OutboundAnswer } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import { assertionType } from './client-assertion.ts'

const app = (changes: object) => ({
  id: 'signing-app',
  name: 'Serveur qui signe',
  profile: 'web-confidential',
  firstParty: true,
  redirectUris: ['https://server.example/cb'],
  scopes: ['openid'],
  resources: [audience],
  ...changes,
})

let house: OauthHouse
let key: ClientKey
let other: ClientKey
beforeAll(async () => {
  house = await oauthHouse()
  key = await clientKey('k1')
  other = await clientKey('k1')
  const twin = { ...key.jwk, kid: 'for-ps', alg: 'PS256' }
  const encrypting = { ...key.jwk, kid: 'enc', use: 'enc' }
  await saveClient(
    house.services,
    house.head(),
    parseClient(app({ options: { jwks: { keys: [key.jwk, twin, encrypting] } } })),
  )
})
afterAll(() => house.close())

/** `undefined` leaves a claim out. */
const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by = key) =>
  signAssertion(house, by, 'signing-app', { claims, header })

/** Whoever is authenticated learns that the code is worth nothing; whoever is not learns that first. */
const show = async (assertion: string, fields: Record<string, string | undefined> = {}) => {
  const { body } = await house.token({
    client_id: undefined,
    grant_type: 'authorization_code',
    code: 'none',
    redirect_uri: 'https://server.example/cb',
    code_verifier: 'v'.repeat(43),
    client_assertion_type: assertionType,
    client_assertion: assertion,
    ...fields,
  })
  return body.error
}
const fault = () => {
  const line = house.services.lines.findLast(({ message }) => message === 'refused')
  return (line?.fields['detail'] as { fault?: string } | undefined)?.fault ?? line?.fields['fault']
}
const authenticated = 'invalid_grant'

test('oauth4webapi signs in with private_key_jwt', async () => {
  const { issuer } = house
  const insecure = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(new URL(issuer), { ...insecure, algorithm: 'oauth2' })
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found)
  expect(server.token_endpoint_auth_methods_supported).toContain('private_key_jwt')
  const client: oauth.Client = { client_id: 'signing-app' }
  const verifier = oauth.generateRandomCodeVerifier()
  const browser = house.browser()
  await browser.signIn()
  const answer = await browser.open(
    `/oauth/authorize?${new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: 'https://server.example/cb',
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: 'x',
    }).toString()}`,
  )
  const returned = new URL(answer.headers.get('location') ?? '')
  const exchanged = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.PrivateKeyJwt({ key: key.privateKey, kid: 'k1' }),
    oauth.validateAuthResponse(server, client, returned, 'x'),
    'https://server.example/cb',
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, exchanged, {
    requireIdToken: true,
  })
  expect(tokens.scope).toBe('openid')
})

describe('protocols 3: client assertions', () => {
  test.each<[string, () => Record<string, unknown>, Record<string, unknown>?]>([
    ['plain', () => ({})],
    ['named by its type', () => ({}), { typ: 'client-authentication+jwt' }],
    ['for the token endpoint', () => ({ aud: `${house.issuer}/oauth/token` })],
    ['for both, in a list', () => ({ aud: [house.issuer, `${house.issuer}/oauth/token`] })],
    [
      'from a clock 10 s ahead',
      () => ({ iat: house.clock.now() + 10, nbf: house.clock.now() + 10, exp: house.clock.now() + 310 }),
    ],
    ['without iat', () => ({ iat: undefined })],
    [
      'with addresses of keys that nobody visits',
      () => ({}),
      { jku: 'https://127.0.0.1/', x5u: 'https://127.0.0.1/' },
    ],
  ])('accepted: %s', async (_name, claims, header) => {
    expect(await show(await sign(claims(), header))).toBe(authenticated)
  })

  test.each<[string, string, () => Record<string, unknown>, Record<string, unknown>?]>([
    ['of another issuer', 'iss', () => ({ iss: 'records-app' })],
    ['for another server', 'aud', () => ({ aud: 'https://other.example' })],
    ['for us and another server', 'aud', () => ({ aud: [house.issuer, 'https://other.example'] })],
    ['for nobody', 'claims', () => ({ aud: [] })],
    ['expired', 'exp', () => ({ exp: house.clock.now() })],
    ['that lives longer than 5 minutes', 'exp', () => ({ exp: house.clock.now() + 311 })],
    ['without an end', 'claims', () => ({ exp: undefined })],
    ['from over 60 s ahead', 'not yet valid', () => ({ iat: house.clock.now() + 61 })],
    ['not valid before over 60 s', 'not yet valid', () => ({ nbf: house.clock.now() + 61 })],
    ['without jti', 'claims', () => ({ jti: undefined })],
    ['with a jti that is no text', 'claims', () => ({ jti: 7 })],
    ['with an endless jti', 'claims', () => ({ jti: 'j'.repeat(257) })],
    ['of another type', 'typ', () => ({}), { typ: 'at+jwt' }],
    ['critical', 'not one compact JWS', () => ({}), { crit: ['exp'], exp: 1 }],
    ['without kid', 'kid', () => ({}), { kid: undefined }],
    ['by an unknown key', 'kid', () => ({}), { kid: 'k2' }],
    ['by a key for something else', 'kid', () => ({}), { kid: 'enc' }],
    ['by a key of another algorithm', 'kid', () => ({}), { kid: 'for-ps' }],
    ['oversized', 'size', () => ({ padding: 'p'.repeat(8192) })],
  ])('refused: %s', async (_name, why, claims, header) => {
    const assertion = await sign(claims(), header).catch(async () => {
      // jose does not sign what it would not read.
      const [, ...rest] = (await sign(claims())).split('.')
      return [
        Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'k1', ...header })).toString('base64url'),
        ...rest,
      ].join('.')
    })
    expect(await show(assertion, { client_id: 'signing-app' })).toBe('invalid_client')
    expect(house.reason()).toBe('client_authentication_failed')
    expect(JSON.stringify(house.services.lines.at(-1))).not.toContain(assertion)
    if (why !== 'size') expect([why, 'crit']).toContain(fault() ?? why)
  })

  test('refused: signed by somebody else under the same kid, with his key inside', async () => {
    expect(await show(await sign({}, { jwk: other.jwk }, other))).toBe('invalid_client')
  })

  test.each(['HS256', 'none', 'RS256', 'es256'])('refused: alg %s', async (alg) => {
    const [, ...rest] = (await sign()).split('.')
    const header = Buffer.from(JSON.stringify({ alg, kid: 'k1' })).toString('base64url')
    expect(await show([header, ...rest].join('.'))).toBe('invalid_client')
  })

  test.each([
    ['unsigned', () => new UnsecuredJWT({ sub: 'signing-app', iss: 'signing-app' }).encode()],
    ['nonsense', () => 'a.b.c'],
    ['empty parts', () => '..'],
    [
      'no JSON',
      () => `${Buffer.from('{').toString('base64url')}.${Buffer.from('[]').toString('base64url')}.x`,
    ],
  ])('refused: %s', async (_name, assertion) => {
    expect(['invalid_client', 'invalid_request']).toContain(await show(assertion()))
  })

  test('is taken once', async () => {
    const assertion = await sign()
    expect(await show(assertion)).toBe(authenticated)
    expect(await show(assertion)).toBe('invalid_client')
  })

  test('goes with no other way, under its own type, for the client it names', async () => {
    expect(await show(await sign(), { client_secret: 'x' })).toBe('invalid_request')
    expect(await show(await sign(), { client_assertion_type: 'urn:x' })).toBe('invalid_client')
    expect(await show(await sign(), { client_assertion_type: undefined })).toBe('invalid_client')
    expect(await show(await sign(), { client_id: 'records-app' })).toBe('invalid_client')
    expect(await show('', {})).toBe('invalid_request')
  })

  test('a client with keys has no secret, and no way in by one', async () => {
    const { secret } = await saveClient(
      house.services,
      house.head(),
      parseClient(app({ id: 'keys-only', options: { jwks: { keys: [key.jwk] } } })),
    )
    expect(secret).toBeUndefined()
    const { body } = await house.token({
      client_id: 'keys-only',
      client_secret: '',
      grant_type: 'refresh_token',
    })
    expect(body.error).toBe('invalid_client')
  })
})

describe('keys at an address', () => {
  function served(answers: OutboundAnswer[]) {
    const asked: string[] = []
    const clock = { time: 1_000_000, now: () => clock.time }
    const outbound = {
      call: async ({ url }: { url: string }): Promise<OutboundAnswer> => {
        asked.push(url)
        return answers[Math.min(asked.length, answers.length) - 1] ?? { fault: 'unreachable' }
      },
    }
    return { asked, clock, keys: keysAtAddress({ outbound, clock }) }
  }
  const json = (value: unknown, type = 'application/json', status = 200): OutboundAnswer => ({
    status,
    headers: { 'content-type': type },
    body: utf8(JSON.stringify(value)),
  })
  const set = (kid: string) => ({ keys: [{ kid, kty: 'EC' }] })
  const address = 'https://keys.example/jwks'

  test('are asked for once by many at the same time, and kept for 10 minutes', async () => {
    const { asked, clock, keys } = served([
      json(set('a')),
      json(set('b'), 'application/jwk-set+json; charset=utf-8'),
    ])
    const found = await Promise.all(Array.from({ length: 20 }, () => keys.find(address, 'app')))
    expect(new Set(found)).toEqual(new Set([set('a')]))
    clock.time += 599
    expect(await keys.find(address, 'app')).toEqual(set('a'))
    clock.time += 1
    expect(await keys.find(address, 'app')).toEqual(set('b'))
    expect(asked).toHaveLength(2)
  })

  test('a stranger who shows unknown kids makes us ask once a minute', async () => {
    const { asked, clock, keys } = served([json(set('a'))])
    for (let tries = 0; tries < 100; tries++) await keys.find(address, 'app', true)
    expect(asked).toHaveLength(1)
    clock.time += 60
    await keys.find(address, 'app', true)
    expect(asked).toHaveLength(2)
  })

  test('an address that fails is not asked again for a minute, and keys known before still count', async () => {
    const { asked, clock, keys } = served([json(set('a')), { fault: 'time' }])
    await keys.find(address, 'app')
    clock.time += 60
    expect(await keys.find(address, 'app', true)).toEqual(set('a'))
    expect(await keys.find(address, 'app', true)).toEqual(set('a'))
    expect(asked).toHaveLength(2)
  })

  test.each<[string, OutboundAnswer]>([
    ['a fault', { fault: 'address' }],
    ['another status', json(set('a'), 'application/json', 404)],
    ['HTML', json(set('a'), 'text/html')],
    ['no key set', json({ keys: 'a' })],
    ['a list', json([])],
    ['too many keys', json({ keys: Array.from({ length: 101 }, () => ({})) })],
    ['no JSON', { status: 200, headers: { 'content-type': 'application/json' }, body: utf8('{') }],
    [
      'no UTF-8',
      { status: 200, headers: { 'content-type': 'application/json' }, body: new Uint8Array([255]) },
    ],
  ])('%s gives no keys', async (_name, answer) => {
    expect(await served([answer]).keys.find(address, 'app')).toBeUndefined()
  })
})

describe('protocols 1: checked when a client is saved', () => {
  const faultsOf = (changes: object): unknown => {
    try {
      parseClient(app(changes))
    } catch (error) {
      if (error instanceof Refusal) return error.detail['faults']
      throw error
    }
    return []
  }

  test.each<[string, () => object, string]>([
    [
      'a private key',
      () => ({ options: { jwks: { keys: [{ ...key.jwk, d: 'AQAB', kid: 'a' }] } } }),
      'options.jwks.keys.0: holds a private key: register the public half only, and replace this one, which has been seen',
    ],
    [
      'a shared secret',
      () => ({ options: { jwks: { keys: [{ kty: 'oct', k: 'AA', kid: 'a' }] } } }),
      'options.jwks.keys.0: holds a private key: register the public half only, and replace this one, which has been seen',
    ],
    [
      'a key without kid',
      () => ({ options: { jwks: { keys: [{ ...key.jwk, kid: undefined }] } } }),
      'options.jwks.keys.0: must have a kid of 1 to 200 characters',
    ],
    [
      'one kid twice',
      () => ({ options: { jwks: { keys: [key.jwk, other.jwk] } } }),
      'options.jwks.keys.1: has the kid of another key',
    ],
    [
      'a short RSA key',
      () => ({ options: { jwks: { keys: [{ kty: 'RSA', kid: 'a', n: 'A'.repeat(171), e: 'AQAB' }] } } }),
      'options.jwks.keys.0: must be an RSA key of 2,048 to 4,096 bits with the exponent AQAB',
    ],
    [
      'both',
      () => ({ options: { jwks: { keys: [key.jwk] }, jwksUri: 'https://keys.example/jwks' } }),
      'options.jwksUri: give jwks or jwksUri, not both',
    ],
    [
      'an address inside',
      () => ({ options: { jwksUri: 'https://10.0.0.1/jwks' } }),
      'options.jwksUri: must be an https address that anybody can reach',
    ],
    [
      'a way without keys',
      () => ({ authentication: ['private_key_jwt'] }),
      'options.jwks: private_key_jwt needs public keys: give jwks or jwksUri',
    ],
    [
      'a way its profile has not',
      () => ({ authentication: ['none'] }),
      "authentication.0: must be one of its profile's: client_secret_basic, client_secret_post, private_key_jwt",
    ],
    [
      'keys of a public client',
      () => ({ profile: 'smart-public', options: { jwks: { keys: [key.jwk] } } }),
      'options: a public client has no keys',
    ],
  ])('%s is refused in a sentence', (_name, changes, sentence) => {
    expect(faultsOf(changes())).toContain(sentence)
  })

  test('more than 20 keys are refused', async () => {
    const keys = Array.from({ length: 21 }, (_, index) => ({ ...key.jwk, kid: `k${index}` }))
    expect(faultsOf({ options: { jwks: { keys } } })).not.toEqual([])
  })
})
