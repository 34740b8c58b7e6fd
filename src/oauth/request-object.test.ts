/** Signed authorization requests: RFC 9101, FAPI 2.0 Message Signing 5.3. */

import { UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  clientKey,
  signAssertion,
  signRequest,
  signingClient,
  type ClientKey,
  type JwtChanges,
} from '../../test/support/client-keys.ts'
import {
  audience,
  authorizeAddress,
  callback,
  oauthHouse,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { proofMaker } from '../../test/support/proofs.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import { widens } from '../clients/widening.ts'
import type { Reason } from '../core/refusal.ts'

const app = (id: string, options: object) => ({
  id,
  name: 'Serveur qui signe',
  profile: 'web-confidential',
  firstParty: true,
  redirectUris: [callback],
  scopes: ['openid', 'offline_access'],
  resources: [audience],
  options,
})

let house: OauthHouse
let key: ClientKey
let pss: ClientKey
let others: ClientKey
let apps: Record<'signing' | 'strict' | 'other', ReturnType<typeof signingClient>>
beforeAll(async () => {
  house = await oauthHouse()
  key = await clientKey('k1')
  pss = await clientKey('p1', 'PS256')
  others = await clientKey('k1')
  const jwks = { keys: [key.jwk, pss.jwk] }
  await saveClient(house.services, house.head(), parseClient(app('signing-app', { jwks })))
  const strict = { jwks, signedRequestsOnly: true }
  await saveClient(house.services, house.head(), parseClient(app('strict-app', strict)))
  await saveClient(
    house.services,
    house.head(),
    parseClient(app('other-app', { jwks: { keys: [others.jwk] } })),
  )
  apps = {
    signing: signingClient(house, { id: 'signing-app', key }),
    strict: signingClient(house, { id: 'strict-app', key }),
    other: signingClient(house, { id: 'other-app', key: others }),
  }
})
afterAll(() => house.close())

const request = (changes: JwtChanges = {}, by = key, client = 'signing-app') =>
  signRequest(house, by, client, changes)

const fault = () => {
  const line = house.services.lines.findLast(({ message }) => message === 'refused')
  return (line?.fields['detail'] as { fault?: string } | undefined)?.fault ?? line?.fields['fault']
}

/** By the front channel; what stands beside the object is the client's to get wrong. */
const bring = (object: string, beside: Record<string, string> = {}, client = apps.signing) =>
  client.arrive({ request: object, ...beside })

/** The object, and beside it nothing but what the test says. */
const push = (fields: Changes, headers: Record<string, string> = {}, client = apps.signing) =>
  client.push({ ...alone, ...fields }, headers)
const alone = Object.fromEntries(
  ['response_type', 'redirect_uri', 'scope', 'code_challenge', 'code_challenge_method', 'state'].map(
    (name) => [name, undefined],
  ),
)

describe('RFC 9101 5.1: a request passed by value', () => {
  test.each<[string, () => Promise<string>]>([
    ['signed with ES256 and typed', () => request()],
    ['signed with PS256', () => request({}, pss)],
    ['without typ', () => request({ header: { typ: undefined } })],
    ['with typ JWT', () => request({ header: { typ: 'JWT' } })],
    ['with its media type in full', () => request({ header: { typ: 'application/OAUTH-authz-req+jwt' } })],
    ['for us and others', () => request({ claims: { aud: ['https://elsewhere.example', house.issuer] } })],
    ['from a clock 10 s ahead', () => request({ claims: { nbf: house.clock.now() + 10 } })],
    ['without jti', () => request({ claims: { jti: undefined } })],
    ['with members of no meaning', () => request({ claims: { unknown: { a: 1 } } })],
  ])('%s', async (_name, make) => {
    const { back, code } = await bring(await make())
    expect(back?.href.startsWith(callback)).toBe(true)
    expect(back?.searchParams.get('state')).toBe('s1')
    expect((await apps.signing.exchange(code)).body.scope).toBe('openid')
  })

  test('OpenID Connect Core 6.1: max_age is a number there and claims an object', async () => {
    const claims = {
      max_age: 3600,
      claims: { id_token: { acr: { essential: true, value: 'garde:passkey' } } },
    }
    const { back } = await bring(await request({ claims }))
    expect(back?.searchParams.get('code')).toBeTruthy()
    const unmet = { claims: { id_token: { acr: { essential: true, value: 'unknown' } } } }
    const refused = await bring(await request({ claims: unmet }))
    expect(refused.back?.searchParams.get('error')).toBe('unmet_authentication_requirements')
  })

  test('waits for a sign-in by what was inside it, without being asked for again', async () => {
    const browser = house.browser()
    const object = await request({ claims: { state: 'inside' } })
    const query = new URLSearchParams({ client_id: 'signing-app', request: object, state: 'beside' })
    const { left } = await browser.follow(`/oauth/authorize?${query.toString()}`)
    await browser.signIn()
    const done = await browser.follow(left?.searchParams.get('continue') ?? '')
    expect(done.left?.searchParams.get('state')).toBe('inside')
    expect(done.left?.searchParams.get('code')).toBeTruthy()
  })
})

describe('RFC 9101 6.3: only what is inside counts', () => {
  const beside = {
    scope: 'openid offline_access',
    state: 'attacker',
    redirect_uri: 'https://attacker.example/',
    code_challenge: 'A'.repeat(43),
    prompt: 'none',
    dpop_jkt: 'A'.repeat(43),
  }

  test('at the authorization endpoint', async () => {
    const { back, code } = await bring(await request(), beside)
    expect(back?.href.startsWith(callback)).toBe(true)
    expect(back?.searchParams.get('state')).toBe('s1')
    const { status, body } = await apps.signing.exchange(code)
    expect([status, body.scope]).toEqual([200, 'openid'])
  })

  test('at PAR, and beside the name it is given there', async () => {
    const { name } = await push({ request: await request(), ...beside })
    const { back, code } = await apps.signing.arrive({ request_uri: name, ...beside })
    expect(back?.searchParams.get('state')).toBe('s1')
    expect((await apps.signing.exchange(code)).body.scope).toBe('openid')
  })

  test.each(['redirect_uri', 'code_challenge', 'scope', 'response_type'])(
    'a %s beside it does not stand in for one that is missing',
    async (name) => {
      const plain = Object.fromEntries(new URL(authorizeAddress(), house.issuer).searchParams)
      const object = await request({ claims: { [name]: undefined } })
      const { body } = await push({ [name]: plain[name] ?? '', request: object })
      expect(body).not.toHaveProperty('request_uri')
      const { back } = await bring(await request({ claims: { [name]: undefined } }), plain)
      expect(back?.searchParams.get('code') ?? null).toBeNull()
    },
  )

  test('a proof of another key than the dpop_jkt inside is refused, and the one inside binds the code', async () => {
    const [inside, outside] = [await proofMaker(), await proofMaker()]
    const at = house.clock.now()
    const prove = (maker: typeof inside, path: string) =>
      maker.prove({
        method: 'POST',
        target: `${house.issuer}${path}`,
        at,
        nonce: house.services.proofs.nonce(at),
      })
    const object = () => request({ claims: { dpop_jkt: inside.jkt } })
    const refused = await push({ request: await object() }, { dpop: await prove(outside, '/oauth/par') })
    expect([refused.body.error, house.reason()]).toEqual(['invalid_dpop_proof', 'proof_invalid'])
    const { name } = await push(
      { request: await object(), dpop_jkt: outside.jkt },
      { dpop: await prove(inside, '/oauth/par') },
    )
    const { code } = await apps.signing.arrive({ request_uri: name, dpop_jkt: outside.jkt })
    expect((await apps.signing.exchange(code)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('proof_other_key' satisfies Reason)
  })
})

const now = () => house.clock.now()
const refused: [string, () => Promise<string>, fault: string][] = [
  ['RFC 9101 6.2: another signature', () => request({}, others), 'signature'],
  ['RFC 9101 10.1: alg none', async () => unsigned(), 'alg'],
  ['RFC 8725 3.1: HS256 keyed with the public key', () => hmacByPublicKey(), 'alg'],
  [
    'protocols 1: RS256, which its profile has not',
    () => request({}, { ...key, alg: 'ES256' }).then(asRs256),
    'alg',
  ],
  ['RFC 8725 3.1: the algorithm of another of its keys', () => request({ header: { kid: 'p1' } }), 'kid'],
  ['RFC 8725 3.10: a kid it has not registered', () => request({ header: { kid: 'k9' } }), 'kid'],
  ['no kid', () => request({ header: { kid: undefined } }), 'kid'],
  ['RFC 8725 3.10: crit', () => request({ header: { crit: ['b64'], b64: true } }), 'crit'],
  ['RFC 8725 3.11: the type of an access token', () => request({ header: { typ: 'at+jwt' } }), 'typ'],
  ['RFC 8725 3.11: the type of a proof', () => request({ header: { typ: 'dpop+jwt' } }), 'typ'],
  ['RFC 9101 10.8: its own client assertion', () => signAssertion(house, key, 'signing-app'), 'claims'],
  ['RFC 9101 10.8: a subject', () => request({ claims: { sub: 'signing-app' } }), 'claims'],
  ['RFC 9101 4: a request inside', () => request({ claims: { request: 'a.b.c' } }), 'claims'],
  ['RFC 9101 4: a request_uri inside', () => request({ claims: { request_uri: 'urn:x' } }), 'claims'],
  ['another issuer', () => request({ claims: { iss: 'other-app' } }), 'iss'],
  ['no issuer', () => request({ claims: { iss: undefined } }), 'claims'],
  ['RFC 9101 6.3: another client_id', () => request({ claims: { client_id: 'other-app' } }), 'client_id'],
  ['RFC 9101 5: no client_id', () => request({ claims: { client_id: undefined } }), 'claims'],
  ['FAPI2MS 5.3.1-2: another audience', () => request({ claims: { aud: 'https://x.example' } }), 'aud'],
  [
    'FAPI2MS 5.3.1-2: the endpoint as audience',
    () => request({ claims: { aud: `${house.issuer}/oauth/par` } }),
    'aud',
  ],
  ['FAPI2MS 5.3.1-2: no audience', () => request({ claims: { aud: undefined } }), 'claims'],
  ['FAPI2MS 5.3.1-3: no nbf', () => request({ claims: { nbf: undefined } }), 'claims'],
  ['FAPI2MS 5.3.1-3: nbf over 60 min old', () => request({ claims: { nbf: now() - 3601 } }), 'nbf'],
  ['FAPI2MS 5.3.1-4: no exp', () => request({ claims: { exp: undefined } }), 'claims'],
  ['FAPI2MS 5.3.1-4: over', () => request({ claims: { exp: now() } }), 'exp'],
  ['FAPI2MS 5.3.1-4: over 60 min long', () => request({ claims: { exp: now() + 3601 } }), 'exp'],
  ['not for another minute', () => request({ claims: { nbf: now() + 61 } }), 'not yet valid'],
  ['times that are text', () => request({ claims: { exp: `${now() + 60}` } }), 'claims'],
  ['a scope that is a list', () => request({ claims: { scope: ['openid'] } }), 'parameters'],
  ['two resources', () => request({ claims: { resource: [audience, audience] } }), 'parameters'],
  ['NUL in the state', () => request({ claims: { state: 'a\0b' } }), 'parameters'],
  ['more than is read', () => request({ claims: { state: 'x'.repeat(10_000) } }), 'size'],
  ['nonsense', async () => 'a.b.c', 'not one compact JWS'],
  ['RFC 9101 6.1: an encrypted one', async () => 'a.b.c.d.e', 'not one compact JWS'],
]

async function unsigned() {
  const [, body = ''] = (await request()).split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  return new UnsecuredJWT(claims).encode()
}
const headed = (header: object, jws: string) => {
  const [, body = '', signature = ''] = jws.split('.')
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body}.${signature}`
}
const asRs256 = (jws: string) => headed({ alg: 'RS256', kid: 'p1', typ: 'oauth-authz-req+jwt' }, jws)
async function hmacByPublicKey() {
  const [, body = ''] = (await request()).split('.')
  const input = `${Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'k1' })).toString('base64url')}.${body}`
  const secret = new TextEncoder().encode(JSON.stringify(key.jwk))
  const mac = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const bytes = await crypto.subtle.sign('HMAC', mac, new TextEncoder().encode(input))
  return `${input}.${Buffer.from(bytes).toString('base64url')}`
}

describe('a signed request is refused', () => {
  test.each(refused)('%s', async (_name, make, expected) => {
    const { status, body } = await push({ request: await make() })
    expect([status, body.error, house.reason(), fault()]).toEqual([
      400,
      'invalid_request_object',
      'request_object_invalid' satisfies Reason,
      expected,
    ])
    // protocols 3: nothing redirects before the return address is proven, and the one beside it proves nothing.
    const { status: shown, back } = await bring(await make(), { redirect_uri: callback, state: 's' })
    expect([shown, back, house.reason()]).toEqual([400, undefined, 'request_object_invalid'])
  })

  test('RFC 9101 6.2: of one client shown by another', async () => {
    const { back } = await bring(await request(), {}, apps.other)
    expect([back, fault()]).toEqual([undefined, 'signature'])
    const { body } = await push({ request: await request() }, {}, apps.other)
    expect([body.error, fault()]).toEqual(['invalid_request_object', 'signature'])
  })

  test('RFC 9101 10.8: as a client assertion it authenticates nobody', async () => {
    const typed = { header: { typ: 'JWT' } }
    const { body } = await push({
      request: await request(),
      client_assertion: await request(typed),
      client_id: 'signing-app',
    })
    expect([body.error, house.reason()]).toEqual(['invalid_client', 'client_authentication_failed'])
  })

  test('a second time, whichever way it comes', async () => {
    const object = await request()
    expect((await push({ request: object })).status).toBe(201)
    expect((await bring(object)).back).toBeUndefined()
    expect(fault()).toBe('jti taken')
    const { body } = await push({ request: object })
    expect([body.error, fault()]).toEqual(['invalid_request_object', 'jti taken'])
  })

  test('fifty times at once: one is kept', async () => {
    const object = await request()
    const answers = await Promise.all(Array.from({ length: 50 }, () => push({ request: object })))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.error === 'invalid_request_object')).toHaveLength(49)
  })

  test('and keeps its jti while the server asks for a nonce first', async () => {
    const object = await request()
    const proof = await proofMaker()
    const dpop = (nonce?: string) =>
      proof.prove({
        method: 'POST',
        target: `${house.issuer}/oauth/par`,
        at: now(),
        ...(nonce !== undefined && { nonce }),
      })
    const asked = await push({ request: object }, { dpop: await dpop() })
    expect(asked.body.error).toBe('use_dpop_nonce')
    const again = await push({ request: object }, { dpop: await dpop(asked.headers.get('dpop-nonce') ?? '') })
    expect(again.status).toBe(201)
  })

  test('RFC 9101 5: beside a request_uri', async () => {
    const { name } = await push({ request: await request() })
    expect((await bring(await request(), { request_uri: name })).status).toBe(400)
    expect(house.reason()).toBe('malformed_request' satisfies Reason)
    expect((await apps.signing.arrive({ request_uri: name })).code).not.toBe('')
  })

  test('OpenID Connect Core 3.1.2.6: of a client without keys, in a word that says so', async () => {
    const browser = house.browser()
    const answer = await browser.open(authorizeAddress({ request: await request() }))
    const back = new URL(answer.headers.get('location') ?? '')
    expect(back.searchParams.get('error')).toBe('request_not_supported')
    expect(house.reason()).toBe('request_object_unsupported' satisfies Reason)
  })
})

describe('RFC 9101 10.5: a client that must sign its requests', () => {
  test('is refused bare parameters at both endpoints', async () => {
    const bare = authorizeAddress({ client_id: 'strict-app', scope: 'openid' })
    const back = new URL((await house.browser().open(bare)).headers.get('location') ?? '')
    expect([back.searchParams.get('error'), house.reason()]).toEqual([
      'invalid_request',
      'signed_request_required' satisfies Reason,
    ])
    const { body } = await apps.strict.push()
    expect([body.error, house.reason()]).toEqual(['invalid_request', 'signed_request_required'])
  })

  test('signs, pushes, and comes back', async () => {
    const { name } = await push({ request: await request({}, key, 'strict-app') }, {}, apps.strict)
    const { code } = await apps.strict.arrive({ request_uri: name })
    expect((await apps.strict.exchange(code)).status).toBe(200)
  })

  test('needs keys to be registered, and dropping the demand widens it', async () => {
    const strict = parseClient(app('strict-2', { jwks: { keys: [key.jwk] }, signedRequestsOnly: true }))
    const lax = parseClient(app('strict-2', { jwks: { keys: [key.jwk] } }))
    const { client } = await saveClient(house.services, house.head(), strict)
    expect([widens(client, strict), widens(client, lax)]).toEqual([false, true])
    expect(() => parseClient(app('strict-3', { signedRequestsOnly: true }))).toThrow('malformed_request')
  })
})
