/** protocols 1 and 7: the profile `backend` (SMART App Launch 2.2, Backend Services) by oauth4webapi over HTTP. */

import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientKey, signAssertion, signingClient, type ClientKey } from '../../test/support/client-keys.ts'
import { audience, authorizeAddress, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { Reason } from '../core/refusal.ts'

const http = { [oauth.allowInsecureRequests]: true }
const algs = ['RS384', 'ES384', 'ES256', 'PS256', 'EdDSA'] as const

let house: OauthHouse
let server: oauth.AuthorizationServer
const keys = new Map<string, ClientKey>()
const keyOf = (alg: string): ClientKey => {
  const key = keys.get(alg)
  if (!key) throw new Error(`no key for ${alg}`)
  return key
}
beforeAll(async () => {
  house = await oauthHouse()
  for (const alg of [...algs, 'RS256']) keys.set(alg, await clientKey(alg, alg))
  await saveClient(
    house.services,
    house.head(),
    parseClient({
      id: 'archiver',
      name: 'Archivage',
      profile: 'backend',
      practice: house.practice.id,
      scopes: ['system/*.rs'],
      resources: [audience],
      options: { jwks: { keys: [...keys.values()].map(({ jwk }) => jwk) } },
    }),
  )
  const found = await oauth.discoveryRequest(new URL(house.issuer), http)
  server = await oauth.processDiscoveryResponse(new URL(house.issuer), found)
})
afterAll(() => house.close())

const client: oauth.Client = { client_id: 'archiver' }
const asked = (key: ClientKey) =>
  oauth.clientCredentialsGrantRequest(
    server,
    client,
    oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid }),
    new URLSearchParams({ scope: 'system/Patient.rs' }),
    http,
  )

test.each(algs)('a token of 300 s by %s, and no other', async (alg) => {
  house.catchUp()
  const tokens = await oauth.processClientCredentialsResponse(server, client, await asked(keyOf(alg)))
  expect(tokens).toMatchObject({ expires_in: 300, scope: 'system/Patient.rs' })
  expect(tokens).not.toHaveProperty('refresh_token')
  expect(tokens).not.toHaveProperty('id_token')
  expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: 'archiver', practice: house.practice.id })
})

test('a bound token, by a proof of a P-384 key', async () => {
  house.catchUp()
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES384'))
  const { kid, privateKey } = keyOf('RS384')
  const ask = async () =>
    oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.PrivateKeyJwt({ key: privateKey, kid }),
        new URLSearchParams(),
        { ...http, DPoP },
      ),
    )
  const tokens = await ask().catch((error: unknown) => {
    if (oauth.isDPoPNonceError(error)) return ask()
    throw error
  })
  expect(decodeJwt(tokens.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() })
})

describe('is refused', () => {
  const show = async (claims: Record<string, unknown>, more: Record<string, string> = {}) =>
    house.token({
      client_id: undefined,
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await signAssertion(house, keyOf('ES384'), 'archiver', { claims }),
      ...more,
    })

  test('SMART: its audience is the token endpoint, never somebody else’s', async () => {
    expect((await show({ aud: `${house.issuer}/oauth/token` })).status).toBe(200)
    expect((await show({ aud: 'https://other.example/token' })).body.error).toBe('invalid_client')
  })

  test('SMART: an assertion of more than five minutes, or shown twice', async () => {
    expect((await show({ exp: house.clock.now() + 311 })).body.error).toBe('invalid_client')
    expect((await show({ jti: 'once' })).status).toBe(200)
    expect((await show({ jti: 'once' })).body.error).toBe('invalid_client')
  })

  test('RS256, though the key is registered', async () => {
    house.catchUp()
    const answer = await asked(keyOf('RS256'))
    await expect(oauth.processClientCredentialsResponse(server, client, answer)).rejects.toMatchObject({
      error: 'invalid_client',
    })
  })

  test.each(['authorization_code', 'refresh_token'])('the grant type %s', async (type) => {
    const { body } = await show({}, { grant_type: type, code: 'x', refresh_token: 'x' })
    expect([body.error, house.reason()]).toEqual(['unauthorized_client', 'grant_type_not_allowed'])
  })

  test('a scope of people', async () => {
    expect((await show({}, { scope: 'openid' })).body.error).toBe('invalid_scope')
    expect((await show({}, { scope: 'user/*.rs' })).body.error).toBe('invalid_scope')
  })

  test('a sign-in, whichever way it begins', async () => {
    const browser = house.browser()
    await browser.signIn()
    const answer = await browser.open(authorizeAddress({ client_id: 'archiver' }))
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    const app = signingClient(house, { id: 'archiver', key: keyOf('ES384') })
    expect((await app.push()).name).toBe('')
  })
})

test('RFC 6749 4.1.2.1: a client that may use no code is told so', async () => {
  const service = {
    id: 'service-app',
    name: 'Service',
    profile: 'web-confidential',
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['openid', 'system/*.rs'],
    resources: [audience],
    grantTypes: ['client_credentials'],
    practice: house.practice.id,
  }
  await saveClient(house.services, house.head(), parseClient(service))
  const answer = await house.browser().open(authorizeAddress({ client_id: 'service-app', scope: 'openid' }))
  const back = new URL(answer.headers.get('location') ?? '')
  expect(back.searchParams.get('error')).toBe('unauthorized_client')
  expect(house.reason()).toBe('grant_type_not_allowed' satisfies Reason)
})
