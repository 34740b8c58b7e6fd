/** Services and resources as clients: client_credentials, introspection, revocation, by oauth4webapi over real HTTP. */

import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countedPostgres } from '../../test/support/counted-postgres.ts'
import { audience, oauthHouse, type Changes, type OauthHouse } from '../../test/support/oauth.ts'
import { freshPostgres } from '../../test/support/postgres.ts'
import { parseClient } from '../clients/client.ts'
import { disableClient, saveClient } from '../clients/store.ts'
import type { ClientId } from '../core/ids.ts'
import type { Reason } from '../core/refusal.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import { lift, restrict } from '../restrictions/store.ts'
import { openPostgres } from '../runtime/postgres.ts'

const http = { [oauth.allowInsecureRequests]: true }
const author = { kind: 'rule', rule: 'test' } as const
const archiver: oauth.Client = { client_id: 'archiver' }
const api: oauth.Client = { client_id: 'records-api' }

interface Machines {
  house: OauthHouse
  server: oauth.AuthorizationServer
  /** Client authentication of the two. */
  asArchiver: oauth.ClientAuth
  asApi: oauth.ClientAuth
  secret: string
  apiSecret: string
}

/** A service of the house's practice, and the records API itself, which may ask about tokens for it. */
async function machines(house: OauthHouse): Promise<Machines> {
  const service = {
    id: 'archiver',
    name: 'Archivage',
    profile: 'web-confidential',
    grantTypes: ['client_credentials'],
    practice: house.practice.id,
    scopes: ['system/Patient.rs', 'system/Observation.cruds', 'notes.read'],
    resources: [audience],
  }
  const { secret = '' } = await saveClient(house.services, house.head(), parseClient(service))
  const { secret: apiSecret = '' } = await saveClient(
    house.services,
    house.head(),
    parseClient({ ...service, id: 'records-api', options: { introspects: [audience] } }),
  )
  const found = await oauth.discoveryRequest(new URL(house.issuer), http)
  const server = await oauth.processDiscoveryResponse(new URL(house.issuer), found)
  return {
    house,
    server,
    asArchiver: oauth.ClientSecretBasic(secret),
    asApi: oauth.ClientSecretPost(apiSecret),
    secret,
    apiSecret,
  }
}

let all: Machines
beforeAll(async () => {
  all = await machines(await oauthHouse())
})
afterAll(() => all.house.close())

async function serviceToken({ server, asArchiver }: Machines, fields: Record<string, string> = {}) {
  const answer = await oauth.clientCredentialsGrantRequest(
    server,
    archiver,
    asArchiver,
    new URLSearchParams(fields),
    http,
  )
  return oauth.processClientCredentialsResponse(server, archiver, answer)
}

async function askAbout(token: string, signed = false) {
  const { server, asApi } = all
  const answer = await oauth.introspectionRequest(server, api, asApi, token, {
    ...http,
    requestJwtResponse: signed,
  })
  return { said: await oauth.processIntrospectionResponse(server, api, answer), answer }
}

const recorded = async ({ services }: OauthHouse) =>
  (await services.db.query.auditQueue.findMany()).map(({ event }) => event)

/** As the client named, by the form. */
async function post(path: string, fields: Changes, headers: Record<string, string> = {}) {
  const present = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  return fetch(`${all.house.issuer}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(present).toString(),
  })
}

describe('protocols 7: backend services', () => {
  test('a service gets a token of its own for its practice, 300 s and no refresh token', async () => {
    const answer = await serviceToken(all, { scope: 'system/Patient.r notes.read' })
    expect(answer).toMatchObject({ expires_in: 300, scope: 'system/Patient.r notes.read' })
    expect(answer).not.toHaveProperty('refresh_token')
    const { house } = all
    const claims = await house.services.keys.verify(answer.access_token, audience, house.clock.now())
    expect(claims).toEqual({
      iss: house.issuer,
      sub: 'archiver',
      client_id: 'archiver',
      aud: audience,
      exp: house.clock.now() + 300,
      iat: house.clock.now(),
      jti: expect.any(String) as string,
      scope: 'system/Patient.r notes.read',
      practice: house.practice.id,
      session_started_at: house.clock.now(),
      session_sequence: 0,
    })
    expect(await recorded(house)).toContainEqual(
      expect.objectContaining({
        kind: 'service-token.issued',
        jti: claims.jti,
        actor: { kind: 'client', id: 'archiver' },
      }),
    )
  })

  test('all it is registered for where it asks for nothing', async () => {
    expect((await serviceToken(all)).scope).toBe('system/Patient.rs system/Observation.cruds notes.read')
  })

  test.each<[string, Changes, error: string, Reason]>([
    ['a letter it has not', { scope: 'system/Patient.d' }, 'invalid_scope', 'scope_not_allowed'],
    ['a type it has not', { scope: 'system/Condition.rs' }, 'invalid_scope', 'scope_not_allowed'],
    ['letters out of order', { scope: 'system/Patient.sr' }, 'invalid_scope', 'scope_not_allowed'],
    ['a person’s scope', { scope: 'user/Patient.rs' }, 'invalid_scope', 'scope_not_allowed'],
    ['an ID token', { scope: 'openid' }, 'invalid_scope', 'scope_not_allowed'],
    ['a scope of nothing', { scope: ' ' }, 'invalid_scope', 'scope_not_allowed'],
    ['another resource', { resource: 'https://other.example' }, 'invalid_target', 'resource_unknown'],
    ['a wrong secret', { client_secret: 'x' }, 'invalid_client', 'client_authentication_failed'],
    ['no secret', { client_secret: undefined }, 'invalid_client', 'client_authentication_failed'],
    ['another grant type', { grant_type: 'refresh_token' }, 'unauthorized_client', 'grant_type_not_allowed'],
  ])('not %s', async (_what, changes, error, reason) => {
    const { house, secret } = all
    const fields = { grant_type: 'client_credentials', client_id: 'archiver', client_secret: secret }
    const { status, body } = await house.token({ ...fields, ...changes })
    expect([status, body.error]).toEqual([400, error])
    expect(house.reason()).toBe(reason)
  })

  test('a public client serves nobody', async () => {
    expect((await all.house.token({ grant_type: 'client_credentials' })).body.error).toBe(
      'unauthorized_client',
    )
  })

  test('restricted, it gets none; what ended sessions ended its tokens, and those after the lift are good', async () => {
    const { house } = all
    const before = await serviceToken(all)
    const { restriction } = await restrict(house.services, author, {
      selector: { practice: house.practice.id },
      effect: { kind: 'deny' },
      endsSessions: true,
      reason: 'test',
    })
    await expect(serviceToken(all)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(house.reason()).toBe('restricted')
    expect((await askAbout(before.access_token)).said).toEqual({ active: false })
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
    expect((await askAbout(before.access_token)).said).toEqual({ active: false })
    const claims = await house.services.keys.verify(before.access_token, audience, house.clock.now())
    expect(house.services.restrictions.decide(factsOfToken(claims, true), house.clock.now())).toMatchObject({
      reason: 'session_ended',
    })
    expect((await askAbout((await serviceToken(all)).access_token)).said.active).toBe(true)
  })

  test('it is nobody: userinfo tells it nothing', async () => {
    const { access_token } = await serviceToken(all)
    const answer = await fetch(`${all.house.issuer}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${access_token}` },
    })
    expect(answer.status).toBe(403)
    expect(all.house.reason()).toBe('insufficient_scope')
  })

  test('a person cannot be asked for system scopes', async () => {
    const { house } = all
    const both = parseClient({
      id: 'both',
      name: 'Les deux',
      profile: 'web-confidential',
      grantTypes: ['authorization_code', 'client_credentials'],
      practice: house.practice.id,
      redirectUris: ['https://app.example/cb'],
      scopes: ['openid', 'system/*.cruds'],
      resources: [audience],
    })
    await saveClient(house.services, house.head(), both)
    await expect(
      house.code({
        client_id: 'both',
        redirect_uri: 'https://app.example/cb',
        scope: 'openid system/*.cruds',
      }),
    ).resolves.toBe('')
    expect(house.reason()).toBe('scope_not_allowed')
  })
})

describe('protocols 2: introspection (RFC 7662)', () => {
  test('a resource is told of a person’s token for it', async () => {
    const { house } = all
    const { body } = await house.exchange(await house.code())
    const { said, answer } = await askAbout(body.access_token ?? '')
    expect(said).toMatchObject({
      active: true,
      client_id: 'records-app',
      sub: house.person.id,
      aud: audience,
      iss: house.issuer,
      token_type: 'Bearer',
      practice: house.practice.id,
      role: 'clinician',
      acr: 'garde:passkey',
      amr: ['hwk', 'user'],
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('signed where asked (RFC 9701), to the caller', async () => {
    const { access_token } = await serviceToken(all)
    const { said, answer } = await askAbout(access_token, true)
    expect(answer.headers.get('content-type')).toBe('application/token-introspection+jwt')
    expect(said).toMatchObject({ active: true, sub: 'archiver' })
    await oauth.validateApplicationLevelSignature(all.server, answer, http)
    expect((await askAbout('nothing', true)).said).toEqual({ active: false })
  })

  test('of what is not, is over, is stopped or is another’s, two words', async () => {
    const { house } = all
    const { body } = await house.exchange(await house.code())
    const { access_token } = await serviceToken(all)
    // The service may ask about its own alone.
    const asArchiver = { client_id: 'archiver', client_secret: all.secret }
    const askAsArchiver = async (token: string) =>
      (await post('/oauth/introspect', { ...asArchiver, token })).text()
    expect(await askAsArchiver(access_token)).toContain('"active":true')
    const no = '{"active":false}'
    for (const token of [body.access_token, body.refresh_token, 'x', 'a.b.c', 'é', 'x'.repeat(9000)])
      expect(await askAsArchiver(token ?? '')).toBe(no)
    // The API is not told of refresh tokens either: nobody shows it one.
    expect((await askAbout(body.refresh_token ?? '')).said).toEqual({ active: false })
    house.clock.advance(300)
    expect(await askAsArchiver(access_token)).toBe(no)
  })

  test('a refresh token, to its own client, until it was used or its grant fell', async () => {
    const { house } = all
    const { secret = '' } = await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'web-app',
        name: 'Web',
        profile: 'web-confidential',
        firstParty: true,
        redirectUris: ['https://app.example/cb'],
        scopes: ['openid', 'offline_access', 'user/*.cruds'],
        resources: [audience],
      }),
    )
    const its = { client_id: 'web-app', client_secret: secret }
    const redirect_uri = 'https://app.example/cb'
    const { body } = await house.exchange(await house.code({ client_id: 'web-app', redirect_uri }), {
      ...its,
      redirect_uri,
    })
    const ask = async (token: string | undefined) =>
      (await (await post('/oauth/introspect', { ...its, token })).json()) as Record<string, unknown>
    expect(await ask(body.refresh_token)).toMatchObject({
      active: true,
      client_id: 'web-app',
      sub: house.person.id,
    })
    const { body: next } = await house.refresh(body.refresh_token, its)
    expect(await ask(body.refresh_token)).toEqual({ active: false })
    expect(await ask(next.refresh_token)).toMatchObject({ active: true })
    expect((await post('/oauth/revoke', { ...its, token: next.refresh_token })).status).toBe(200)
    expect(await ask(next.refresh_token)).toEqual({ active: false })
    expect(await ask(next.access_token)).toEqual({ active: false })
  })

  test.each<[string, Changes, status: number, Reason]>([
    ['nobody', { token: 'x' }, 400, 'malformed_id'],
    ['a public client', { client_id: 'records-app', token: 'x' }, 400, 'client_authentication_failed'],
    ['an unknown client', { client_id: 'nobody', client_secret: 'x', token: 'x' }, 400, 'client_unknown'],
    [
      'a wrong secret',
      { client_id: 'archiver', client_secret: 'x', token: 'x' },
      400,
      'client_authentication_failed',
    ],
  ])('%s is told nothing', async (_who, fields, status, reason) => {
    expect((await post('/oauth/introspect', fields)).status).toBe(status)
    expect(all.house.reason()).toBe(reason)
  })

  test('a question without a token', async () => {
    const its = { client_id: 'archiver', client_secret: all.secret }
    const answer = await post('/oauth/introspect', its)
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
    expect((await post('/oauth/introspect', { ...its, token: '' })).status).toBe(400)
  })
})

describe('protocols 2: revocation (RFC 7009)', () => {
  const revoke = async (token: string | undefined, client = 'records-app') =>
    post('/oauth/revoke', { client_id: client, token }, { origin: 'http://127.0.0.1' })
  const active = async (token: string | undefined) => (await askAbout(token ?? '')).said.active

  test('a public client’s page gives a refresh token back, and everything of the grant stops at once', async () => {
    const { house } = all
    const { body } = await house.exchange(await house.code())
    const { body: other } = await house.exchange(await house.code())
    expect(await active(body.access_token)).toBe(true)
    const answer = await oauth.revocationRequest(
      all.server,
      { client_id: 'records-app' },
      oauth.None(),
      body.refresh_token ?? '',
      http,
    )
    await oauth.processRevocationResponse(answer)
    expect(await active(body.access_token)).toBe(false)
    expect((await house.refresh(body.refresh_token)).body.error).toBe('invalid_grant')
    expect(await active(other.access_token)).toBe(true)
    expect(await recorded(house)).toContainEqual(
      expect.objectContaining({ kind: 'grant.ended', cause: 'revoked' }),
    )
  })

  test('an access token given back takes its grant along', async () => {
    const { house } = all
    const { body } = await house.exchange(await house.code())
    const answer = await revoke(body.access_token)
    expect([answer.status, await answer.text()]).toEqual([200, ''])
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1')
    expect(await active(body.access_token)).toBe(false)
    expect((await house.refresh(body.refresh_token)).body.error).toBe('invalid_grant')
    expect((await revoke(body.access_token)).status).toBe(200)
  })

  test('another’s token, or none at all, is left alone and not told apart', async () => {
    const { house } = all
    const { body } = await house.exchange(await house.code())
    const { access_token } = await serviceToken(all)
    for (const token of [access_token, 'nothing', 'a.b.c']) expect((await revoke(token)).status).toBe(200)
    expect(await active(access_token)).toBe(true)
    const its = { client_id: 'archiver', client_secret: all.secret }
    for (const token of [body.access_token, body.refresh_token])
      expect((await post('/oauth/revoke', { ...its, token })).status).toBe(200)
    expect(await active(body.access_token)).toBe(true)
  })

  test('a service’s own token lives out its 300 s, and that is said', async () => {
    const { access_token } = await serviceToken(all)
    const its = { client_id: 'archiver', client_secret: all.secret }
    const answer = await post('/oauth/revoke', { ...its, token: access_token })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'unsupported_token_type' }])
    expect(all.house.reason()).toBe('token_not_revocable')
  })
})

test('protocols 2: what is announced is what is there', () => {
  expect(all.server).toMatchObject({
    introspection_endpoint: `${all.house.issuer}/oauth/introspect`,
    revocation_endpoint: `${all.house.issuer}/oauth/revoke`,
    grant_types_supported: expect.arrayContaining(['client_credentials']) as string[],
    introspection_endpoint_auth_methods_supported: expect.not.arrayContaining(['none']) as string[],
    revocation_endpoint_auth_methods_supported: expect.arrayContaining(['none']) as string[],
    introspection_signing_alg_values_supported: expect.arrayContaining(['ES256']) as string[],
  })
})

test('a disabled client gets no token and is told nothing', async () => {
  const { house } = all
  const { secret = '' } = await saveClient(
    house.services,
    house.head(),
    parseClient({
      id: 'gone',
      name: 'Partie',
      profile: 'web-confidential',
      grantTypes: ['client_credentials'],
      practice: house.practice.id,
      scopes: ['notes.read'],
      resources: [audience],
    }),
  )
  const its = { client_id: 'gone', client_secret: secret }
  const { status, body } = await house.token({ ...its, grant_type: 'client_credentials' })
  expect(status).toBe(200)
  const claims = await house.services.keys.verify(body.access_token ?? '', audience, house.clock.now())
  const verdict = () => house.services.restrictions.decide(factsOfToken(claims, true), house.clock.now())
  expect(verdict()).toMatchObject({ allow: true })
  await disableClient(house.services, house.head(), 'gone' as ClientId)
  // The token it holds opens nothing, at any gateway, before it expires by itself.
  expect(verdict()).toMatchObject({ allow: false, reason: 'restricted' })
  expect((await house.token({ ...its, grant_type: 'client_credentials' })).body.error).toBe('invalid_client')
  expect((await post('/oauth/introspect', { ...its, token: 'x' })).status).toBe(400)
})

test('on PostgreSQL a service token asks twice, an introspection once', async () => {
  const { url } = await freshPostgres()
  const asked = await countedPostgres(url)
  const house = await oauthHouse({ database: openPostgres(asked.url, { connections: 1 }) })
  try {
    const those = await machines(house)
    const ours = () => asked.take().filter((statement) => !statement.includes('pg_catalog'))
    ours()
    const { access_token } = await serviceToken(those)
    expect(ours().length).toBeLessThanOrEqual(2)
    const { server, asApi } = those
    const answer = await oauth.introspectionRequest(server, api, asApi, access_token, http)
    expect(await oauth.processIntrospectionResponse(server, api, answer)).toMatchObject({ active: true })
    expect(ours().length).toBeLessThanOrEqual(1)
  } finally {
    await house.close()
    await asked.close()
  }
})
