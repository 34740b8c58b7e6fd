/** The server driven by clients that know only the standards: openid-client and oauth4webapi, over real HTTP. */

import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { audience, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

test('openid-client signs in, refreshes, reads userinfo and signs out', async () => {
  const { issuer, person, practice } = house
  const client = await oidc.discovery(new URL(issuer), 'records-app', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
  const browser = house.browser()
  const session = await browser.signIn()
  const verifier = oidc.randomPKCECodeVerifier()
  const state = 'état & 100% + "ok"'
  const nonce = oidc.randomNonce()
  const address = oidc.buildAuthorizationUrl(client, {
    redirect_uri: 'http://127.0.0.1:51004/callback',
    scope: 'openid profile offline_access fhirUser user/*.cruds',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    resource: audience,
    state,
    nonce,
  })
  // On a port of its own choice it could be any program of the device: the person is asked, though it is first-party.
  const { page = '' } = await browser.follow(address.href)
  const id = /name="id" value="([\w-]+)"/.exec(page)?.[1] ?? ''
  const { left: returned } = await browser.follow('/oauth/resume', { form: { id, consent: 'given' } })
  if (!returned) throw new Error('nobody came back')
  expect(returned.searchParams.get('iss')).toBe(issuer)
  const tokens = await oidc.authorizationCodeGrant(client, returned, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
    maxAge: 60,
  })
  expect(tokens.claims()).toMatchObject({
    sub: person.id,
    sid: session.id,
    acr: 'garde:passkey',
    amr: ['hwk', 'user'],
    auth_time: session.authTime,
    name: 'Anne Martin',
    fhirUser: `${issuer}/records/Practitioner/prat-anne`,
  })
  expect(tokens).toMatchObject({
    expires_in: 300,
    scope: 'openid profile offline_access fhirUser user/*.cruds',
  })
  const claims = await house.services.keys.verify(tokens.access_token, audience, house.clock.now())
  expect(claims).toMatchObject({
    practice: practice.id,
    role: 'clinician',
    client_id: 'records-app',
    sid: session.id,
    session_started_at: session.startedAt,
    session_sequence: 0,
  })

  const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '', { resource: audience })
  expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
  expect(await oidc.fetchUserInfo(client, refreshed.access_token, person.id)).toEqual({
    sub: person.id,
    name: 'Anne Martin',
    given_name: 'Anne',
    family_name: 'Martin',
    locale: 'fr',
    fhirUser: `${issuer}/records/Practitioner/prat-anne`,
  })

  const leave = oidc.buildEndSessionUrl(client, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: 'http://127.0.0.1/bye',
    state: 's1',
  })
  expect((await browser.open(leave.href)).headers.get('location')).toBe('http://127.0.0.1/bye?state=s1')
  await expect(oidc.refreshTokenGrant(client, refreshed.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test.each([
  ['client_secret_basic', oauth.ClientSecretBasic],
  ['client_secret_post', oauth.ClientSecretPost],
])('oauth4webapi signs in a client on a server by %s', async (method, authentication) => {
  const { services, issuer } = house
  const { secret = '' } = await saveClient(
    services,
    house.head(),
    parseClient({
      id: `server-${method.slice(-5)}`,
      name: 'Serveur',
      profile: 'web-confidential',
      firstParty: true,
      redirectUris: ['https://server.example/cb?tenant=a%20b'],
      scopes: ['openid'],
      resources: [audience],
    }),
  )
  const insecure = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(new URL(issuer), { ...insecure, algorithm: 'oauth2' })
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found)
  const client: oauth.Client = { client_id: `server-${method.slice(-5)}` }
  const verifier = oauth.generateRandomCodeVerifier()
  const browser = house.browser()
  await browser.signIn()
  const answer = await browser.open(
    `/oauth/authorize?${new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: 'https://server.example/cb?tenant=a%20b',
      scope: 'openid',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: 'x',
    }).toString()}`,
  )
  const returned = new URL(answer.headers.get('location') ?? '')
  expect(returned.searchParams.get('tenant')).toBe('a b')
  const parameters = oauth.validateAuthResponse(server, client, returned, 'x')
  const exchanged = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication(secret),
    parameters,
    'https://server.example/cb?tenant=a%20b',
    verifier,
    insecure,
  )
  expect(exchanged.headers.get('cache-control')).toBe('no-store')
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, exchanged, {
    requireIdToken: true,
  })
  await oauth.validateApplicationLevelSignature(server, exchanged, insecure)
  expect(tokens).not.toHaveProperty('refresh_token')
})

/** Of `backend` too, which makes no authorization requests. */
const everyAlgorithm = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS384']

test('discovery says what is accepted, and nothing else', async () => {
  const documents = await Promise.all(
    ['openid-configuration', 'oauth-authorization-server'].map(async (name) => {
      const answer = await fetch(`${house.issuer}/.well-known/${name}`)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      return answer.json()
    }),
  )
  expect(documents[0]).toEqual(documents[1])
  expect(documents[0]).toEqual({
    issuer: house.issuer,
    authorization_endpoint: `${house.issuer}/oauth/authorize`,
    pushed_authorization_request_endpoint: `${house.issuer}/oauth/par`,
    require_pushed_authorization_requests: false,
    token_endpoint: `${house.issuer}/oauth/token`,
    userinfo_endpoint: `${house.issuer}/oauth/userinfo`,
    jwks_uri: `${house.issuer}/oauth/jwks`,
    end_session_endpoint: `${house.issuer}/oauth/logout`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    device_authorization_endpoint: `${house.issuer}/oauth/device-authorization`,
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
    ],
    introspection_endpoint: `${house.issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    introspection_signing_alg_values_supported: ['ES256'],
    revocation_endpoint: `${house.issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    token_endpoint_auth_signing_alg_values_supported: everyAlgorithm,
    revocation_endpoint_auth_signing_alg_values_supported: everyAlgorithm,
    introspection_endpoint_auth_signing_alg_values_supported: everyAlgorithm,
    dpop_signing_alg_values_supported: everyAlgorithm,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'EdDSA'],
    scopes_supported: ['openid', 'profile', 'offline_access', 'fhirUser'],
    claims_supported: [
      'iss',
      'sub',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'nonce',
      'acr',
      'amr',
      'sid',
      'at_hash',
      'name',
      'given_name',
      'family_name',
      'locale',
      'fhirUser',
    ],
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    display_values_supported: ['page', 'popup', 'touch'],
    ui_locales_supported: ['fr', 'en'],
    acr_values_supported: ['garde:secret-otp', 'garde:passkey'],
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    claims_parameter_supported: true,
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256'],
    require_signed_request_object: false,
    request_uri_parameter_supported: false,
  })
})
