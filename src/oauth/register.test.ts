/** Clients that register themselves: RFC 7591 and RFC 7592 by openid-client and oauth4webapi, and by those who want more. */

import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audience, oauthHouse } from '../../test/support/oauth.ts'
import { enrolOperator } from '../../test/support/operators.ts'
import { freshPostgres } from '../../test/support/postgres.ts'
import { freshDatabase } from '../../test/support/services.ts'
import { inTheirNames } from '../clients/metadata.ts'
import {
  listRegistrationTokens,
  mintRegistrationToken,
  newRegistrationToken,
  revokeRegistrationToken,
} from '../clients/registration-token-store.ts'
import { findClient, listClients } from '../clients/store.ts'
import type { ClientId, OperatorId } from '../core/ids.ts'
import type { Reason } from '../core/refusal.ts'
import type { Database } from '../db/db.ts'
import { disableOperator } from '../people/operators.ts'
import { restrict } from '../restrictions/store.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { memoryThrottle } from '../runtime/throttle.ts'

const author = { kind: 'rule', rule: 'test' } as const
const insecure = { [oauth.allowInsecureRequests]: true }

type Sent = Record<string, unknown>
interface Told extends Sent {
  client_id: string
  client_secret?: string
  registration_access_token: string
  registration_client_uri: string
  error?: string
  faults?: string[]
}

async function openHouse(options: { database?: Database } = {}) {
  const house = await oauthHouse({ ...options, settings: { GARDE_DYNAMIC_REGISTRATION: 'on' } })
  const operator = await enrolOperator(house.services)
  let names = 0
  return {
    ...house,
    operator,
    async allow(more: Sent = {}, by: OperatorId = operator) {
      const asked = newRegistrationToken.parse({
        profiles: ['smart-public', 'web-confidential'],
        scopes: ['openid', 'profile', 'offline_access', 'user/*.rs'],
        resources: [audience],
        uses: 50,
        ...more,
      })
      return mintRegistrationToken(house.services, by, asked, house.head())
    },
    async call(method: string, path: string, token?: string, body?: unknown, type = 'application/json') {
      const answer = await fetch(new URL(path, house.issuer), {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': type }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return {
        status: answer.status,
        headers: answer.headers,
        body: (text === '' ? {} : JSON.parse(text)) as Told,
      }
    },
    register(token: string, more: Sent = {}) {
      const described = {
        client_name: `Agenda ${++names}`,
        redirect_uris: ['https://agenda.example/cb'],
        token_endpoint_auth_method: 'none',
        ...more,
      }
      return this.call('POST', '/oauth/register', token, described)
    },
    clients: () => listClients(house.services.db),
  }
}
type RegistrationHouse = Awaited<ReturnType<typeof openHouse>>

let house: RegistrationHouse
let token: string
beforeAll(async () => {
  house = await openHouse()
  token = (await house.allow()).token
})
afterAll(() => house.close())

const refused = async (answer: Promise<{ status: number; body: Told }>) => {
  const { status, body } = await answer
  return [status, body.error, house.reason()]
}

test('off unless the configuration says so: nothing answers, nothing is announced', async () => {
  const closed = await oauthHouse()
  const found = (await (await fetch(`${closed.issuer}/.well-known/openid-configuration`)).json()) as Sent
  expect(found).not.toHaveProperty('registration_endpoint')
  for (const [method, path] of [
    ['POST', '/oauth/register'],
    ['GET', '/oauth/register/records-app'],
  ] as const)
    expect((await fetch(`${closed.issuer}${path}`, { method })).status).toBe(404)
  await closed.close()
})

describe('by clients that know only the standards', () => {
  test('openid-client registers, and signs somebody in', async () => {
    const client = await oidc.dynamicClientRegistration(
      new URL(house.issuer),
      {
        client_name: 'Openid-client',
        redirect_uris: ['https://agenda.example/oidc'],
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
      },
      undefined,
      { initialAccessToken: token, execute: [oidc.allowInsecureRequests] },
    )
    expect(client.serverMetadata().registration_endpoint).toBe(`${house.issuer}/oauth/register`)
    const verifier = oidc.randomPKCECodeVerifier()
    const address = oidc.buildAuthorizationUrl(client, {
      redirect_uri: 'https://agenda.example/oidc',
      scope: 'openid user/*.rs',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const browser = house.browser()
    await browser.signIn()
    // Never first-party: the person is asked.
    const { page = '' } = await browser.follow(address.href)
    expect(page).toContain('Autoriser Openid-client')
    const id = /name="id" value="([\w-]+)"/.exec(page)?.[1] ?? ''
    const { left } = await browser.follow('/oauth/resume', { form: { id, consent: 'given' } })
    if (!left) throw new Error('nobody came back')
    const tokens = await oidc.authorizationCodeGrant(client, left, { pkceCodeVerifier: verifier })
    expect(tokens.claims()?.sub).toBe(house.person.id)
  })

  test('oauth4webapi: dynamicClientRegistrationRequest', async () => {
    const found = await oauth.discoveryRequest(new URL(house.issuer), { ...insecure, algorithm: 'oidc' })
    const server = await oauth.processDiscoveryResponse(new URL(house.issuer), found)
    const described = { client_name: 'Oauth4webapi', redirect_uris: ['https://agenda.example/4'] }
    const answer = await oauth.dynamicClientRegistrationRequest(server, described, {
      ...insecure,
      initialAccessToken: token,
    })
    expect(await oauth.processDynamicClientRegistrationResponse(answer)).toMatchObject({
      client_secret_expires_at: 0,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      response_types: ['code'],
    })
  })
})

describe('RFC 7591 §3.2.1: what is answered', () => {
  test('everything registered, in the standard’s names; tokens kept as hashes', async () => {
    const { status, headers, body } = await house.register(token, {
      client_name: 'Rendez-vous',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
      post_logout_redirect_uris: ['https://agenda.example/bye'],
      id_token_signed_response_alg: 'ES256',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      default_max_age: 3600,
      backchannel_logout_uri: 'https://agenda.example/logout',
      scope: 'openid user/Patient.rs',
      logo_uri: 'https://agenda.example/logo.png',
      'client_name#en': 'Appointments',
      first_party: true,
    })
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store'])
    expect(body).toEqual({
      client_id: expect.stringMatching(/^cli_/) as string,
      client_id_issued_at: house.clock.now(),
      client_secret: expect.stringMatching(/^[\w-]{43}$/) as string,
      client_secret_expires_at: 0,
      client_name: 'Rendez-vous',
      redirect_uris: ['https://agenda.example/cb'],
      post_logout_redirect_uris: ['https://agenda.example/bye'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'openid user/Patient.rs',
      subject_type: 'public',
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      default_max_age: 3600,
      backchannel_logout_uri: 'https://agenda.example/logout',
      registration_access_token: expect.stringMatching(/^[\w-]{43}$/) as string,
      registration_client_uri: `${house.issuer}/oauth/register/${body.client_id}`,
    })
    expect(await findClient(house.services.db, body.client_id as ClientId)).toMatchObject({
      profile: 'web-confidential',
      firstParty: false,
      resources: [audience],
    })
    const kept = JSON.stringify(await house.services.db.query.clientRegistrations.findMany())
    expect(kept).not.toContain(body.registration_access_token)
    const tokens = JSON.stringify(await house.services.db.query.registrationTokens.findMany())
    expect(tokens).not.toContain(token)
  })

  test('in the log: who was let in by which token', async () => {
    const made = await house.allow()
    const { body } = await house.register(made.token)
    const events = (await house.services.db.query.auditQueue.findMany()).map(({ event }) => event)
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'registration-token.saved', token: made.id, change: 'minted' }),
    )
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'client.saved',
        client: body.client_id,
        change: 'registered',
        actor: { kind: 'system', id: made.id },
      }),
    )
  })

  test('where there is no name, the host it returns to is one', async () => {
    const { body } = await house.register(token, {
      client_name: undefined,
      redirect_uris: ['https://nameless.example/cb'],
    })
    expect(body).toMatchObject({ client_name: 'nameless.example' })
  })
})

describe('RFC 7591 §3.2.2: what is refused', () => {
  const bad = ['invalid_redirect_uri', 'redirect_uri_invalid'] as const
  const wrong = ['invalid_client_metadata', 'client_metadata_invalid'] as const
  test.each<[string, Sent, readonly [string, Reason]]>([
    ['a script as return address', { redirect_uris: ['javascript:alert(1)'] }, bad],
    ['plain http', { redirect_uris: ['http://agenda.example/cb'] }, bad],
    ['a fragment', { redirect_uris: ['https://agenda.example/cb#x'] }, bad],
    ['a wildcard', { redirect_uris: ['https://*.example/cb'] }, bad],
    ['no return address', { redirect_uris: [] }, bad],
    ['addresses that are none', { redirect_uris: 'https://agenda.example/cb' }, bad],
    ['too many', { redirect_uris: Array.from({ length: 21 }, (_, n) => `https://a.example/${n}`) }, bad],
    [
      'a private scheme for a server',
      { redirect_uris: ['com.example.app:/cb'], token_endpoint_auth_method: 'client_secret_basic' },
      bad,
    ],
    ['a script as way out', { post_logout_redirect_uris: ['javascript:alert(1)'] }, wrong],
    ['an unknown way to prove itself', { token_endpoint_auth_method: 'client_secret_jwt' }, wrong],
    ['keys without any', { token_endpoint_auth_method: 'private_key_jwt' }, wrong],
    [
      'somebody else’s keys',
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://bank.example/jwks' },
      wrong,
    ],
    ['keys of a public client', { jwks: { keys: [] } }, wrong],
    [
      'keys inside',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        redirect_uris: ['https://127.0.0.1/cb'],
        jwks_uri: 'https://127.0.0.1/jwks',
      },
      wrong,
    ],
    ['sign-outs told to somebody else', { backchannel_logout_uri: 'https://bank.example/logout' }, wrong],
    ['acting without a person', { grant_types: ['client_credentials'] }, wrong],
    ['acting for a person', { grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'] }, wrong],
    ['implicit', { grant_types: ['implicit'], response_types: ['id_token'] }, wrong],
    ['another response type', { response_types: ['code', 'token'] }, wrong],
    ['a wider scope', { scope: 'openid user/*.cruds' }, wrong],
    ['a service’s scope', { scope: 'system/*.rs' }, wrong],
    ['no scope', { scope: '' }, wrong],
    ['an algorithm that is none', { id_token_signed_response_alg: 'none' }, wrong],
    ['encryption', { userinfo_encrypted_response_alg: 'RSA-OAEP' }, wrong],
    ['pairwise subjects', { subject_type: 'pairwise' }, wrong],
    ['a name of another client', { client_name: 'ＤＯＳＳＩＥＲ' }, wrong],
    ['a name that is turned round', { client_name: 'abc\u202edef' }, wrong],
    ['a long name', { client_name: 'x'.repeat(81) }, wrong],
    ['a name of another kind', { client_name: { fr: 'x' } }, wrong],
    ['a NUL', { redirect_uris: ['https://agenda.example/\0'] }, wrong],
    ['half a character', { scope: 'openid \ud800' }, wrong],
    ['a wrong type', { dpop_bound_access_tokens: 'yes' }, wrong],
    [
      'a software statement',
      { software_statement: 'a.b.c' },
      ['invalid_software_statement', 'software_statement_unsupported'],
    ],
  ])('%s', async (_name, more, [error, reason]) => {
    const before = (await house.clients()).length
    const left = (await listRegistrationTokens(house.services.db, house.clock.now())).map(
      (each) => each.usesLeft,
    )
    expect(await refused(house.register(token, more))).toEqual([400, error, reason])
    expect(await house.clients()).toHaveLength(before)
    const after = (await listRegistrationTokens(house.services.db, house.clock.now())).map(
      (each) => each.usesLeft,
    )
    expect(after).toEqual(left)
  })

  test('what was wrong is named after the member that was sent', async () => {
    const { body } = await house.register(token, {
      redirect_uris: ['javascript:alert(1)'],
      post_logout_redirect_uris: ['http://a.example/'],
    })
    expect(body.faults).toEqual([
      expect.stringContaining('redirect_uris.0: must use https'),
      expect.stringContaining('post_logout_redirect_uris.0: must use https'),
    ])
    expect(JSON.stringify(body)).not.toContain('alert')
    expect(inTheirNames('options.jwksUri: must be')).toBe('jwks_uri: must be')
    expect(inTheirNames('practice: is')).toBe('practice: is')
  })

  test.each([
    ['no JSON', '{', 'application/json', 400],
    ['no object', '[]', 'application/json', 400],
    ['a form', 'client_name=x', 'application/x-www-form-urlencoded', 415],
    ['too much', JSON.stringify({ client_name: 'x'.repeat(70_000) }), 'application/json', 413],
  ])('%s', async (_name, sent, type, status) => {
    const answer = await house.call('POST', '/oauth/register', token, sent, type)
    expect(answer.status).toBe(status)
    expect(answer.body.error).toBeTruthy()
  })

  test('a member given twice counts once, as JSON has it: the last', async () => {
    const sent = `{"redirect_uris":["javascript:x"],"redirect_uris":["https://agenda.example/cb"],"token_endpoint_auth_method":"none","client_name":"Deux"}`
    const { status, body } = await house.call('POST', '/oauth/register', token, sent)
    expect([status, body['redirect_uris']]).toEqual([201, ['https://agenda.example/cb']])
  })
})

describe('initial access tokens', () => {
  const invalid = [401, 'invalid_token', 'registration_token_invalid']

  test.each(['', 'x', 'x'.repeat(43), 'x'.repeat(9000)])('nobody without one: %.20s', async (guess) => {
    const answer = house.register(guess)
    expect((await answer).headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(await refused(answer)).toEqual(invalid)
  })

  test('only the profiles, scopes and audiences it says', async () => {
    const narrow = await house.allow({ profiles: ['smart-public'], scopes: ['openid'], resources: [] })
    const confidential = { token_endpoint_auth_method: 'client_secret_basic' }
    expect(await refused(house.register(narrow.token, confidential))).toContain('client_metadata_invalid')
    expect(await refused(house.register(narrow.token, { scope: 'profile' }))).toContain(
      'client_metadata_invalid',
    )
    const { body } = await house.register(narrow.token)
    expect(await findClient(house.services.db, body.client_id as ClientId)).toMatchObject({
      profile: 'smart-public',
      scopes: ['openid'],
      resources: [],
    })
  })

  test('so many, and no more', async () => {
    const { token: two } = await house.allow({ uses: 2 })
    const answers = [await house.register(two), await house.register(two), await house.register(two)]
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 401])
  })

  test('not when it is over, revoked, or its operator is disabled or cut', async () => {
    const over = await house.allow({ lifetimeSeconds: 60 })
    const revoked = await house.allow()
    await revokeRegistrationToken(house.services.db, revoked.id, house.head())
    expect(await refused(house.register(revoked.token))).toEqual(invalid)
    const second = await enrolOperator(house.services)
    const third = await enrolOperator(house.services)
    const ofSecond = await house.allow({}, second)
    const ofThird = await house.allow({}, third)
    await disableOperator(house.services, second, house.head())
    const cut = {
      selector: { operator: third },
      effect: { kind: 'deny' } as const,
      endsSessions: true,
      reason: 'r',
    }
    await restrict(house.services, author, cut, {})
    expect(await refused(house.register(ofSecond.token))).toEqual(invalid)
    expect(await refused(house.register(ofThird.token))).toEqual(invalid)
    const listed = await listRegistrationTokens(house.services.db, house.clock.now())
    expect(listed.map(({ id }) => id)).not.toContain(ofSecond.id)
    house.clock.advance(60)
    expect(await refused(house.register(over.token))).toEqual(invalid)
    await expect(revokeRegistrationToken(house.services.db, revoked.id, house.head())).rejects.toMatchObject({
      reason: 'not_found',
    })
  })

  test('a source that tries too often waits', async () => {
    const throttled = await openHouse()
    throttled.services.throttle = memoryThrottle()
    for (let tries = 0; tries < 60; tries++) await throttled.call('GET', '/oauth/register/x', 'x'.repeat(43))
    const { status, headers } = await throttled.register((await throttled.allow()).token)
    expect([status, throttled.reason()]).toEqual([429, 'slowed'])
    expect(headers.get('retry-after')).toBeTruthy()
    await throttled.close()
  })
})

describe('RFC 7592: by the token of the registration', () => {
  const invalid = [401, 'invalid_token', 'registration_token_invalid']
  const described = (told: Told, more: Sent = {}): Sent => {
    const {
      registration_access_token: _token,
      registration_client_uri: _uri,
      client_secret_expires_at: _expires,
      client_id_issued_at: _issued,
      ...rest
    } = told as Sent
    return { ...rest, ...more }
  }
  const confidential = {
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://agenda.example/cb', 'https://agenda.example/cb2'],
    scope: 'openid user/Patient.rs',
  }

  test('§2.1 read: as it was registered, but for the secret', async () => {
    const { body } = await house.register(token, confidential)
    const { client_secret: _secret, client_secret_expires_at: _expires, ...rest } = body
    const answer = await house.call('GET', body.registration_client_uri, body.registration_access_token)
    expect([answer.status, answer.body]).toEqual([200, rest])
  })

  test('nobody else’s client, and not with the initial access token', async () => {
    const first = (await house.register(token)).body
    const second = (await house.register(token)).body
    const ask = (uri: string, by: string) => refused(house.call('GET', uri, by))
    expect(await ask(first.registration_client_uri, second.registration_access_token)).toEqual(invalid)
    expect(await ask(first.registration_client_uri, token)).toEqual(invalid)
    expect(await ask('/oauth/register/records-app', first.registration_access_token)).toEqual(invalid)
    expect(await ask('/oauth/register/nobody-there', first.registration_access_token)).toEqual(invalid)
    expect(await ask('/oauth/register/no%00body', first.registration_access_token)).toEqual(invalid)
    // And with the token of a registration nobody registers.
    expect(await refused(house.register(first.registration_access_token))).toEqual(invalid)
  })

  test('§2.2 update: what narrows is done', async () => {
    const { body } = await house.register(token, confidential)
    const fewer = described(body, { redirect_uris: ['https://agenda.example/cb'], scope: 'openid' })
    const answer = await house.call(
      'PUT',
      body.registration_client_uri,
      body.registration_access_token,
      fewer,
    )
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ redirect_uris: ['https://agenda.example/cb'], scope: 'openid' })
    expect(answer.body).not.toHaveProperty('client_secret')
    // The secret still works: another use of it says so.
    expect(await findClient(house.services.db, body.client_id as ClientId)).toMatchObject({
      redirectUris: ['https://agenda.example/cb'],
      secretHash: expect.any(String) as string,
    })
  })

  test.each<[string, Sent]>([
    ['another return address', { redirect_uris: ['https://agenda.example/cb', 'https://evil.example/cb'] }],
    ['another name', { client_name: 'Votre cabinet' }],
    ['another way out', { post_logout_redirect_uris: ['https://evil.example/'] }],
    ['sign-outs told', { backchannel_logout_uri: 'https://agenda.example/out' }],
    ['tokens that anybody may show', { dpop_bound_access_tokens: false }],
  ])('§2.2 update: %s is an operator’s to save', async (_name, more) => {
    const { body } = await house.register(token, { ...confidential, dpop_bound_access_tokens: true })
    const put = house.call(
      'PUT',
      body.registration_client_uri,
      body.registration_access_token,
      described(body, more),
    )
    expect(await refused(put)).toEqual([400, 'invalid_client_metadata', 'registration_widens'])
  })

  test('§2.2 update: wider scopes, other keys and another client are not even described', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: '1' }] }
    const { body } = await house.register(token, {
      ...confidential,
      jwks,
      token_endpoint_auth_method: 'private_key_jwt',
    })
    const { body: secretly } = await house.register(token, confidential)
    const put = (told: Told, more: Sent) =>
      house.call('PUT', told.registration_client_uri, told.registration_access_token, described(told, more))
    const wrong = [400, 'invalid_client_metadata', 'client_metadata_invalid']
    expect(await refused(put(body, { scope: 'openid user/*.rs' }))).toEqual(wrong)
    expect(await refused(put(body, { client_id: 'records-app' }))).toEqual(wrong)
    expect(await refused(put(body, { client_id: undefined }))).toEqual(wrong)
    expect(await refused(put(body, { registration_access_token: 'x' }))).toEqual(wrong)
    expect(await refused(put(body, { token_endpoint_auth_method: 'none' }))).toEqual(wrong)
    expect(await refused(put(secretly, { client_secret: 'guessed' }))).toEqual(wrong)
    expect(await refused(put(body, { client_secret: '' }))).toEqual(wrong)
    const { publicKey: other } = await generateKeyPair('ES256')
    const others = { keys: [{ ...(await exportJWK(other)), kid: '2' }] }
    expect(await refused(put(body, { jwks: others }))).toContain('registration_widens')
    expect((await put(body, {})).status).toBe(200)
  })

  test('§2.3 delete: the client is gone, its tokens open nothing, and its token manages nothing', async () => {
    const { body } = await house.register(token)
    const del = () => house.call('DELETE', body.registration_client_uri, body.registration_access_token)
    expect((await del()).status).toBe(204)
    expect(await findClient(house.services.db, body.client_id as ClientId)).toBeUndefined()
    const facts = { client: body.client_id as ClientId, practice: house.practice.id, safe: true }
    expect(house.services.restrictions.decide(facts, house.clock.now())).toMatchObject({
      reason: 'restricted',
    })
    expect(await refused(del())).toEqual(invalid)
  })
})

describe.each<[string, () => Promise<Database>]>([
  ['embedded', freshDatabase],
  ['PostgreSQL', async () => openPostgres((await freshPostgres()).url)],
])('50 parallel registrations (%s)', (_name, open) => {
  test('with a token for one: one', async () => {
    const its = await openHouse({ database: await open() })
    const { token: one } = await its.allow({ uses: 1 })
    const before = (await its.clients()).length
    const answers = await Promise.all(Array.from({ length: 50 }, () => its.register(one)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(await its.clients()).toHaveLength(before + 1)
    await its.close()
  })
})
