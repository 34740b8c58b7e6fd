/**
 * FAPI 2.0 Security Profile and Message Signing: the whole flow by openid-client and oauth4webapi over HTTP, and what the
 * certification suite's negative modules try. Clauses are those of the Security Profile unless said.
 */

import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  clientKey,
  signAssertion,
  signingClient,
  signRequest,
  type ClientKey,
  type JwtChanges,
} from '../../test/support/client-keys.ts'
import { callWithProof, throughGateway } from '../../test/support/gateway-call.ts'
import {
  audience,
  authorizeAddress,
  oauthHouse,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { proofMaker, type ProofMaker } from '../../test/support/proofs.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { Reason } from '../core/refusal.ts'

const redirectUri = 'https://app.example/cb'
const scope = 'openid offline_access user/*.cruds'

let house: OauthHouse
let keys: Record<'PS256' | 'ES256' | 'EdDSA' | 'RS256', ClientKey>
let app: ReturnType<typeof signingClient>
let own: ProofMaker
let other: ProofMaker
beforeAll(async () => {
  house = await oauthHouse()
  keys = {
    PS256: await clientKey('ps', 'PS256'),
    ES256: await clientKey('es', 'ES256'),
    EdDSA: await clientKey('ed', 'EdDSA'),
    RS256: await clientKey('rs', 'RS256'),
  }
  const jwks = { keys: Object.values(keys).map(({ jwk }) => jwk) }
  for (const id of ['fapi-app', 'other-fapi'])
    await saveClient(
      house.services,
      house.head(),
      parseClient({
        id,
        name: 'Région',
        profile: 'fapi2',
        firstParty: true,
        redirectUris: [redirectUri],
        scopes: scope.split(' '),
        resources: [audience],
        options: { jwks },
      }),
    )
  app = signingClient(house, { id: 'fapi-app', key: keys.ES256, redirectUri })
  own = await proofMaker()
  other = await proofMaker()
})
afterAll(() => house.close())

const proof = (path: string, key = own, token?: string) => {
  const at = house.clock.now()
  const nonce = house.services.proofs.nonce(at)
  const method = path === '/oauth/userinfo' ? 'GET' : 'POST'
  const target = `${house.issuer}${path}`
  return key.prove({ method, target, at, nonce, ...(token !== undefined && { token }) })
}
const withProof = async (path = '/oauth/token', key = own) => ({ dpop: await proof(path, key) })

/** A code by a push without a proof. */
const code = async (changes: Changes = {}) => {
  const { name } = await app.push({ scope, ...changes })
  return (await app.arrive({ request_uri: name })).code
}

describe('a whole flow', () => {
  test('openid-client: pushed and signed by PS256, bound, refreshed without rotation, userinfo, gateway', async () => {
    const { privateKey } = keys.PS256
    const signer = { key: privateKey, kid: 'ps' }
    const client = await oidc.discovery(
      new URL(house.issuer),
      'fapi-app',
      { id_token_signed_response_alg: 'ES256' },
      oidc.PrivateKeyJwt(signer),
      { execute: [oidc.allowInsecureRequests] },
    )
    const DPoP = oidc.getDPoPHandle(client, await oidc.randomDPoPKeyPair('ES256'))
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
    const signed = await oidc.buildAuthorizationUrlWithJAR(
      client,
      {
        redirect_uri: redirectUri,
        scope,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        max_age: '3600',
      },
      signer,
    )
    const request = signed.searchParams.get('request') ?? ''
    house.catchUp()
    const address = await oidc.buildAuthorizationUrlWithPAR(client, { request }, { DPoP })
    house.catchUp()
    const browser = house.browser()
    await browser.signIn()
    const { left } = await browser.follow(address.href)
    if (!left) throw new Error('nobody came back')
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600 }
    const tokens = await oidc.authorizationCodeGrant(client, left, checks, undefined, { DPoP })
    expect([tokens.token_type, tokens.expires_in, tokens.scope]).toEqual(['dpop', 300, scope])
    for (let turn = 0; turn < 2; turn++) {
      const again = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '', undefined, { DPoP })
      expect(again).not.toHaveProperty('refresh_token')
      expect(await oidc.fetchUserInfo(client, again.access_token, house.person.id, { DPoP })).toEqual({
        sub: house.person.id,
      })
    }
    expect((await callWithProof(house, tokens.access_token, DPoP)).status).toBe(200)
  })

  test.each([
    ['ES256', 'ES256', 'es'],
    ['EdDSA', 'Ed25519', 'ed'],
  ] as const)('oauth4webapi: by %s, and a proof of a %s key at PAR', async (alg, proofAlg, kid) => {
    const insecure = { [oauth.allowInsecureRequests]: true }
    const found = await oauth.discoveryRequest(new URL(house.issuer), { ...insecure, algorithm: 'oauth2' })
    const server = await oauth.processDiscoveryResponse(new URL(house.issuer), found)
    const client: oauth.Client = { client_id: 'fapi-app', id_token_signed_response_alg: 'ES256' }
    const signer = { key: keys[alg].privateKey, kid }
    const authentication = oauth.PrivateKeyJwt(signer)
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(proofAlg))
    const verifier = oauth.generateRandomCodeVerifier()
    const said = new URLSearchParams({
      response_type: 'code',
      redirect_uri: redirectUri,
      scope,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: 'x',
    })
    const request = await oauth.issueRequestObject(server, client, said, signer)
    const twice = async <T>(ask: () => Promise<T>): Promise<T> => {
      house.catchUp()
      return ask().catch((error: unknown) => {
        if (oauth.isDPoPNonceError(error)) return ask()
        throw error
      })
    }
    const pushed = await twice(async () =>
      oauth.processPushedAuthorizationResponse(
        server,
        client,
        await oauth.pushedAuthorizationRequest(
          server,
          client,
          authentication,
          new URLSearchParams({ request }),
          {
            ...insecure,
            DPoP,
          },
        ),
      ),
    )
    const { back } = await app.arrive({ request_uri: pushed.request_uri })
    const parameters = oauth.validateAuthResponse(server, client, back ?? new URL(redirectUri), 'x')
    const tokens = await twice(async () =>
      oauth.processAuthorizationCodeResponse(
        server,
        client,
        await oauth.authorizationCodeGrantRequest(
          server,
          client,
          authentication,
          parameters,
          redirectUri,
          verifier,
          {
            ...insecure,
            DPoP,
          },
        ),
      ),
    )
    expect(decodeJwt(tokens.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() })
    expect((await callWithProof(house, tokens.access_token, DPoP)).status).toBe(200)
  })
})

describe('5.3.2.1: what the authorization server refuses everywhere', () => {
  const assertions: [string, () => JwtChanges][] = [
    ['-8: aud the token endpoint', () => ({ claims: { aud: `${house.issuer}/oauth/token` } })],
    ['-8: aud the PAR endpoint', () => ({ claims: { aud: `${house.issuer}/oauth/par` } })],
    ['-8: aud a list, even of the issuer alone', () => ({ claims: { aud: [house.issuer] } })],
    ['-8: aud another server', () => ({ claims: { aud: 'https://other.example' } })],
    ['-13: iat over 60 s ahead', () => ({ claims: { iat: house.clock.now() + 61 } })],
    ['-13: nbf over 60 s ahead', () => ({ claims: { nbf: house.clock.now() + 61 } })],
    ['RFC 7523 3: expired', () => ({ claims: { exp: house.clock.now() } })],
    ['RFC 7523 3: no exp', () => ({ claims: { exp: undefined } })],
    ['RFC 7523 3: no jti', () => ({ claims: { jti: undefined } })],
    ['RFC 7523 3: another subject', () => ({ claims: { sub: 'other-fapi' } })],
    ['RFC 7523 3: another issuer', () => ({ claims: { iss: 'other-fapi' } })],
    ['5.4.1: the key of another algorithm', () => ({ header: { kid: 'ps' } })],
  ]
  test.each(assertions)('%s', async (_name, changes) => {
    const { status, body } = await app.push({}, {}, changes())
    expect([status, body.error]).toEqual([400, 'invalid_client'])
  })

  test('-13: an assertion from a clock 10 s ahead is accepted', async () => {
    const at = house.clock.now() + 10
    expect((await app.push({}, {}, { claims: { iat: at, nbf: at, exp: at + 60 } })).status).toBe(201)
  })

  test('5.4.1: RS256, though the key is registered', async () => {
    const rsa = signingClient(house, { id: 'fapi-app', key: keys.RS256, redirectUri })
    expect((await rsa.push()).body.error).toBe('invalid_client')
    const request = await signRequest(house, keys.RS256, 'fapi-app', {
      claims: { redirect_uri: redirectUri },
    })
    expect((await app.push({ request })).body.error).toBe('invalid_request_object')
  })

  test('an assertion is shown once, at whichever endpoint', async () => {
    const assertion = await signAssertion(house, keys.ES256, 'fapi-app')
    expect((await app.push({ client_assertion: assertion })).status).toBe(201)
    expect((await app.push({ client_assertion: assertion })).body.error).toBe('invalid_client')
    const reused = await app.exchange(await code(), { client_assertion: assertion }, await withProof())
    expect(reused.body.error).toBe('invalid_client')
  })

  test('-6: a client that proves nothing, or only a secret', async () => {
    const none = { client_assertion: undefined, client_assertion_type: undefined }
    expect((await app.push(none)).body.error).toBe('invalid_client')
    expect((await app.push({ ...none, client_secret: 'x' })).body.error).toBe('invalid_client')
    const redeemed = await app.exchange(await code(), { ...none, client_id: 'fapi-app' }, await withProof())
    expect(redeemed.body.error).toBe('invalid_client')
  })

  test('-4: without a proof there are no tokens, and its nonce is offered', async () => {
    const { status, headers, body } = await app.exchange(await code())
    expect([status, body.error, house.reason()]).toEqual([
      400,
      'invalid_dpop_proof',
      'proof_required' satisfies Reason,
    ])
    expect(headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
  })

  test('5.4.1: a proof by an algorithm its profile has not', async () => {
    const { body } = await app.exchange(
      await code(),
      {},
      await withProof('/oauth/token', await proofMaker('ES384')),
    )
    expect([body.error, house.reason()]).toEqual(['invalid_dpop_proof', 'proof_invalid'])
  })

  test('-9: a refresh token is not rotated, works again, and with its own key only', async () => {
    const { body } = await app.exchange(await code(), {}, await withProof())
    for (const key of [own, own]) {
      const again = await app.refresh(body.refresh_token, await withProof('/oauth/token', key))
      expect([again.status, again.body.refresh_token]).toEqual([200, undefined])
    }
    for (const headers of [await withProof('/oauth/token', other), {}]) {
      const stolen = await app.refresh(body.refresh_token, headers)
      expect(stolen.status).toBe(400)
      expect(['proof_other_key', 'proof_required']).toContain(house.reason())
    }
    expect((await app.refresh(body.refresh_token, await withProof())).status).toBe(200)
  })

  test('-9: another client’s refresh token is worth nothing, and stays good', async () => {
    const { body } = await app.exchange(await code(), {}, await withProof())
    const thief = signingClient(house, { id: 'other-fapi', key: keys.ES256, redirectUri })
    const stolen = await thief.refresh(body.refresh_token, await withProof())
    expect([stolen.body.error, house.reason()]).toEqual(['invalid_grant', 'refresh_invalid' satisfies Reason])
    expect((await app.refresh(body.refresh_token, await withProof())).status).toBe(200)
  })

  test('-9: it ends with the session, and when it is given back', async () => {
    const { body } = await app.exchange(await code(), {}, await withProof())
    await fetch(`${house.issuer}/oauth/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        token: body.refresh_token ?? '',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signAssertion(house, keys.ES256, 'fapi-app'),
      }).toString(),
    })
    expect((await app.refresh(body.refresh_token, await withProof())).body.error).toBe('invalid_grant')
  })

  test('-11: a code lives 60 s', async () => {
    const late = await code()
    house.clock.advance(60)
    expect((await app.exchange(late, {}, await withProof())).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('code_invalid' satisfies Reason)
  })

  test.each(['dpop_jkt', 'a proof at PAR'])(
    '-12: a code bound by %s and redeemed by another key',
    async (how) => {
      const bind = async () => {
        const pushed =
          how === 'dpop_jkt'
            ? await app.push({ dpop_jkt: own.jkt })
            : await app.push({}, await withProof('/oauth/par'))
        return (await app.arrive({ request_uri: pushed.name })).code
      }
      const refused = await app.exchange(await bind(), {}, await withProof('/oauth/token', other))
      expect([refused.body.error, house.reason()]).toEqual(['invalid_grant', 'proof_other_key'])
      expect((await app.exchange(await bind(), {}, await withProof())).status).toBe(200)
    },
  )
})

describe('5.3.2.2: the authorization code flow', () => {
  const refusedPushes: [string, Changes, string][] = [
    ['-1: response_type token', { response_type: 'token' }, 'unsupported_response_type'],
    ['-1: response_type code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['-5: no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['-5: plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['-5: PKCE whose method is not named', { code_challenge_method: undefined }, 'invalid_request'],
    ['-6: no redirect_uri', { redirect_uri: undefined }, 'invalid_request'],
    ['-6: another redirect_uri', { redirect_uri: 'https://app.example/cb/' }, 'invalid_request'],
    ['-8: http', { redirect_uri: 'http://app.example/cb' }, 'invalid_request'],
    [
      'RFC 9126 2.1: a request_uri',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'invalid_request',
    ],
  ]
  test.each(refusedPushes)('%s', async (_name, changes, error) => {
    const { body, name } = await app.push(changes)
    expect([body.error, name]).toEqual([error, ''])
  })

  test('-3: bare parameters, and a signed request that was not pushed', async () => {
    const query = Object.fromEntries(
      new URL(authorizeAddress({ redirect_uri: redirectUri }), house.issuer).searchParams,
    )
    const bare = await app.arrive({ ...query, client_id: 'fapi-app' })
    const request = await signRequest(house, keys.ES256, 'fapi-app', {
      claims: { redirect_uri: redirectUri },
    })
    const signed = await app.arrive({ request })
    for (const { back } of [bare, signed]) {
      expect(back?.searchParams.get('error')).toBe('invalid_request')
      expect(back?.searchParams.get('code')).toBeNull()
    }
    expect(house.reason()).toBe('pushed_request_required' satisfies Reason)
  })

  test('-7: iss with the answer and with the error', async () => {
    const { name } = await app.push()
    expect((await app.arrive({ request_uri: name })).back?.searchParams.get('iss')).toBe(house.issuer)
    const silent = await app.push({ prompt: 'none' })
    const address = new URLSearchParams({ client_id: 'fapi-app', request_uri: silent.name })
    const answer = await house.browser().open(`/oauth/authorize?${address.toString()}`)
    const back = new URL(answer.headers.get('location') ?? '')
    expect([back.searchParams.get('error'), back.searchParams.get('iss')]).toEqual([
      'login_required',
      house.issuer,
    ])
    // -10
    expect(answer.status).toBe(303)
  })

  test('-9: a code a second time, and what the first gave ends', async () => {
    const once = await code()
    const { body } = await app.exchange(once, {}, await withProof())
    expect((await app.exchange(once, {}, await withProof())).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('code_reused' satisfies Reason)
    expect((await app.refresh(body.refresh_token, await withProof())).body.error).toBe('invalid_grant')
  })

  test('-9: a code of another client', async () => {
    const thief = signingClient(house, { id: 'other-fapi', key: keys.ES256, redirectUri })
    const { body } = await thief.exchange(await code(), {}, await withProof())
    expect([body.error, house.reason()]).toEqual(['invalid_grant', 'code_invalid'])
  })

  test.each<[string, Changes, Reason]>([
    ['another verifier', { code_verifier: 'A'.repeat(43) }, 'pkce_mismatch'],
    ['no verifier', { code_verifier: undefined }, 'malformed_request'],
    ['another redirect_uri', { redirect_uri: 'https://app.example/' }, 'redirect_uri_mismatch'],
  ])('RFC 7636 4.6: a code with %s', async (_name, changes, reason) => {
    expect((await app.exchange(await code(), changes, await withProof())).status).toBe(400)
    expect(house.reason()).toBe(reason)
  })

  test('-11: a request_uri lives 60 s, is used once, and by its own client', async () => {
    const first = await app.push()
    expect(first.body.expires_in).toBe(60)
    const thief = signingClient(house, { id: 'other-fapi', key: keys.ES256, redirectUri })
    expect((await thief.arrive({ request_uri: first.name })).back).toBeUndefined()
    expect((await app.arrive({ request_uri: first.name })).code).not.toBe('')
    expect((await app.arrive({ request_uri: first.name })).back).toBeUndefined()
    expect(house.reason()).toBe('request_uri_invalid' satisfies Reason)
    const late = await app.push()
    house.clock.advance(60)
    expect((await app.arrive({ request_uri: late.name })).back).toBeUndefined()
  })

  test('RFC 9126 4: what stands beside a request_uri changes nothing', async () => {
    const { name } = await app.push({ scope: 'openid', dpop_jkt: own.jkt })
    const beside = {
      scope,
      state: 'attacker',
      redirect_uri: 'https://attacker.example/',
      dpop_jkt: other.jkt,
      code_challenge: 'A'.repeat(43),
    }
    const { back, code: given } = await app.arrive({ request_uri: name, ...beside })
    expect(back?.href.startsWith(`${redirectUri}?`)).toBe(true)
    expect(back?.searchParams.get('state')).toBe('s1')
    const { status, body } = await app.exchange(given, {}, await withProof())
    expect([status, body.scope]).toEqual([200, 'openid'])
  })
})

describe('5.3.3: at a resource', () => {
  test('a bound token as Bearer, or by another key, opens nothing', async () => {
    const { body } = await app.exchange(await code(), {}, await withProof())
    const token = body.access_token ?? ''
    const shown: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { authorization: `DPoP ${token}` },
      { authorization: `DPoP ${token}`, dpop: await proof('/oauth/userinfo', other, token) },
    ]
    for (const headers of shown) {
      expect((await fetch(`${house.issuer}/oauth/userinfo`, { headers })).status).toBe(401)
      expect((await throughGateway(house, token, (_address, call) => call(headers))).status).toBe(401)
    }
  })
})

test('a client that becomes fapi2 keeps its refresh token only with a key', async () => {
  const before = {
    id: 'grown-app',
    name: 'x',
    profile: 'web-confidential',
    firstParty: true,
    redirectUris: [redirectUri],
    scopes: ['openid', 'offline_access'],
    resources: [audience],
    options: { jwks: { keys: [keys.ES256.jwk] } },
  }
  await saveClient(house.services, house.head(), parseClient(before))
  const grown = signingClient(house, { id: 'grown-app', key: keys.ES256, redirectUri })
  const { name } = await grown.push({ scope: 'openid offline_access' })
  const { body } = await grown.exchange((await grown.arrive({ request_uri: name })).code)
  await saveClient(house.services, house.head(), parseClient({ ...before, profile: 'fapi2' }))
  expect((await grown.refresh(body.refresh_token)).body.error).toBe('invalid_dpop_proof')
  const bound = await grown.refresh(body.refresh_token, await withProof())
  expect(decodeJwt(bound.body.access_token ?? '')['cnf']).toEqual({ jkt: own.jkt })
  expect((await grown.refresh(body.refresh_token, await withProof('/oauth/token', other))).status).toBe(400)
})
