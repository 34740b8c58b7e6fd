/** The same pipeline over `fetch`: what must hold there as it does on a socket. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { gatewayWorld, type GatewayWorld } from '../../test/support/gateway.ts'
import { fetchForwarder } from './fetch-forwarder.ts'
import { answerByGateway } from './fetch-gateway.ts'

let world: GatewayWorld
const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
  const headers = { authorization: 'Bearer a', ...(init.headers as Record<string, string>) }
  const request = new Request(`https://id.example${path}`, { ...init, headers })
  const sent = await answerByGateway(world.gateway, request, '192.0.2.7')
  if (!sent) throw new Error('not the gateway’s')
  return sent.response
}

beforeAll(async () => {
  world = await gatewayWorld({}, fetchForwarder())
})
afterAll(() => world.close())
beforeEach(() => {
  world.reset()
  const { upstream } = world
  upstream.on('GET /api/patients/p1/owner', { body: { practice: 'org-a' } })
  upstream.on('GET /api/patients/p2/owner', { body: { practice: 'org-b' } })
  upstream.on('GET /api/patients/p1', { body: { id: 'p1' }, headers: { 'set-cookie': 'a=b' } })
  upstream.on('GET /r4/Patient/pb', {
    body: { resourceType: 'Patient', id: 'pb', managingOrganization: { reference: 'Organization/org-b' } },
  })
})

test('one’s own patient streams, with headers by list', async () => {
  const response = await call('/records/patients/p1', { headers: { 'x-remote-user': 'boss', cookie: 'a=b' } })
  expect(await response.json()).toEqual({ id: 'p1' })
  expect(response.headers.get('set-cookie')).toBeNull()
  expect(world.served()).toEqual(['1.records/p1'])
  const headers: Record<string, unknown> = world.upstream.calls.at(-1)?.headers ?? {}
  expect([headers['x-remote-user'], headers['cookie'], headers['authorization']]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(headers['x-forwarded-for']).toBe('192.0.2.7')
})
test('another practice’s patient does not', async () => {
  expect((await call('/records/patients/p2')).status).toBe(403)
  expect((await call('/fhir/Patient/pb')).status).toBe(403)
  expect(world.refusals()).toEqual(['other_practice', 'other_practice'])
})
test('a write goes with its body, between intent and settlement', async () => {
  world.upstream.on('PUT /api/patients/p1', { status: 204 })
  const response = await call('/records/patients/p1', {
    method: 'PUT',
    body: 'changed',
    headers: { 'content-type': 'text/plain' },
  })
  expect(response.status).toBe(204)
  expect(world.upstream.calls.at(-1)?.body).toBe('changed')
  expect(world.events.map(({ kind }) => kind)).toEqual(['access.intent', 'access.settled'])
})
test('a redirect is not followed', async () => {
  world.upstream.on('GET /api/patients/p1', { status: 302, headers: { location: 'http://127.0.0.1:1/' } })
  const response = await call('/records/patients/p1')
  expect([response.status, response.headers.get('location')]).toEqual([302, null])
})
test('an upstream that hangs up', async () => {
  world.upstream.on('GET /api/patients/p1', { handle: (response) => response.destroy() })
  expect((await call('/records/patients/p1')).status).toBe(502)
  expect(world.refusals()).toEqual(['upstream_unreachable'])
})
test('an open stream is cut', async () => {
  world.upstream.on('GET /api/patients/p1', {
    handle: (response) => {
      response.writeHead(200)
      response.write('begun')
    },
  })
  const reader = (await call('/records/patients/p1')).body?.getReader()
  await reader?.read()
  world.verdict = () => ({
    allow: false,
    basis: { sequence: 9, ageMs: 0, tier: 'fresh' },
    reason: 'restricted',
    by: 'rst_1' as never,
  })
  world.swapSnapshot()
  await expect(reader?.read()).rejects.toThrow()
})
