/** protocols 1 and 2: pushed authorization requests. */

import * as oauth from 'oauth4webapi'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  callback,
  oauthHouse,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { Reason } from '../core/refusal.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

/** As the public client of the house; `undefined` leaves a parameter out. */
async function push(changes: Changes = {}, headers: Record<string, string> = {}) {
  const asked = new URL(authorizeAddress(changes), house.issuer)
  const answer = await fetch(`${house.issuer}/oauth/par`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: asked.searchParams.toString(),
  })
  const body = (await answer.json()) as { request_uri?: string; expires_in?: number; error?: string }
  return { status: answer.status, headers: answer.headers, body, name: body.request_uri ?? '' }
}

const arriveAt = (name: string, client = 'records-app', more: Record<string, string> = {}) =>
  `/oauth/authorize?${new URLSearchParams({ client_id: client, request_uri: name, ...more }).toString()}`

async function signedIn() {
  const browser = house.browser()
  await browser.signIn()
  return browser
}

test('oauth4webapi pushes with private_key_jwt and signs in', async () => {
  const { services, issuer } = house
  const { publicKey, privateKey } = await generateKeyPair('PS256', { extractable: true })
  await saveClient(
    services,
    house.head(),
    parseClient({
      id: 'pushing-app',
      name: 'Serveur qui pousse',
      profile: 'web-confidential',
      firstParty: true,
      redirectUris: ['https://server.example/cb'],
      scopes: ['openid'],
      resources: [audience],
      options: {
        jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'ps' }] },
        pushedRequestsOnly: true,
      },
    }),
  )
  const insecure = { [oauth.allowInsecureRequests]: true }
  const found = await oauth.discoveryRequest(new URL(issuer), { ...insecure, algorithm: 'oauth2' })
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found)
  const client: oauth.Client = { client_id: 'pushing-app' }
  const authentication = oauth.PrivateKeyJwt({ key: privateKey, kid: 'ps' })
  const verifier = oauth.generateRandomCodeVerifier()
  const parameters = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: 'https://server.example/cb',
    scope: 'openid',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'x',
  })
  const answer = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, insecure)
  const pushed = await oauth.processPushedAuthorizationResponse(server, client, answer)
  expect(pushed.expires_in).toBe(60)

  const browser = await signedIn()
  const { left } = await browser.follow(arriveAt(pushed.request_uri, 'pushing-app'))
  if (!left) throw new Error('nobody came back')
  const exchanged = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    oauth.validateAuthResponse(server, client, left, 'x'),
    'https://server.example/cb',
    verifier,
    insecure,
  )
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, exchanged)
  expect(tokens.scope).toBe('openid')

  // protocols 1: without a push it gets nothing, and is told at its return address.
  const plain = await browser.open(`/oauth/authorize?${parameters.toString()}`)
  const told = new URL(plain.headers.get('location') ?? '')
  expect(told.searchParams.get('error')).toBe('invalid_request')
  expect(told.searchParams.get('state')).toBe('x')
  expect(house.reason()).toBe('pushed_request_required' satisfies Reason)
})

describe('protocols 1: a request_uri', () => {
  test('is answered with 201, kept nowhere, and lives 60 s', async () => {
    const { status, headers, body, name } = await push()
    expect(status).toBe(201)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/) as string,
      expires_in: 60,
    })
    house.clock.advance(60)
    expect((await (await signedIn()).open(arriveAt(name))).headers.get('location')).toBeNull()
    expect(house.reason()).toBe('request_uri_invalid' satisfies Reason)
  })

  test('is taken once', async () => {
    const { name } = await push()
    const browser = await signedIn()
    expect((await browser.follow(arriveAt(name))).left?.searchParams.get('code')).toBeTruthy()
    expect((await browser.open(arriveAt(name))).status).toBe(400)
    expect(house.reason()).toBe('request_uri_invalid' satisfies Reason)
  })

  test('is taken by one of fifty that bring it at once', async () => {
    const { name } = await push()
    const browser = await signedIn()
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.open(arriveAt(name))))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49)
  })

  test('is spent when a sign-in begins, and the sign-in goes on without it', async () => {
    const { name } = await push({ state: 'waited' })
    const browser = house.browser()
    const { left } = await browser.follow(arriveAt(name))
    const resume = left?.searchParams.get('continue') ?? ''
    expect(resume).toContain('/oauth/resume')
    house.clock.advance(61)
    await browser.signIn()
    const done = await browser.follow(resume)
    expect(done.left?.searchParams.get('state')).toBe('waited')
    expect(done.left?.searchParams.get('code')).toBeTruthy()
    expect((await browser.open(arriveAt(name))).status).toBe(400)
  })

  test('belongs to the client that pushed it', async () => {
    const { name } = await push()
    const browser = await signedIn()
    expect((await browser.open(arriveAt(name, 'pushing-app'))).status).toBe(400)
    expect(house.reason()).toBe('request_uri_invalid' satisfies Reason)
    expect((await browser.follow(arriveAt(name))).left?.searchParams.get('code')).toBeTruthy()
  })

  test('cannot be widened by what stands beside it', async () => {
    const { name } = await push({ scope: 'openid' })
    const { left } = await (
      await signedIn()
    ).follow(
      arriveAt(name, 'records-app', {
        scope: 'openid user/*.cruds',
        redirect_uri: 'https://attacker.example/',
        state: 'attacker',
      }),
    )
    expect(left?.href.startsWith(callback)).toBe(true)
    expect(left?.searchParams.get('state')).toBe('s1')
    const { body } = await house.exchange(left?.searchParams.get('code') ?? '')
    expect(body.scope).toBe('openid')
  })

  test.each(['https://attacker.example/request', 'file:///etc/passwd'])(
    'by reference to %s is not supported',
    async (address) => {
      const browser = await signedIn()
      const answer = await browser.open(authorizeAddress({ request_uri: address }))
      const told = new URL(answer.headers.get('location') ?? '')
      expect(told.searchParams.get('error')).toBe('request_uri_not_supported')
    },
  )
})

describe('protocols 3: the checks of authorize run when a request is pushed', () => {
  test.each<[string, Changes, error: string, Reason]>([
    [
      'another return address',
      { redirect_uri: 'https://attacker.example/' },
      'invalid_request',
      'redirect_uri_mismatch',
    ],
    ['no return address', { redirect_uri: undefined }, 'invalid_request', 'redirect_uri_mismatch'],
    ['no challenge', { code_challenge: undefined }, 'invalid_request', 'pkce_required'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request', 'pkce_required'],
    [
      'another response type',
      { response_type: 'token' },
      'unsupported_response_type',
      'unsupported_response_type',
    ],
    ['a scope it has not', { scope: 'openid admin.all' }, 'invalid_scope', 'scope_not_allowed'],
    ['a resource it has not', { resource: 'https://other.example' }, 'invalid_target', 'resource_unknown'],
    [
      'a request_uri',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
      'invalid_request',
      'malformed_request',
    ],
    ['a request object', { request: 'a.b.c' }, 'request_not_supported', 'request_object_unsupported'],
    ['more than can wait', { state: 's'.repeat(5000) }, 'invalid_request', 'too_large'],
    ['no client', { client_id: undefined }, 'invalid_request', 'malformed_id'],
    ['an unknown client', { client_id: 'nobody' }, 'invalid_client', 'client_unknown'],
    [
      'a confidential client without proof',
      { client_id: 'pushing-app' },
      'invalid_client',
      'client_authentication_failed',
    ],
  ])('%s', async (_name, changes, error, reason) => {
    const { body, status } = await push(changes)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(body).not.toHaveProperty('request_uri')
    expect(body.error).toBe(error)
    expect(house.reason()).toBe(reason)
  })

  test('a parameter given twice', async () => {
    const answer = await fetch(`${house.issuer}/oauth/par`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'client_id=records-app&state=a&state=b',
    })
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' })
  })

  test('only a POST pushes', async () => {
    expect((await fetch(`${house.issuer}/oauth/par?client_id=records-app`)).status).toBeGreaterThanOrEqual(
      404,
    )
  })
})
