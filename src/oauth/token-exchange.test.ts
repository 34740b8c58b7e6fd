/** RFC 8693: a service acts for a practitioner, said by openid-client and oauth4webapi, and tried by those who would misuse it. */

import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  callback,
  oauthHouse,
  verifier,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { proofMaker } from '../../test/support/proofs.ts'
import { parseClient } from '../clients/client.ts'
import { disableClient, saveClient } from '../clients/store.ts'
import type { ClientId } from '../core/ids.ts'
import type { Reason } from '../core/refusal.ts'
import { endSession } from '../people/session.ts'
import { saveResource } from '../resources/store.ts'
import type { Selector } from '../restrictions/restriction.ts'
import { lift, restrict } from '../restrictions/store.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import type { AccessClaims, PersonClaims } from '../tokens/claims.ts'

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'
const notes = 'https://notes.example/'
const author = { kind: 'rule', rule: 'test' } as const
const insecure = { [oauth.allowInsecureRequests]: true }

let house: OauthHouse
const secrets = new Map<string, string>()

async function register(id: string, more: object = {}): Promise<void> {
  const { secret = '' } = await saveClient(
    house.services,
    house.head(),
    parseClient({
      id,
      name: id,
      profile: 'web-confidential',
      grantTypes: [exchangeGrant],
      scopes: ['openid', 'user/Observation.rs', 'user/Patient.r'],
      resources: [audience],
      options: { actsOnTokensOf: ['records-app'] },
      ...more,
    }),
  )
  secrets.set(id, secret)
}

beforeAll(async () => {
  house = await oauthHouse()
  await saveResource(house.services, house.head(), {
    kind: 'fhir',
    name: 'notes',
    audience: notes,
    base: '/notes',
    upstream: 'http://127.0.0.1:9',
  })
  await register('lab')
  await register('imaging', { options: { actsOnTokensOf: ['lab', 'imaging'] }, resources: [audience, notes] })
  await register('archive', {
    grantTypes: [exchangeGrant, 'client_credentials'],
    practice: house.practice.id,
    scopes: ['user/Patient.r', 'system/Patient.rs'],
  })
})
afterAll(() => house.close())

/** What the records app holds for the practitioner. */
async function personToken() {
  const { body } = await house.exchange(await house.code())
  return { access: body.access_token ?? '', refresh: body.refresh_token ?? '', id: body.id_token ?? '' }
}

const exchange = (token: string, changes: Changes = {}, headers: Record<string, string> = {}) => {
  const client = changes['client_id'] ?? 'lab'
  return house.token(
    {
      client_id: client,
      client_secret: secrets.get(client),
      grant_type: exchangeGrant,
      subject_token: token,
      subject_token_type: accessToken,
      ...changes,
    },
    headers,
  )
}
const read = async (token: string | undefined, of = audience) =>
  (await house.services.keys.verify(token ?? '', of, house.clock.now())) as PersonClaims
const exchanged = async (token: string, changes: Changes = {}) => {
  const { status, body } = await exchange(token, changes)
  expect([status, body.error]).toEqual([200, undefined])
  return body.access_token ?? ''
}
const refused = async (answer: ReturnType<typeof exchange>) => {
  const { status, body } = await answer
  return [status, body.error, house.reason()]
}
const invalid = [400, 'invalid_request', 'subject_token_invalid']

describe('by clients that know only the standards', () => {
  test('openid-client: genericGrantRequest', async () => {
    const { access } = await personToken()
    const client = await oidc.discovery(
      new URL(house.issuer),
      'lab',
      undefined,
      oidc.ClientSecretBasic(secrets.get('lab')),
      { execute: [oidc.allowInsecureRequests] },
    )
    const answer = await oidc.genericGrantRequest(client, exchangeGrant, {
      subject_token: access,
      subject_token_type: accessToken,
      scope: 'user/Observation.r',
    })
    expect(answer).toMatchObject({
      token_type: 'bearer',
      issued_token_type: accessToken,
      scope: 'user/Observation.r',
    })
    expect(answer).not.toHaveProperty('refresh_token')
    expect(answer).not.toHaveProperty('id_token')
  })

  test('oauth4webapi: generic token endpoint, bound to the service’s own key, and introspected with its actor', async () => {
    const { access } = await personToken()
    const found = await oauth.discoveryRequest(new URL(house.issuer), { ...insecure, algorithm: 'oidc' })
    const server = await oauth.processDiscoveryResponse(new URL(house.issuer), found)
    const client: oauth.Client = { client_id: 'lab' }
    const authentication = oauth.ClientSecretPost(secrets.get('lab') ?? '')
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const parameters = { subject_token: access, subject_token_type: accessToken, resource: audience }
    const ask = async () =>
      oauth.processGenericTokenEndpointResponse(
        server,
        client,
        await oauth.genericTokenEndpointRequest(
          server,
          client,
          authentication,
          exchangeGrant,
          new URLSearchParams(parameters),
          { ...insecure, DPoP },
        ),
      )
    const answer = await ask().catch((error: unknown) => {
      if (oauth.isDPoPNonceError(error)) return ask()
      throw error
    })
    expect(answer.token_type).toBe('dpop')
    const asked = await oauth.introspectionRequest(
      server,
      client,
      authentication,
      answer.access_token,
      insecure,
    )
    const said = await oauth.processIntrospectionResponse(server, client, asked)
    expect(said).toMatchObject({
      active: true,
      sub: house.person.id,
      client_id: 'lab',
      act: { sub: 'lab' },
      granted_to: 'records-app',
      token_type: 'DPoP',
    })
  })
})

describe('RFC 8693 §2.2, §4.1: what is issued', () => {
  test('the same person, practice, session and grant; the service as client and actor; no longer than the token it came from', async () => {
    const { access } = await personToken()
    const subject = await read(access)
    house.clock.advance(100)
    const { body } = await exchange(access)
    expect(body).toMatchObject({ issued_token_type: accessToken, expires_in: 200, token_type: 'Bearer' })
    const { jti, ...claims } = await read(body.access_token)
    const { jti: from, ...before } = subject
    expect(claims).toEqual({
      ...before,
      iat: house.clock.now(),
      client_id: 'lab',
      granted_to: 'records-app',
      act: { sub: 'lab' },
      scope: 'user/Observation.rs user/Patient.r',
    })
    const events = (await house.services.db.query.auditQueue.findMany()).map(({ event }) => event)
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'token.issued',
        by: 'exchange',
        client: 'lab',
        practitioner: house.person.id,
        grant: subject.grant_id,
        jti,
        from,
        actor: { kind: 'client', id: 'lab' },
      }),
    )
  })

  test('one that acts for one that acts: the newest outermost, the first client still named', async () => {
    const { access } = await personToken()
    const first = await exchanged(access)
    const second = await exchanged(first, { client_id: 'imaging' })
    expect(await read(second)).toMatchObject({
      client_id: 'imaging',
      granted_to: 'records-app',
      act: { sub: 'imaging', act: { sub: 'lab' } },
    })
  })

  test('a chain ends after three', async () => {
    const { access } = await personToken()
    const third = await exchanged(await exchanged(await exchanged(access), { client_id: 'imaging' }), {
      client_id: 'imaging',
    })
    expect(await refused(exchange(third, { client_id: 'imaging' }))).toEqual(invalid)
  })

  test('a chain never lives longer than its first token', async () => {
    const { access } = await personToken()
    const { exp } = await read(access)
    house.clock.advance(299)
    const last = await exchanged(await exchanged(access), { client_id: 'imaging' })
    expect((await read(last)).exp).toBe(exp)
    house.clock.advance(1)
    expect(await refused(exchange(last, { client_id: 'imaging' }))).toEqual(invalid)
  })

  test('its own actor token may be shown beside', async () => {
    await register('robot', {
      grantTypes: [exchangeGrant, 'client_credentials'],
      practice: house.practice.id,
      scopes: ['user/Patient.r', 'system/Patient.rs'],
    })
    const own = { client_id: 'robot', client_secret: secrets.get('robot') }
    const { body } = await house.token({ ...own, grant_type: 'client_credentials' })
    const { access } = await personToken()
    const actor = { client_id: 'robot', actor_token: body.access_token, actor_token_type: accessToken }
    expect(await read(await exchanged(access, actor))).toMatchObject({ act: { sub: 'robot' } })
    const wrong = [400, 'invalid_request', 'actor_token_invalid']
    expect(await refused(exchange(access, { ...actor, client_id: 'lab' }))).toEqual(wrong)
    expect(await refused(exchange(access, { ...actor, actor_token: access }))).toEqual(wrong)
    expect(await refused(exchange(access, { ...actor, actor_token: 'x' }))).toEqual(wrong)
  })
})

describe('RFC 8693 §2.1: what is asked', () => {
  const idToken = 'urn:ietf:params:oauth:token-type:id_token'
  const refreshToken = 'urn:ietf:params:oauth:token-type:refresh_token'
  test.each<[string, Changes, Reason]>([
    ['no subject token', { subject_token: undefined }, 'malformed_request'],
    ['no type of it', { subject_token_type: undefined }, 'malformed_request'],
    ['another type of it', { subject_token_type: idToken }, 'malformed_request'],
    ['a refresh token wanted', { requested_token_type: refreshToken }, 'malformed_request'],
    ['an ID token wanted', { requested_token_type: idToken }, 'malformed_request'],
    ['an actor’s type without an actor', { actor_token_type: accessToken }, 'malformed_request'],
    ['an actor without its type', { actor_token: 'a.b.c' }, 'malformed_request'],
    ['something else', { subject_token: 'nothing' }, 'subject_token_invalid'],
    ['a NUL', { subject_token: 'a\0b' }, 'malformed_request'],
    ['too much', { subject_token: `${'x'.repeat(9000)}.x.x` }, 'subject_token_invalid'],
  ])('%s: invalid_request', async (_name, changes, reason) => {
    const { access } = await personToken()
    expect(await refused(exchange(access, changes))).toEqual([400, 'invalid_request', reason])
  })

  test('an ID token, a refresh token or a service’s own token are no person’s access token', async () => {
    const { id, refresh } = await personToken()
    expect(await refused(exchange(id))).toEqual(invalid)
    expect(await refused(exchange(refresh))).toEqual(invalid)
    const own = { client_id: 'archive', client_secret: secrets.get('archive') }
    const { body } = await house.token({ ...own, grant_type: 'client_credentials' })
    expect(await refused(exchange(body.access_token ?? ''))).toEqual(invalid)
  })

  test('a token changed, of another issuer, or over', async () => {
    const { access } = await personToken()
    const [head = '', , signature = ''] = access.split('.')
    const payload = btoa(
      JSON.stringify({ ...(await read(access)), scope: 'user/*.cruds', exp: 9_999_999_999 }),
    )
    expect(await refused(exchange(`${head}.${payload.replaceAll('=', '')}.${signature}`))).toEqual(invalid)
    house.clock.advance(300)
    expect(await refused(exchange(access))).toEqual(invalid)
  })

  test('scopes narrow: never beyond the token, nor beyond what the service is registered for, nor a sign-in', async () => {
    const { access } = await personToken()
    const wrong = [400, 'invalid_scope', 'scope_not_allowed']
    for (const scope of [
      'user/*.cruds',
      'user/Observation.cruds',
      'user/Patient.rs',
      'openid',
      'system/Patient.rs',
      '',
    ])
      expect(await refused(exchange(access, { scope }))).toEqual(wrong)
    const narrow = await exchanged(access, { scope: 'user/Patient.r' })
    expect(await refused(exchange(narrow, { client_id: 'imaging', scope: 'user/Observation.r' }))).toEqual(
      wrong,
    )
    expect((await read(await exchanged(narrow, { client_id: 'imaging' }))).scope).toBe('user/Patient.r')
  })

  test('another audience only where both the service and the application are registered for it', async () => {
    const { access } = await personToken()
    const wrong = [400, 'invalid_target', 'resource_unknown']
    const first = await exchanged(access)
    const imaging = { client_id: 'imaging' }
    for (const target of [notes, 'https://nowhere.example/'])
      for (const name of ['resource', 'audience'])
        expect(await refused(exchange(first, { ...imaging, [name]: target }))).toEqual(wrong)
    await house.services.db.execute(
      `update clients set resources = array['${audience}', '${notes}'] where id = 'records-app'`,
    )
    expect(await refused(exchange(access, { resource: notes }))).toEqual(wrong)
    const both = { ...imaging, resource: notes, audience }
    expect(await refused(exchange(first, both))).toEqual(wrong)
    const other = await exchanged(first, { ...imaging, resource: notes, audience: notes })
    expect(await read(other, notes)).toMatchObject({ aud: notes, act: { sub: 'imaging' } })
    const about = {
      patient: 'p1',
      encounter: 'e1',
      fhirUser: `${house.issuer}/records/Practitioner/prat-anne`,
    }
    const launched = await house.services.keys.sign('token', 'at+jwt', { ...(await read(first)), ...about })
    expect(await read(await exchanged(launched, imaging))).toMatchObject(about)
    // Ids of one API's records are somebody else in another's.
    const elsewhere = await read(await exchanged(launched, { ...imaging, resource: notes }), notes)
    for (const name of Object.keys(about)) expect(elsewhere).not.toHaveProperty(name)
    await house.services.db.execute(
      `update clients set resources = array['${audience}'] where id = 'records-app'`,
    )
  })
})

describe('who may', () => {
  test('nobody who was not told so: not for another client’s tokens, not without the grant type, not a public client', async () => {
    const { access } = await personToken()
    const first = await exchanged(access)
    expect(await refused(exchange(access, { client_id: 'imaging' }))).toEqual([
      400,
      'invalid_request',
      'acting_not_allowed',
    ])
    expect(await refused(exchange(first))).toEqual([400, 'invalid_request', 'acting_not_allowed'])
    const anybody = { client_id: 'records-app', client_secret: undefined }
    expect(await refused(exchange(access, anybody))).toEqual([
      400,
      'unauthorized_client',
      'grant_type_not_allowed',
    ])
    expect(await refused(exchange(access, { client_secret: 'guessed' }))).toEqual([
      400,
      'invalid_client',
      'client_authentication_failed',
    ])
  })

  test.each([
    [{ grantTypes: [exchangeGrant], options: {} }, 'must name the clients'],
    [{ grantTypes: ['refresh_token'], options: { actsOnTokensOf: ['records-app'] } }, 'is only for a client'],
    [
      { profile: 'smart-public', options: { actsOnTokensOf: ['records-app'] } },
      'must be a grant type of its profile',
    ],
    [{ options: { actsOnTokensOf: ['no such id!'] } }, 'must be the id of a client'],
  ])('registration %#: %s', (changes, sentence) => {
    const client = {
      name: 'x',
      profile: 'web-confidential',
      grantTypes: [exchangeGrant],
      scopes: ['user/Patient.r'],
      ...changes,
    }
    expect(() => parseClient(client)).toThrow(
      expect.objectContaining({
        detail: { faults: expect.arrayContaining([expect.stringContaining(sentence)]) as string[] },
      }),
    )
  })
})

describe('what is cut', () => {
  const stop = (selector: Selector) =>
    restrict(
      house.services,
      author,
      { selector, effect: { kind: 'deny' }, endsSessions: false, reason: 'r' },
      {},
    )

  test.each<[string, (claims: PersonClaims) => Selector]>([
    ['the person', ({ sub }) => ({ practitioner: sub })],
    ['the service', () => ({ client: 'lab' as ClientId })],
    ['the application', () => ({ client: 'records-app' as ClientId })],
    ['the grant', ({ grant_id }) => ({ grant: grant_id })],
    ['the session', ({ sid }) => ({ session: sid })],
    ['the practice', ({ practice }) => ({ practice })],
    ['both client and person', ({ sub }) => ({ practitioner: sub, client: 'records-app' as ClientId })],
  ])(
    '%s: nothing is exchanged, and what was exchanged before is stopped, chain and all',
    async (_name, of) => {
      const { access } = await personToken()
      const first = await exchanged(access)
      const second = await exchanged(first, { client_id: 'imaging' })
      const stopped = async (token: string) => {
        const claims: AccessClaims = await read(token)
        return house.services.restrictions.decide(factsOfToken(claims, true), house.clock.now())
      }
      expect(await stopped(second)).toMatchObject({ allow: true })
      const cut = await stop(of(await read(access)))
      expect(await stopped(second)).toMatchObject({ allow: false, reason: 'restricted' })
      expect(await refused(exchange(access))).toEqual(invalid)
      expect(await refused(exchange(first, { client_id: 'imaging' }))).toEqual(invalid)
      await lift(house.services, author, { restriction: cut.restriction.id, reason: 'r' }, {})
      expect(await stopped(second)).toMatchObject({ allow: true })
    },
  )

  test('a session that ended, and a service that was disabled', async () => {
    await register('short')
    const browser = house.browser()
    const session = await browser.signIn()
    const back = (await browser.open(authorizeAddress())).headers.get('location') ?? ''
    const { body } = await house.exchange(new URL(back).searchParams.get('code') ?? '')
    const access = body.access_token ?? ''
    const acting = await exchanged(access, { client_id: 'short' })
    await disableClient(house.services, house.head(), 'short' as ClientId)
    const verdict = house.services.restrictions.decide(
      factsOfToken(await read(acting), true),
      house.clock.now(),
    )
    expect(verdict).toMatchObject({ allow: false, reason: 'restricted' })
    expect(await refused(exchange(access, { client_id: 'short' }))).toContain('client_unknown')
    await endSession(house.services, session, 'operator', house.head())
    expect(await refused(exchange(access))).toEqual(invalid)
  })

  test('giving back a token it acts with does not end the person’s grant', async () => {
    const { access, refresh } = await personToken()
    const acting = await exchanged(access)
    const answer = await fetch(`${house.issuer}/oauth/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: 'lab',
        client_secret: secrets.get('lab') ?? '',
        token: acting,
      }).toString(),
    })
    expect([answer.status, house.reason()]).toEqual([400, 'token_not_revocable'])
    expect((await house.refresh(refresh)).status).toBe(200)
  })
})

describe('RFC 9449: keys', () => {
  const prove = async (maker: Awaited<ReturnType<typeof proofMaker>>) => {
    const at = house.clock.now()
    const nonce = house.services.proofs.nonce(at)
    return { dpop: await maker.prove({ method: 'POST', target: `${house.issuer}/oauth/token`, at, nonce }) }
  }

  test('a token bound to a key never becomes one that anybody can show', async () => {
    const app = await proofMaker()
    const service = await proofMaker()
    const { body } = await house.token(
      {
        grant_type: 'authorization_code',
        code: await house.code(),
        redirect_uri: callback,
        code_verifier: verifier,
      },
      await prove(app),
    )
    const access = body.access_token ?? ''
    expect((await read(access)).cnf).toEqual({ jkt: app.jkt })
    expect(await refused(exchange(access))).toEqual([400, 'invalid_dpop_proof', 'proof_required'])
    const bound = await exchange(access, {}, await prove(service))
    expect((await read(bound.body.access_token)).cnf).toEqual({ jkt: service.jkt })
    const onwards = exchange(bound.body.access_token ?? '', { client_id: 'imaging' })
    expect(await refused(onwards)).toEqual([400, 'invalid_dpop_proof', 'proof_required'])
  })
})
