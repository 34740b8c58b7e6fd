import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  challenge,
  oauthHouse,
  verifier,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { freshPostgres } from '../../test/support/postgres.ts'
import { freshDatabase } from '../../test/support/services.ts'
import { parseClient } from '../clients/client.ts'
import { disableClient, saveClient } from '../clients/store.ts'
import type { Reason } from '../core/refusal.ts'
import { minutes } from '../core/time.ts'
import type { Database } from '../db/db.ts'
import { listGrants } from '../grants/store.ts'
import { disablePractitioner } from '../people/practitioners.ts'
import { endSession } from '../people/session.ts'
import { lift, restrict } from '../restrictions/store.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { primitives } from '../runtime/primitives.ts'
import { provesPkce } from './grant-authorization-code.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

const author = { kind: 'rule', rule: 'test' } as const
const userinfo = (token: string | undefined) =>
  fetch(`${house.issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } })

describe('PKCE', () => {
  test('the vector of RFC 7636 appendix B', () => {
    expect(provesPkce(primitives, verifier, challenge)).toBe(true)
  })
  test.each([
    ['another verifier', `${verifier.slice(0, -1)}l`],
    ['the challenge itself', challenge],
    ['a short verifier', verifier.slice(0, 42)],
    ['a long one', 'a'.repeat(129)],
    ['none', ''],
  ])('not %s', (_name, wrong) => expect(provesPkce(primitives, wrong, challenge)).toBe(false))
})

describe('a code', () => {
  test.each<[string, Changes, error: string, Reason]>([
    ['with another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant', 'pkce_mismatch'],
    ['without a verifier', { code_verifier: undefined }, 'invalid_request', 'malformed_request'],
    [
      'for another return address',
      { redirect_uri: 'http://127.0.0.1:1/callback' },
      'invalid_grant',
      'redirect_uri_mismatch',
    ],
    ['without a return address', { redirect_uri: undefined }, 'invalid_request', 'malformed_request'],
    ['that nobody issued', { code: 'x' }, 'invalid_grant', 'code_invalid'],
    ['for another resource', { resource: 'https://x.example' }, 'invalid_target', 'resource_unknown'],
    [
      'by a grant type nobody knows',
      { grant_type: 'password' },
      'unsupported_grant_type',
      'unsupported_grant_type',
    ],
    [
      'by a grant type of our ancestors',
      { grant_type: 'toString' },
      'unsupported_grant_type',
      'unsupported_grant_type',
    ],
    ['without a grant type', { grant_type: undefined }, 'invalid_request', 'malformed_request'],
    ['by a client nobody knows', { client_id: 'nobody' }, 'invalid_client', 'client_unknown'],
    ['by no client', { client_id: undefined }, 'invalid_request', 'malformed_id'],
    [
      'by a public client with a secret',
      { client_secret: 'x' },
      'invalid_client',
      'client_authentication_failed',
    ],
  ])('%s', async (_name, changes, error, reason) => {
    const { status, headers, body } = await house.exchange(await house.code(), changes)
    expect([status, body.error, house.reason()]).toEqual([400, error, reason])
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('pragma')).toBe('no-cache')
  })

  test('is for one client', async () => {
    const app = {
      id: 'second-app',
      name: 'x',
      profile: 'smart-public',
      redirectUris: ['http://127.0.0.1/callback'],
      scopes: ['openid'],
      resources: [audience],
    }
    await saveClient(house.services, house.head(), parseClient(app))
    const code = await house.code()
    expect((await house.exchange(code, { client_id: 'second-app' })).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('code_invalid')
    expect((await house.exchange(code)).status).toBe(200)
  })

  test('lives 60 seconds', async () => {
    const code = await house.code()
    house.clock.advance(60)
    await house.exchange(code)
    expect(house.reason()).toBe('code_invalid')
  })

  test('once tried with the wrong verifier, is worth nothing, and the next use ends the grant', async () => {
    const code = await house.code()
    await house.exchange(code, { code_verifier: 'x'.repeat(43) })
    await house.exchange(code)
    expect(house.reason()).toBe('code_reused')
  })

  test('used twice ends everything the first use issued, access tokens at once', async () => {
    const code = await house.code()
    const { body } = await house.exchange(code)
    expect((await userinfo(body.access_token)).status).toBe(200)
    expect((await house.exchange(code)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('code_reused')

    await house.refresh(body.refresh_token)
    expect(house.reason()).toBe('grant_ended')
    expect((await userinfo(body.access_token)).status).toBe(401)
    const claims = await house.services.keys.verify(body.access_token ?? '', audience, house.clock.now())
    const facts = factsOfToken(claims, true)
    expect(house.services.restrictions.decide(facts, house.clock.now())).toMatchObject({
      reason: 'restricted',
    })
    expect(await kinds(house)).toContain('grant.ended code-reused')
    const fresh = await house.exchange(await house.code())
    expect((await userinfo(fresh.body.access_token)).status).toBe(200)
  })
})

const kinds = async ({ services }: OauthHouse): Promise<string[]> =>
  (await services.db.query.auditQueue.findMany()).map(({ event }) =>
    'cause' in event ? `${event.kind} ${event.cause}` : event.kind,
  )

describe('tokens', () => {
  test('say what they are; refreshing keeps assurance, time of sign-in and session facts', async () => {
    const { body } = await house.exchange(await house.code({ nonce: 'n-0 é' }))
    expect(decodeProtectedHeader(body.access_token ?? '')).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    expect(decodeJwt(body.id_token ?? '')).toMatchObject({ nonce: 'n-0 é', aud: 'records-app' })
    house.clock.advance(minutes(10))
    const again = await house.refresh(body.refresh_token)
    const first = decodeJwt(body.access_token ?? '')
    const second = decodeJwt(again.body.access_token ?? '')
    const fixed = (claims: Record<string, unknown>) =>
      [
        'acr',
        'amr',
        'auth_time',
        'session_started_at',
        'session_sequence',
        'sid',
        'grant_id',
        'practice',
      ].map((name) => claims[name])
    expect(fixed(second)).toEqual(fixed(first))
    expect(second.iat).toBe((first.iat ?? 0) + minutes(10))
    expect((second.exp ?? 0) - (second.iat ?? 0)).toBe(300)
    expect(decodeJwt(again.body.id_token ?? '')).not.toHaveProperty('nonce')
  })

  test('end with the session', async () => {
    const browser = house.browser()
    const session = await browser.signIn()
    for (let hour = 0; hour < 12; hour++) {
      house.clock.advance(minutes(59))
      await browser.open('/account')
    }
    house.clock.advance(minutes(12) - 100)
    const answer = await browser.open(authorizeAddress())
    const { body } = await house.exchange(
      new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '',
    )
    expect(decodeJwt(body.access_token ?? '').exp).toBe(session.endsAt)
    house.clock.advance(100)
    await house.refresh(body.refresh_token)
    expect(house.reason()).toBe('refresh_invalid')
  })

  test('a refresh may narrow the scope, never widen it', async () => {
    const { body } = await house.exchange(await house.code({ scope: 'openid offline_access' }))
    const narrowed = await house.refresh(body.refresh_token, { scope: 'openid' })
    expect(narrowed.body.scope).toBe('openid')
    const back = await house.refresh(narrowed.body.refresh_token)
    expect(back.body.scope).toBe('openid offline_access')
    await house.refresh(back.body.refresh_token, { scope: 'openid user/*.cruds' })
    expect(house.reason()).toBe('scope_not_allowed')
  })

  test('without openid there is no ID token and no userinfo', async () => {
    const { body } = await house.exchange(await house.code({ scope: 'user/*.cruds' }))
    expect(body).not.toHaveProperty('id_token')
    expect(body).not.toHaveProperty('refresh_token')
    const answer = await userinfo(body.access_token)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="Garde", error="insufficient_scope"')
  })
})

describe('a refresh token', () => {
  test('used twice ends the family', async () => {
    const { body } = await house.exchange(await house.code())
    const second = await house.refresh(body.refresh_token)
    expect(second.status).toBe(200)
    expect((await house.refresh(body.refresh_token)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('refresh_reused')
    await house.refresh(second.body.refresh_token)
    expect(house.reason()).toBe('grant_ended')
    expect((await userinfo(second.body.access_token)).status).toBe(401)
    expect(await kinds(house)).toContain('grant.ended refresh-reused')
  })

  test('of another client is not touched', async () => {
    const { body } = await house.exchange(await house.code())
    await house.refresh(body.refresh_token, { client_id: 'second-app' })
    expect(house.reason()).toBe('refresh_invalid')
    expect((await house.refresh(body.refresh_token)).status).toBe(200)
  })

  test('is not spent by a restriction: after the lift it works', async () => {
    const { body } = await house.exchange(await house.code())
    const { restriction } = await restrict(house.services, author, {
      selector: { client: 'records-app' as never },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'test',
    })
    const refused = await house.refresh(body.refresh_token)
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant'])
    expect(house.reason()).toBe('restricted')
    expect((await userinfo(body.access_token)).status).toBe(423)
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
    expect((await house.refresh(body.refresh_token)).status).toBe(200)
  })

  test('of a session that a restriction ended stays refused after the lift', async () => {
    const { body } = await house.exchange(await house.code())
    const { restriction } = await restrict(house.services, author, {
      selector: { practitioner: house.person.id },
      effect: { kind: 'deny' },
      endsSessions: true,
      reason: 'test',
    })
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
    await house.refresh(body.refresh_token)
    expect(house.reason()).toBe('session_ended')
    expect((await userinfo(body.access_token)).status).toBe(401)
  })

  test('does not satisfy a step-up: a new grant has to be made', async () => {
    const { body } = await house.exchange(await house.code())
    house.clock.advance(1)
    const { restriction } = await restrict(house.services, author, {
      selector: { practitioner: house.person.id },
      effect: { kind: 'step-up' },
      endsSessions: false,
      reason: 'test',
    })
    expect((await house.refresh(body.refresh_token)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('step_up_required')
    house.clock.advance(1)
    expect((await house.exchange(await house.code())).status).toBe(200)
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
  })

  test('of a session that ended or lay idle is refused: refreshing is not activity', async () => {
    const { body } = await house.exchange(await house.code())
    house.clock.advance(minutes(30))
    const still = await house.refresh(body.refresh_token)
    expect(still.status).toBe(200)
    house.clock.advance(minutes(30))
    await house.refresh(still.body.refresh_token)
    expect(house.reason()).toBe('grant_ended')

    const other = await house.exchange(await house.code())
    const { sid } = decodeJwt<{ sid: string }>(other.body.access_token ?? '')
    const holder = { kind: 'practitioner', id: house.person.id } as const
    const listed = await listGrants(house.services.db, house.person.id, house.clock.now())
    expect(listed[0]).toMatchObject({
      clientName: 'Dossier',
      practiceName: 'Cabinet des Tilleuls',
      session: sid,
    })
    await endSession(house.services, { id: sid as never, holder }, 'signed-out', house.head())
    const left = await listGrants(house.services.db, house.person.id, house.clock.now())
    expect(left.map(({ session }) => session)).not.toContain(sid)
    await house.refresh(other.body.refresh_token)
    expect(house.reason()).toBe('grant_ended')
    expect((await userinfo(other.body.access_token)).status).toBe(401)
  })
})

describe('whoever is gone gets nothing', () => {
  test('a disabled client, a client that lost its resource, a disabled practitioner', async () => {
    const its = await oauthHouse()
    const { body } = await its.exchange(await its.code())
    const client = {
      id: 'records-app',
      name: 'Dossier',
      profile: 'smart-public',
      firstParty: true,
      redirectUris: ['http://127.0.0.1/callback'],
      scopes: ['openid', 'offline_access'],
    }
    await saveClient(its.services, its.head(), parseClient(client))
    await its.refresh(body.refresh_token)
    expect(its.reason()).toBe('resource_unknown')
    await saveClient(its.services, its.head(), parseClient({ ...client, resources: [audience] }))
    const fewer = await its.refresh(body.refresh_token)
    expect(fewer.body.scope).toBe('openid offline_access')

    await disableClient(its.services, its.head(), 'records-app' as never)
    await its.refresh(fewer.body.refresh_token)
    expect(its.reason()).toBe('client_unknown')
    const open = await fetch(`${its.issuer}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${fewer.body.access_token}` },
    })
    expect(open.status).toBe(401)
    await disablePractitioner(its.services, its.person.id, its.head())
    await its.browser().open(authorizeAddress())
    expect(its.reason()).toBe('client_unknown')
    await its.close()
  })

  test('a practitioner disabled between sign-in and exchange', async () => {
    const its = await oauthHouse()
    const code = await its.code()
    await disablePractitioner(its.services, its.person.id, its.head())
    expect((await its.exchange(code)).body.error).toBe('invalid_grant')
    expect(its.reason()).toBe('grant_ended')
    await its.close()
  })
})

describe('client authentication', () => {
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  })
  let secret: string
  beforeAll(async () => {
    const saved = await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'server',
        name: 'Serveur',
        profile: 'web-confidential',
        redirectUris: ['https://server.example/cb'],
        scopes: ['openid'],
        resources: [audience],
      }),
    )
    secret = saved.secret ?? ''
  })
  const asked = {
    client_id: undefined,
    grant_type: 'authorization_code',
    code: 'x',
    redirect_uri: 'x',
    code_verifier: 'x',
  }

  test.each<[string, Changes, Record<string, string>, status: number, Reason]>([
    ['a wrong secret', {}, basic('server', 'wrong'), 401, 'client_authentication_failed'],
    ['an unknown client', {}, basic('nobody', 'wrong'), 401, 'client_unknown'],
    ['no colon', {}, { authorization: 'Basic c2VydmVy' }, 401, 'client_authentication_failed'],
    ['not base64', {}, { authorization: 'Basic !' }, 401, 'client_authentication_failed'],
    ['a bearer token', {}, { authorization: 'Bearer x' }, 401, 'client_authentication_failed'],
    [
      'a wrong secret in the form',
      { client_id: 'server', client_secret: 'x' },
      {},
      400,
      'client_authentication_failed',
    ],
    ['no proof at all', { client_id: 'server' }, {}, 400, 'client_authentication_failed'],
    ['two ways at once', { client_secret: 'x' }, basic('server', 'x'), 400, 'malformed_request'],
    ['two names', { client_id: 'records-app' }, basic('server', 'x'), 400, 'malformed_request'],
  ])('%s', async (_name, changes, headers, status, reason) => {
    const answer = await house.token({ ...asked, ...changes }, headers)
    expect([answer.status, house.reason()]).toEqual([status, reason])
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
  })

  test('the right secret gets as far as the code, and its refusals are in the log by name', async () => {
    await house.token(asked, basic('server', secret))
    expect(house.reason()).toBe('code_invalid')
    const events = (await house.services.db.query.auditQueue.findMany()).map(({ event }) => event)
    expect(events.findLast(({ kind }) => kind === 'refused')).toMatchObject({
      actor: { kind: 'client', id: 'server' },
      reason: 'code_invalid',
    })
  })

  test('a source that guesses is slowed', async () => {
    const take = house.services.throttle.take
    house.services.throttle.take = async () => ({ allowed: false, retryAfterSeconds: 30 })
    const answer = await house.token(asked, basic('server', 'guess'))
    expect([answer.status, answer.headers.get('retry-after'), house.reason()]).toEqual([429, '30', 'slowed'])
    expect((await house.token(asked, basic('server', secret))).status).toBe(400)
    house.services.throttle.take = take
  })
})

describe('userinfo', () => {
  test.each<[string, Record<string, string>, status: number, Reason, challenge: string]>([
    [
      'no token',
      {},
      401,
      'token_missing',
      'Bearer realm="Garde", DPoP algs="ES256 ES384 EdDSA Ed25519 PS256 RS384", realm="Garde"',
    ],
    ['another scheme', { authorization: 'Basic x' }, 401, 'token_missing', 'Bearer realm="Garde"'],
    [
      'no JWT',
      { authorization: 'Bearer x' },
      401,
      'token_malformed',
      'Bearer realm="Garde", error="invalid_token"',
    ],
    [
      'a giant',
      { authorization: `Bearer ${'x'.repeat(9000)}` },
      401,
      'token_malformed',
      'Bearer realm="Garde", error="invalid_token"',
    ],
  ])('%s', async (_name, headers, status, reason, expected) => {
    const answer = await fetch(`${house.issuer}/oauth/userinfo`, { headers })
    expect([answer.status, house.reason()]).toEqual([status, reason])
    expect(answer.headers.get('www-authenticate')).toBe(expected)
  })

  test('an ID token opens nothing, and a token in the address or form is not looked at', async () => {
    const { body } = await house.exchange(await house.code())
    expect((await userinfo(body.id_token)).status).toBe(401)
    expect(house.reason()).toBe('token_malformed')
    const inAddress = await fetch(`${house.issuer}/oauth/userinfo?access_token=${body.access_token}`)
    const inForm = await fetch(`${house.issuer}/oauth/userinfo`, {
      method: 'POST',
      body: new URLSearchParams({ access_token: body.access_token ?? '' }),
    })
    expect([inAddress.status, inForm.status]).toEqual([401, 401])
  })

  test('an expired token', async () => {
    const { body } = await house.exchange(await house.code())
    house.clock.advance(300)
    await userinfo(body.access_token)
    expect(house.reason()).toBe('token_expired')
  })
})

describe('pages of other origins', () => {
  const origin = 'https://app.example'
  beforeAll(async () => {
    await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'browser-app',
        name: 'x',
        profile: 'smart-public',
        firstParty: true,
        redirectUris: [`${origin}/cb`],
        scopes: ['openid'],
        resources: [audience],
      }),
    )
  })
  const preflight = async (from: string) => {
    const answer = await fetch(`${house.issuer}/oauth/token`, {
      method: 'OPTIONS',
      headers: { origin: from },
    })
    return [answer.status, answer.headers.get('access-control-allow-origin')]
  }

  test('the token endpoint answers the origins that public clients return to', async () => {
    expect(await preflight(origin)).toEqual([204, origin])
    expect(await preflight('https://evil.example')).toEqual([204, null])
    const from = async (changes: Changes, sent: string) =>
      (
        await house
          .exchange('x', changes)
          .then(async () =>
            house.token({ grant_type: 'refresh_token', refresh_token: 'x', ...changes }, { origin: sent }),
          )
      ).headers.get('access-control-allow-origin')
    expect(await from({ client_id: 'browser-app' }, origin)).toBe(origin)
    expect(await from({ client_id: 'browser-app' }, 'https://evil.example')).toBeNull()
    expect(await from({ client_id: 'records-app' }, origin)).toBeNull()
  })

  test('userinfo, keys and discovery are for all, and take no cookie', async () => {
    for (const path of ['/oauth/userinfo', '/oauth/jwks', '/.well-known/openid-configuration']) {
      const answer = await fetch(`${house.issuer}${path}`, { method: 'OPTIONS', headers: { origin } })
      expect([path, answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
        path,
        204,
        '*',
      ])
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
    }
  })
})

/** Both databases: an embedded one is a single session, a server is not. */
describe.each<[string, () => Promise<Database>]>([
  ['embedded', freshDatabase],
  ['PostgreSQL', async () => openPostgres((await freshPostgres()).url)],
])('50 parallel takers (%s)', (_name, open) => {
  let its: OauthHouse
  beforeAll(async () => {
    its = await oauthHouse({ database: await open() })
  })
  afterAll(() => its.close())
  const won = (answers: { status: number }[]) => answers.filter(({ status }) => status === 200).length
  const many = <T>(act: () => Promise<T>) => Promise.all(Array.from({ length: 50 }, act))

  test('of one code: one wins, and what it won is over', async () => {
    const code = await its.code()
    const answers = await many(() => its.exchange(code))
    expect(won(answers)).toBe(1)
    const winner = answers.find(({ status }) => status === 200)
    expect((await its.refresh(winner?.body.refresh_token)).body.error).toBe('invalid_grant')
    expect((await kinds(its)).filter((kind) => kind === 'grant.ended code-reused')).toHaveLength(1)
  })

  test('of one refresh token: one wins, and the family is over', async () => {
    const { body } = await its.exchange(await its.code())
    const answers = await many(() => its.refresh(body.refresh_token))
    expect(won(answers)).toBe(1)
    const winner = answers.find(({ status }) => status === 200)
    await its.refresh(winner?.body.refresh_token)
    expect(its.reason()).toBe('grant_ended')
    expect((await kinds(its)).filter((kind) => kind === 'grant.ended refresh-reused')).toHaveLength(1)
  })
})
