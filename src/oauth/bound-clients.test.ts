/** Bound tokens by clients that know only the standards: openid-client and oauth4webapi, over real HTTP. */

import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callWithProof } from '../../test/support/gateway-call.ts'
import {
  authorizeAddress,
  callback,
  oauthHouse,
  verifier,
  type OauthHouse,
} from '../../test/support/oauth.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

/** Back at the client, with a code. */
async function returned(changes: Record<string, string> = {}): Promise<URL> {
  house.catchUp()
  const browser = house.browser()
  await browser.signIn()
  return new URL((await browser.open(authorizeAddress(changes))).headers.get('location') ?? '')
}

test('openid-client: code bound by dpop_jkt, refresh and userinfo, nonces asked for on the way', async () => {
  const client = await oidc.discovery(new URL(house.issuer), 'records-app', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
  const DPoP = oidc.getDPoPHandle(client, await oidc.randomDPoPKeyPair('ES256'))
  const back = await returned({ dpop_jkt: await DPoP.calculateThumbprint() })
  const checks = { pkceCodeVerifier: verifier, expectedState: 's1' }
  const tokens = await oidc.authorizationCodeGrant(client, back, checks, undefined, { DPoP })
  expect(tokens.token_type).toBe('dpop')
  const again = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '', undefined, { DPoP })
  expect(await oidc.fetchUserInfo(client, again.access_token, house.person.id, { DPoP })).toMatchObject({
    sub: house.person.id,
  })
  const stolen = oidc.refreshTokenGrant(client, again.refresh_token ?? '')
  await expect(stolen).rejects.toMatchObject({ error: 'invalid_grant' })
})

test('oauth4webapi: an Ed25519 key, and a call through the gateway after its nonce', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(new URL(house.issuer), { ...insecure, algorithm: 'oidc' })
  const server = await oauth.processDiscoveryResponse(new URL(house.issuer), found)
  const client: oauth.Client = { client_id: 'records-app' }
  const keys = await oauth.generateKeyPair('Ed25519')
  const DPoP = oauth.DPoP(client, keys)
  const parameters = oauth.validateAuthResponse(server, client, await returned(), 's1')
  const exchange = () =>
    oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, callback, verifier, {
      ...insecure,
      DPoP,
    })
  const answer = () => exchange().then((sent) => oauth.processAuthorizationCodeResponse(server, client, sent))
  const tokens = await answer().catch((error: unknown) => {
    if (oauth.isDPoPNonceError(error)) return answer()
    throw error
  })
  expect((await callWithProof(house, tokens.access_token, DPoP)).status).toBe(200)
})
