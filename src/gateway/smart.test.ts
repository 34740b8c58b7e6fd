/** Protocols 7: what the gateway says on a FHIR base before anybody has a token, and to pages of other origins. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { gatewayWorld, issuer, type GatewayWorld } from '../../test/support/gateway.ts'

let world: GatewayWorld
beforeAll(async () => {
  world = await gatewayWorld()
})
afterAll(() => world.close())
beforeEach(() => world.reset())

const bare = (path: string, init: RequestInit = {}) => fetch(`${world.url}${path}`, init)

test('protocols 7: the SMART configuration is for everybody, of any origin', async () => {
  const answer = await bare('/fhir/.well-known/smart-configuration', {
    headers: { origin: 'https://app.example' },
  })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  expect(await answer.json()).toMatchObject({ token_endpoint: `${issuer}/oauth/token` })
  expect(world.upstream.calls).toEqual([])
})

test.each([
  ['POST', '/fhir/.well-known/smart-configuration', 401],
  ['GET', '/fhir/.well-known/openid-configuration', 401],
  ['GET', '/records/.well-known/smart-configuration', 404],
])('nothing else is: %s %s', async (method, path, status) => {
  const headers = { authorization: path.startsWith('/records') ? 'Bearer a' : '' }
  expect((await bare(path, { method, headers })).status).toBe(status)
})

test('a page of another origin may ask first, call, and read why not', async () => {
  const asked = await bare('/fhir/Patient/p1', {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
  })
  expect(asked.status).toBe(204)
  expect(asked.headers.get('access-control-allow-origin')).toBe('*')
  expect(asked.headers.get('access-control-allow-headers')).toContain('Authorization')
  const refused = await bare('/fhir/Patient/p1')
  expect(refused.status).toBe(401)
  expect(refused.headers.get('access-control-allow-origin')).toBe('*')
  expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
  expect(world.upstream.calls).toEqual([])
})

test('other APIs open to no other origin', async () => {
  const asked = await bare('/records/agenda', {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example' },
  })
  expect(asked.headers.get('access-control-allow-origin')).toBeNull()
  const served = await world.get('/records/agenda')
  expect(served.headers.get('access-control-allow-origin')).toBeNull()
})

test('the capabilities name the endpoints, whatever the upstream says of its own', async () => {
  world.upstream.on('GET /r4/metadata', {
    body: {
      resourceType: 'CapabilityStatement',
      rest: [{ mode: 'server', security: { service: [{ text: 'none' }], extension: [] } }],
    },
  })
  const { rest } = (await (await world.get('/fhir/metadata')).json()) as { rest: unknown[] }
  expect(rest).toEqual([
    {
      mode: 'server',
      security: {
        cors: true,
        service: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                code: 'SMART-on-FHIR',
              },
            ],
          },
        ],
        extension: [
          {
            url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
            extension: [
              { url: 'authorize', valueUri: `${issuer}/oauth/authorize` },
              { url: 'token', valueUri: `${issuer}/oauth/token` },
            ],
          },
        ],
      },
    },
  ])
})
