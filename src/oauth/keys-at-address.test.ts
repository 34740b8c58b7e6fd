/** protocols 3: a client's keys at its own address, over HTTP from a real key server, through the guard. */

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { clientKey, signingClient, signRequest, type ClientKey } from '../../test/support/client-keys.ts'
import { audience, callback, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import { outboundBytes } from '../core/ports.ts'
import { nodeOutbound } from '../runtime/node-outbound.ts'

let keyServer: Server
let unlisted: Server
let origin: string
let house: OauthHouse
let first: ClientKey
let second: ClientKey
/** What the key server says now, and what it was asked. */
let published: JWK[] = []
const asked: string[] = []

const json = (body: string): RequestListener => {
  return (_request, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(body)
}
const answers: Record<string, RequestListener> = {
  '/jwks': (request, response) => json(JSON.stringify({ keys: published }))(request, response),
  '/moved': (_request, response) => response.writeHead(302, { Location: '/jwks' }).end(),
  '/moved-for-good': (_request, response) => response.writeHead(308, { Location: '/jwks' }).end(),
  '/huge': (request, response) => {
    const padding = 'a'.repeat(outboundBytes)
    json(JSON.stringify({ keys: published, padding }))(request, response)
  },
  '/never': () => undefined,
  '/closed': (request) => request.socket.destroy(),
  '/theirs': (request, response) =>
    json(JSON.stringify({ keys: [{ ...second.jwk, kid: 'first' }] }))(request, response),
  '/page': (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(JSON.stringify({ keys: published }))
  },
  '/broken': (_request, response) => response.writeHead(500).end(),
}

async function listening(): Promise<[Server, origin: string]> {
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answers[request.url ?? '']?.(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]
}

beforeAll(async () => {
  ;[keyServer, origin] = await listening()
  first = await clientKey('first')
  second = await clientKey('second', 'PS256')
  // Short, so that what never answers is waited for; the bound itself has a suite.
  house = await oauthHouse({ outbound: nodeOutbound([origin], { seconds: 0.5 }) })
})
afterAll(async () => {
  await house.close()
  for (const server of [keyServer, unlisted]) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
beforeEach(() => {
  published = [first.jwk]
  asked.length = 0
})

async function register(id: string, jwksUri: string) {
  const client = parseClient({
    id,
    name: 'Serveur',
    profile: 'web-confidential',
    firstParty: true,
    redirectUris: [callback],
    scopes: ['openid'],
    resources: [audience],
    options: { jwksUri },
  })
  await saveClient(house.services, house.head(), client)
  return (key: ClientKey) => signingClient(house, { id, key })
}

test('a whole sign-in by a key that is there, asked for once in ten minutes', async () => {
  const by = await register('there', `${origin}/jwks`)
  const app = by(first)
  const { name } = await app.push({ request: await signRequest(house, first, 'there') })
  const { code } = await app.arrive({ request_uri: name })
  expect((await app.exchange(code)).status).toBe(200)
  expect(asked).toEqual(['/jwks'])
  house.clock.advance(601)
  expect((await app.push()).status).toBe(201)
  expect(asked).toEqual(['/jwks', '/jwks'])
})

test('a key that the client has replaced counts within a minute, and the old one no longer', async () => {
  const by = await register('turning', `${origin}/jwks`)
  expect((await by(first).push()).status).toBe(201)
  published = [first.jwk, second.jwk]
  // Not asked again at once, whoever shows us what: a stranger could have us ask all day.
  expect((await by(second).push()).body.error).toBe('invalid_client')
  house.clock.advance(60)
  expect((await by(second).push()).status).toBe(201)
  expect((await by(first).push()).status).toBe(201)
  published = [second.jwk]
  house.clock.advance(601)
  expect((await by(first).push()).body.error).toBe('invalid_client')
  expect((await by(second).push()).status).toBe(201)
})

test.each(['/moved', '/moved-for-good', '/huge', '/never', '/page', '/broken', '/closed'])(
  '%s gives no keys, and the client is not believed',
  async (path) => {
    const by = await register(`app${path.replaceAll('/', '-')}`, `${origin}${path}`)
    const { status, body } = await by(first).push()
    expect([status, body.error, house.reason()]).toEqual([
      400,
      'invalid_client',
      'client_authentication_failed',
    ])
    expect(asked).toEqual([path])
  },
)

test('a private address that is not on the list is not called at all', async () => {
  let elsewhere: string
  ;[unlisted, elsewhere] = await listening()
  for (const [n, address] of [
    `${elsewhere}/jwks`,
    elsewhere.replace('127.0.0.1', 'localhost').concat('/jwks'),
    'https://localhost/jwks',
  ].entries()) {
    const by = await register(`private-${n}`, address)
    expect((await by(first).push()).body.error).toBe('invalid_client')
  }
  expect(asked).toEqual([])
})

test('the keys of one client are nobody else’s', async () => {
  const mine = await register('mine', `${origin}/jwks`)
  const theirs = await register('theirs', `${origin}/theirs`)
  expect((await mine(first).push()).status).toBe(201)
  expect((await theirs(first).push()).body.error).toBe('invalid_client')
})
