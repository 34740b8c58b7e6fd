/** The contract of `Outbound`, on every adapter. */

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outboundBytes, type Outbound } from '../../src/core/ports.ts'
import { fetchOutbound } from '../../src/runtime/fetch-outbound.ts'
import { nodeOutbound } from '../../src/runtime/node-outbound.ts'

const answers: Record<string, RequestListener> = {
  '/ok': (request, response) => {
    let sent = ''
    request.on('data', (part: Buffer) => (sent += part.toString()))
    request.on('end', () => {
      response.writeHead(201, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ method: request.method, sent, type: request.headers['content-type'] }))
    })
  },
  '/redirect': (_request, response) => response.writeHead(302, { Location: '/ok' }).end(),
  '/huge': (_request, response) => response.end('a'.repeat(outboundBytes + 1)),
  '/whole': (_request, response) => response.end('a'.repeat(outboundBytes)),
  '/encoded': (_request, response) =>
    response
      .writeHead(200, { 'Content-Encoding': 'gzip' })
      .end(Buffer.from('H4sIAAAAAAAAAwMAAAAAAAAAAAA=', 'base64')),
  '/never': () => undefined,
  '/drip': (_request, response) => {
    response.writeHead(200)
    const drip = setInterval(() => response.write('a'), 100)
    response.on('close', () => clearInterval(drip))
  },
}

let server: Server
let origin: string
beforeAll(async () => {
  server = createServer((request, response) => answers[request.url ?? '']?.(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Short enough to be waited for; what it waits for never comes. */
const seconds = 0.5

const get = (outbound: Outbound, url: string) => outbound.call({ url, method: 'GET', headers: {} })

describe.each([
  ['sockets', (exceptions: string[]): Outbound => nodeOutbound(exceptions, { seconds })],
  ['fetch', (exceptions: string[]): Outbound => fetchOutbound(exceptions, seconds)],
])('%s', (_name, open) => {
  test('brings a body there and an answer back', async () => {
    const answer = await open([origin]).call({
      url: `${origin}/ok`,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'logout_token=x',
    })
    if ('fault' in answer) throw new Error(answer.fault)
    expect(answer).toMatchObject({ status: 201, headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual({
      method: 'POST',
      sent: 'logout_token=x',
      type: 'application/x-www-form-urlencoded',
    })
  })

  test.each([
    ['/redirect', 'redirect'],
    ['/huge', 'size'],
    ['/encoded', 'encoding'],
    ['/never', 'time'],
    ['/drip', 'time'],
  ])('%s is no answer', async (path, fault) => {
    expect(await get(open([origin]), `${origin}${path}`)).toEqual({ fault })
  })

  test('exactly as much as is allowed is an answer', async () => {
    expect(await get(open([origin]), `${origin}/whole`)).toMatchObject({ status: 200 })
  })

  test('whoever does not listen is unreachable', async () => {
    expect(await get(open(['http://127.0.0.1:1']), 'http://127.0.0.1:1/')).toEqual({ fault: 'unreachable' })
  })

  test('without an exception nothing private is called', async () => {
    expect(await get(open([]), `${origin}/ok`)).toEqual({ fault: 'address' })
    expect(await get(open([]), 'https://[::ffff:127.0.0.1]/')).toEqual({ fault: 'address' })
  })
})

test.each([
  ['a name that leads inside', ['127.0.0.1']],
  ['a name that leads inside with one of its addresses', ['8.8.8.8', '10.0.0.1']],
  ['a name that leads inside by IPv6', ['::ffff:127.0.0.1']],
])('%s is refused', async (_name, addresses) => {
  const outbound = nodeOutbound([], {
    resolve: (_host, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
  })
  expect(await get(outbound, 'https://keys.example/')).toEqual({ fault: 'address' })
})

test('a name server that never answers is waited for as long as everything else', async () => {
  expect(await get(nodeOutbound([], { resolve: () => undefined, seconds }), 'https://keys.example/')).toEqual(
    { fault: 'time' },
  )
})

test('a name that nobody has is unreachable', async () => {
  const outbound = nodeOutbound([], {
    resolve: (_host, _options, callback) => callback(new Error('ENOTFOUND'), []),
  })
  expect(await get(outbound, 'https://keys.example/')).toEqual({ fault: 'unreachable' })
})
