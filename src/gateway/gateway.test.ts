/** The pipeline on a real socket, from the side of who would get past it. */

import { connect } from 'node:net'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { importJWK, jwtVerify, type JWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RestrictionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { basis, gatewayWorld, issuer, type GatewayWorld } from '../../test/support/gateway.ts'
import { assertionIn } from '../../test/support/upstream.ts'

let world: GatewayWorld
beforeAll(async () => {
  world = await gatewayWorld({ headSeconds: 1 })
})
afterAll(() => world.close())

const json = (body: object) => ({ body, headers: { 'content-type': 'application/json' } })

beforeEach(() => {
  world.reset()
  const { upstream } = world
  upstream.on('GET /api/patients/p1/owner', json({ practice: 'org-a' }))
  upstream.on('GET /api/patients/p2/owner', json({ practice: ['org-a', 'org-b'] }))
  upstream.on('GET /api/patients/foreign/owner', json({ practice: 'org-b' }))
  upstream.on('GET /api/patients/odd/owner', json({ practice: { name: 'org-a' } }))
  for (const id of ['p1', 'p2', 'foreign']) upstream.on(`GET /api/patients/${id}`, json({ id }))
  upstream.on('GET /r4/Patient/pa', {
    body: { resourceType: 'Patient', id: 'pa', managingOrganization: { reference: 'Organization/org-a' } },
  })
})

/** Everything the server sends back until it closes. */
async function raw(...lines: string[]): Promise<string> {
  const socket = connect(world.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(lines.join('\r\n'))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}
const start = (method: string, path: string) => [
  `${method} ${path} HTTP/1.1`,
  'Host: id.example',
  'Authorization: Bearer a',
]
const end = ['Connection: close', '', '']
const lastCall = () => world.upstream.calls.at(-1)

describe('rest', () => {
  test('one’s own patient, streamed and in the log', async () => {
    const response = await world.get('/records/patients/p1?view=short')
    expect(await response.json()).toEqual({ id: 'p1' })
    expect(world.upstream.forwarded()).toEqual(['GET /api/patients/p1?view=short'])
    expect(world.events).toMatchObject([
      {
        kind: 'access.served',
        patient: '1.records/p1',
        access: 'opened',
        types: { patient: 1 },
        route: 'patient',
      },
    ])
  })
  test('a patient of two practices is of both', async () => {
    expect((await world.get('/records/patients/p2')).status).toBe(200)
    expect((await world.get('/records/patients/p2', { headers: { authorization: 'Bearer b' } })).status).toBe(
      200,
    )
  })
  test.each([
    ['another practice’s patient', '/records/patients/foreign', 'other_practice'],
    ['a patient nobody knows', '/records/patients/none', 'patient_unresolved'],
    ['a lookup that names nothing', '/records/patients/odd', 'patient_unresolved'],
  ])('%s is not forwarded', async (_what, path, reason) => {
    expect((await world.get(path)).status).toBe(403)
    expect(world.refusals()).toEqual([reason])
    expect(world.upstream.forwarded()).toEqual([])
  })
  test('writing to another practice’s patient is not forwarded', async () => {
    await world.get('/records/patients/foreign', { method: 'PUT', body: '{}' })
    await world.get('/records/patients/foreign/notes', { method: 'POST', body: '{}' })
    expect(world.refusals()).toEqual(['other_practice', 'other_practice'])
    expect(world.upstream.forwarded()).toEqual([])
  })
  test('what the answer names is checked before it leaves', async () => {
    world.upstream.on('GET /api/letters/l1', { ...json({ patient: 'p1', text: 'x' }) })
    world.upstream.on('GET /api/letters/l2', { ...json({ patient: 'foreign', text: 'secret' }) })
    world.upstream.on('GET /api/letters/l3', { ...json({ text: 'whose?' }) })
    world.upstream.on('GET /api/letters/l4', { ...json({ patient: '../p1/owner?', text: 'x' }) })
    world.upstream.on('GET /api/letters/l5', {
      body: '{"patient":"foreign","patient":"p1"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await (await world.get('/records/letters/l1')).json()).toEqual({ patient: 'p1', text: 'x' })
    expect(await (await world.get('/records/letters/l2')).text()).not.toContain('secret')
    expect((await world.get('/records/letters/l3')).status).toBe(403)
    expect((await world.get('/records/letters/l4')).status).toBe(403)
    expect(await (await world.get('/records/letters/l5')).text()).toBe('{"patient":"p1"}')
    expect(world.refusals()).toEqual(['other_practice', 'patient_unresolved', 'patient_unresolved'])
    expect(world.served()).toEqual(['1.records/p1', '1.records/p1'])
  })
  test('a route that is about nobody', async () => {
    world.upstream.on('GET /api/agenda', json({ today: [] }))
    expect((await world.get('/records/agenda')).status).toBe(200)
    expect(world.events).toMatchObject([{ kind: 'access.answered' }])
  })
  test.each([
    ['an address nobody listed', 'GET', '/records/admin', 404],
    ['a listed address and more', 'GET', '/records/patients/p1/notes/1', 404],
    ['a method nobody listed', 'DELETE', '/records/patients/p1', 405],
  ])('%s', async (_what, method, path, status) => {
    const response = await world.get(path, { method })
    expect(response.status).toBe(status)
    expect(world.strangers.map(({ reason }) => reason)).toEqual([
      status === 404 ? 'route_unlisted' : 'method_not_allowed',
    ])
    expect(world.upstream.calls).toEqual([])
  })
  test('parameters nobody listed, or given twice', async () => {
    await world.get('/records/patients/p1?patient=foreign')
    await world.get('/records/patients/p1?view=a&view=b')
    expect(world.refusals()).toEqual(['interaction_unlisted', 'repeated_parameter'])
    expect(world.upstream.forwarded()).toEqual([])
  })
  test('a scope the token has not', async () => {
    world.token('a', { scope: 'records.read' })
    const response = await world.get('/records/patients/p1/notes')
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain(
      'error="insufficient_scope", scope="records.write"',
    )
    expect(world.refusals()).toEqual(['insufficient_scope'])
  })
  test('bodies stream upwards, intent first', async () => {
    const seen: string[] = []
    world.onAppend = async (events) =>
      void seen.push(`${events[0]?.kind} ${world.upstream.forwarded().length}`)
    world.upstream.on('POST /api/patients/p1/notes', {
      status: 201,
      headers: { location: '/api/patients/p1/notes/9' },
    })
    const body = 'n'.repeat(300_000)
    const response = await world.get('/records/patients/p1/notes', {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain' },
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe('https://id.example/records/patients/p1/notes/9')
    expect(lastCall()?.body).toBe(body)
    expect(seen).toEqual(['access.intent 0', 'access.settled 1'])
  })
  test('long answers stream downwards whole', async () => {
    const body = Buffer.alloc(3_000_000, 'x')
    world.upstream.on('GET /api/patients/p1', { body, headers: { 'content-type': 'application/pdf' } })
    const answered = await (await world.get('/records/patients/p1')).arrayBuffer()
    expect(Buffer.compare(Buffer.from(answered), body)).toBe(0)
  })
  test('HEAD', async () => {
    world.upstream.on('HEAD /api/patients/p1', { headers: { etag: '"1"', 'content-length': '12' } })
    const response = await world.get('/records/patients/p1', { method: 'HEAD' })
    expect([response.status, response.headers.get('etag'), response.headers.get('content-length')]).toEqual([
      200,
      '"1"',
      '12',
    ])
  })
})

describe('who calls', () => {
  test.each([
    ['nobody', {}, 'token_missing', undefined],
    ['a basic secret', { authorization: 'Basic YTpi' }, 'token_malformed', 'invalid_token'],
    ['two tokens', { authorization: 'Bearer a, Bearer b' }, 'token_malformed', 'invalid_token'],
    ['a forged token', { authorization: 'Bearer forged' }, 'token_signature', 'invalid_token'],
  ])('%s', async (_what, headers, reason, error) => {
    const response = await fetch(`${world.url}/fhir/Patient/pa`, {
      headers: headers as Record<string, string>,
    })
    expect(response.status).toBe(401)
    const challenge = response.headers.get('www-authenticate') ?? ''
    expect(challenge).toContain(
      'Bearer resource_metadata="https://id.example/.well-known/oauth-protected-resource/fhir"',
    )
    expect(challenge.includes('error=')).toBe(error !== undefined)
    expect(world.strangers).toEqual([{ source: '127.0.0.0/24', reason }])
    expect(world.upstream.calls).toEqual([])
  })
  test('an expired token, and one for another resource', async () => {
    world.token('old', { exp: world.clock.now() - 1 })
    world.token('other', { aud: `${issuer}/elsewhere` })
    for (const name of ['old', 'other'])
      expect(
        (await world.get('/fhir/Patient/pa', { headers: { authorization: `Bearer ${name}` } })).status,
      ).toBe(401)
    expect(world.strangers.map(({ reason }) => reason)).toEqual(['token_expired', 'token_audience'])
  })
  test('the scheme’s name in any case', async () => {
    expect((await world.get('/fhir/Patient/pa', { headers: { authorization: 'bEARER a' } })).status).toBe(200)
  })
  test('a practice nobody knows has no patients', async () => {
    world.token('a', { practice: 'prc_gone' as never })
    expect((await world.get('/records/patients/p1')).status).toBe(403)
    expect(world.refusals()).toEqual(['other_practice'])
  })
  test('the authorization header given twice', async () => {
    const answer = await raw(...start('GET', '/fhir/Patient/pa'), 'Authorization: Bearer b', ...end)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(world.upstream.calls).toEqual([])
  })
})

describe('what the upstream is told', () => {
  test('only listed headers pass; who calls is said by the assertion alone', async () => {
    await raw(
      ...start('GET', '/records/patients/p1'),
      'X-Forwarded-For: 10.0.0.1',
      'X-Forwarded-Host: evil.example',
      'Forwarded: for=10.0.0.1;host=evil.example',
      'X-Real-IP: 10.0.0.1',
      'X-Remote-User: boss',
      'X_Remote_User: boss',
      'Remote.User: boss',
      'X-Garde-Practice: prc_b',
      'Garde-Assertion: forged.forged.forged',
      'GARDE-ASSERTION: forged.forged.forged',
      'Cookie: __Host-garde=secret',
      'Proxy-Authorization: Basic x',
      'X-Original-URL: /admin',
      'X-HTTP-Method-Override: DELETE',
      'TE: trailers',
      'Upgrade: h2c',
      'Keep-Alive: timeout=9',
      'Accept: application/json',
      'Traceparent: 00-1-1-01',
      'If-None-Match: "x"',
      'Connection: close, if-none-match, traceparent, garde-assertion',
      '',
      '',
    )
    const { headers = {}, rawHeaders = [] } = lastCall() ?? {}
    expect(Object.keys(headers).toSorted()).toEqual([
      'accept',
      'connection',
      'forwarded',
      'garde-assertion',
      'host',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-request-id',
    ])
    expect(headers).toMatchObject({
      forwarded: 'for=127.0.0.1;proto=https;host="id.example"',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'id.example',
    })
    expect(rawHeaders.filter((name) => name.toLowerCase() === 'garde-assertion')).toHaveLength(1)
    expect(assertionIn(headers)).toMatchObject({ sub: 'prt_a', practice: 'prc_a', organization: 'org-a' })
  })
  test('the assertion is signed for this upstream, lives a minute and is reused while it lives', async () => {
    await world.get('/records/patients/p1')
    const first = String(lastCall()?.headers['garde-assertion'])
    const key = await importJWK(world.keys.keys[0] as JWK, 'ES256')
    const { payload } = await jwtVerify(first, key, {
      typ: 'garde-assertion+jwt',
      issuer,
      audience: `${world.upstream.origin}/api`,
      currentDate: new Date(world.clock.now() * 1000),
    })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60)
    await world.get('/records/patients/p1')
    expect(lastCall()?.headers['garde-assertion']).toBe(first)
    world.clock.advance(51)
    await world.get('/records/patients/p1')
    expect(lastCall()?.headers['garde-assertion']).not.toBe(first)
  })
  test('it never outlives the token', async () => {
    world.token('a', { exp: world.clock.now() + 20, jti: 'short' })
    await world.get('/records/patients/p1')
    expect(assertionIn(lastCall()?.headers ?? {})['exp']).toBe(world.clock.now() + 20)
  })
  test('where the route asks, it is bound to method and address', async () => {
    world.upstream.on('GET /api/patients/p1/notes', json([]))
    await world.get('/records/patients/p1/notes')
    const first = lastCall()?.headers ?? {}
    expect(assertionIn(first)).toMatchObject({
      htm: 'GET',
      htu: `${world.upstream.origin}/api/patients/p1/notes`,
    })
    await world.get('/records/patients/p1/notes')
    expect(lastCall()?.headers['garde-assertion']).not.toBe(first['garde-assertion'])
  })
})

describe('what the caller is told', () => {
  test('headers of the upstream pass by list, and nothing of it is a page', async () => {
    world.upstream.on('GET /api/patients/p1', {
      body: '<script>alert(1)</script>',
      headers: {
        'content-type': 'text/html',
        'set-cookie': '__Host-garde=stolen',
        'access-control-allow-origin': '*',
        'x-total-count': '4711',
        'content-security-policy': 'default-src *',
        'cache-control': 'public, max-age=9999',
        server: 'secret/1.0',
        etag: '"7"',
        connection: 'keep-alive, etag',
      },
    })
    const { headers } = await world.get('/records/patients/p1')
    for (const name of ['set-cookie', 'access-control-allow-origin', 'x-total-count', 'server', 'etag'])
      expect(headers.get(name)).toBeNull()
    expect(headers.get('content-security-policy')).toContain('sandbox')
    expect(headers.get('cache-control')).toBe('private, no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
  test('problem+json with the restriction’s message, in the caller’s language', async () => {
    world.verdict = () => ({
      allow: false,
      basis,
      reason: 'restricted',
      by: 'rst_1' as RestrictionId,
      message: { fr: 'Appelez le 15 12.', en: 'Call 15 12.' },
    })
    const french = await world.get('/records/patients/p1', { headers: { 'accept-language': 'fr-FR' } })
    expect(french.status).toBe(423)
    expect(french.headers.get('content-type')).toBe('application/problem+json')
    expect(await french.json()).toMatchObject({
      title: 'Votre accès est suspendu par mesure de sécurité.',
      detail: 'Appelez le 15 12.',
      status: 423,
    })
    const english = await world.get('/fhir/Patient/pa', { headers: { 'accept-language': 'en' } })
    expect(await english.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'suppressed', details: { text: 'Call 15 12.' } }],
    })
    expect(world.events).toMatchObject([
      { kind: 'access.refused', reason: 'restricted', by: 'rst_1' },
      { kind: 'access.refused', reason: 'restricted', by: 'rst_1' },
    ])
    expect(world.upstream.calls).toEqual([])
  })
  test('a sign-in that is too weak or too old for the resource, or for a route in its place', async () => {
    const before = world.resources
    world.resources = before.map((resource) => ({
      ...resource,
      signIn: { acr: 'garde:passkey', maxAge: 600 },
    }))
    const said = async () => {
      const response = await world.get('/records/patients/p1')
      return [response.status, response.headers.get('www-authenticate')?.split('error=')[1]]
    }
    expect(await said()).toEqual([200, undefined])
    const demand = '"insufficient_user_authentication", acr_values="garde:passkey", max_age="600"'
    world.token('a', { acr: 'garde:secret-otp' })
    expect(await said()).toEqual([401, demand])
    world.token('a', { auth_time: world.clock.now() - 601 })
    expect(await said()).toEqual([401, demand])
    world.token('a', { acr: 'garde:passkey-hw', auth_time: world.clock.now() - 600 })
    expect(await said()).toEqual([200, undefined])
    expect(world.refusals()).toEqual(['step_up_required', 'step_up_required'])
    world.resources = before
  })
  test('how to step up', async () => {
    world.quota = () => ({ allow: false, reason: 'step_up_required' })
    const response = await world.get('/records/patients/p1')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain(
      'error="insufficient_user_authentication", acr_values="garde:passkey", max_age="0"',
    )
    expect(world.refusals()).toEqual(['step_up_required'])
    expect(world.upstream.forwarded()).toEqual([])
  })
  test.each(['session_ended', 'step_up_required', 'read_only', 'state_unavailable'] as const)(
    '%s',
    async (reason) => {
      world.verdict = () => ({ allow: false, basis, reason, by: 'rst_1' as RestrictionId })
      expect((await world.get('/records/patients/p1')).ok).toBe(false)
      expect(world.refusals()).toEqual([reason])
    },
  )
  test('no further new patient', async () => {
    world.quota = (patient) =>
      patient.endsWith('p1') ? { allow: true } : { allow: false, reason: 'patient_quota' }
    expect((await world.get('/records/patients/p1')).status).toBe(200)
    expect((await world.get('/records/patients/p2')).status).toBe(423)
    expect(world.refusals()).toEqual(['patient_quota'])
  })
  test('without fresh restrictions nothing is listed, and one patient stays readable', async () => {
    world.verdict = () => ({ allow: true, basis: { ...basis, tier: 'cold' } })
    expect((await world.get('/records/patients/p1')).status).toBe(200)
    expect((await world.get('/fhir/Patient?name=a')).status).toBe(503)
    expect(world.refusals()).toEqual(['state_unavailable'])
  })
  test('where to get a token, and the keys that verify assertions', async () => {
    const metadata = await fetch(`${world.url}/.well-known/oauth-protected-resource/fhir`)
    expect(await metadata.json()).toEqual({
      resource: `${issuer}/fhir`,
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS384'],
      resource_name: 'fhir',
    })
    const keys = await fetch(`${world.url}/.well-known/garde-assertion-keys`)
    expect(await keys.json()).toEqual(world.keys)
    const other = await fetch(`${world.url}/.well-known/oauth-protected-resource/fhir`, { method: 'POST' })
    expect(other.status).toBe(404)
  })
})

describe('the log comes first', () => {
  test('full: nothing is forwarded and nothing answered', async () => {
    world.spool = 'full'
    const response = await world.get('/records/patients/p1')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(world.upstream.calls).toEqual([])
  })
  test('failing: no unsafe call is forwarded', async () => {
    await world.get('/records/patients/p1')
    world.spool = 'failing'
    world.upstream.calls.length = 0
    expect((await world.get('/records/patients/p1', { method: 'PUT', body: '{}' })).status).toBe(503)
    expect(world.upstream.forwarded()).toEqual([])
  })
  test.each(['/records/patients/p1', '/fhir/Patient/pa'])(
    'failing: no byte of the patient leaves (%s)',
    async (path) => {
      world.spool = 'failing'
      const response = await world.get(path)
      expect(response.status).toBe(503)
      expect(await response.text()).not.toContain('p1')
      expect(world.upstream.forwarded()).toHaveLength(1)
    },
  )
  test.each(['/records/patients/p1', '/fhir/Patient/pa'])(
    'not one byte before it is durable (%s)',
    async (path) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      world.onAppend = () => {
        asked.resolve()
        return promise
      }
      const socket = connect(world.port, '127.0.0.1')
      let received = 0
      socket.on('data', (chunk: Buffer) => (received += chunk.length))
      socket.write([...start('GET', path), ...end].join('\r\n'))
      await asked.promise
      await new Promise((later) => setImmediate(later))
      expect(received).toBe(0)
      resolve()
      await once(socket, 'close')
      expect(received).toBeGreaterThan(0)
    },
  )
})

describe('an open stream', () => {
  /** An answer that has begun and goes on until the upstream is cut off. */
  async function openStream(): Promise<{
    reader: ReadableStreamDefaultReader<Uint8Array>
    upstreamClosed: Promise<unknown>
  }> {
    const opened = Promise.withResolvers<ServerResponse>()
    world.upstream.on('GET /api/patients/p1', {
      handle: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('[1')
        opened.resolve(response)
      },
    })
    const response = await world.get('/records/patients/p1')
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    return { reader, upstreamClosed: once(await opened.promise, 'close') }
  }

  test('is cut when the kill switch says so, at both ends, and the log says it', async () => {
    const { reader, upstreamClosed } = await openStream()
    world.verdict = () => ({ allow: false, basis, reason: 'restricted', by: 'rst_9' as RestrictionId })
    world.swapSnapshot()
    await expect(reader.read()).rejects.toThrow()
    await upstreamClosed
    expect(world.events.at(-1)).toMatchObject({ kind: 'access.cut', by: 'rst_9', practitioner: 'prt_a' })
  })
  test('goes on when the restriction is somebody else’s', async () => {
    const { reader } = await openStream()
    world.swapSnapshot()
    expect(world.events.map(({ kind }) => kind)).toEqual(['access.served'])
    await reader.cancel()
  })
  test('is given up upstream when the caller goes away', async () => {
    const { reader, upstreamClosed } = await openStream()
    await reader.cancel()
    await upstreamClosed
  })
  test.each(['/records/patients/p1', '/fhir/Patient/pa'])(
    'what was restricted while the upstream thought is not served (%s)',
    async (path) => {
      world.onAppend = async () => {
        world.verdict = () => ({ allow: false, basis, reason: 'restricted', by: 'rst_9' as RestrictionId })
      }
      const response = await world.get(path)
      expect(response.status).toBe(423)
      expect(world.refusals()).toEqual(['restricted'])
    },
  )
})

test('who holds a hundred answers open waits for themselves, and nobody waits for them', async () => {
  const waiting: ServerResponse[] = []
  const full = Promise.withResolvers<void>()
  world.upstream.on('GET /api/patients/p1', {
    handle: (response) => {
      if (waiting.push(response) === 100) full.resolve()
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[')
    },
  })
  world.upstream.on('GET /api/patients/foreign', json({ id: 'foreign' }))
  const held = Array.from({ length: 100 }, () => world.get('/records/patients/p1'))
  await full.promise
  const one = await world.get('/records/patients/p2')
  expect([one.status, one.headers.get('retry-after')]).toEqual([429, '5'])
  expect(world.refusals()).toEqual(['too_many_open'])
  const colleague = { headers: { authorization: 'Bearer b' } }
  expect((await world.get('/records/patients/foreign', colleague)).status).toBe(200)
  for (const response of waiting) response.end(']')
  for (const response of held) expect(await (await response).text()).toBe('[]')
  expect((await world.get('/records/patients/p2')).status).toBe(200)
})

describe('an upstream', () => {
  test('that hangs up', async () => {
    world.upstream.on('GET /api/patients/p1', { handle: (response) => response.destroy() })
    expect((await world.get('/records/patients/p1')).status).toBe(502)
    expect(world.refusals()).toEqual(['upstream_unreachable'])
  })
  test('that hangs up halfway leaves a broken answer, not a short one', async () => {
    world.upstream.on('GET /api/patients/p1', {
      handle: (response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half', () => response.destroy())
      },
    })
    await expect(world.get('/records/patients/p1').then((response) => response.text())).rejects.toThrow()
  })
  test('whose caller is restricted before the first byte says why, once', async () => {
    const closed = Promise.withResolvers<unknown>()
    world.upstream.on('GET /api/patients/p1', {
      handle: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('[1')
        closed.resolve(once(response, 'close'))
      },
    })
    world.onAppend = async () => {
      world.verdict = () => ({ allow: false, basis, reason: 'restricted', by: 'rst_9' as RestrictionId })
    }
    const response = await world.get('/records/patients/p1')
    expect(response.status).toBe(423)
    await closed.promise
    expect(world.refusals()).toEqual(['restricted'])
  })
  test('that breaks off while the log makes the answer durable is told of, not half sent', async () => {
    const recorded = Promise.withResolvers<void>()
    world.upstream.on('GET /api/patients/p1', {
      handle: (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('[1')
        world.onAppend = (events) => {
          if (events.some(({ kind }) => kind === 'access.refused')) {
            recorded.resolve()
            return new Promise((later) => setImmediate(() => setImmediate(later)))
          }
          response.destroy()
          return recorded.promise
        }
      },
    })
    const response = await world.get('/records/patients/p1')
    expect(response.status).toBe(502)
    expect(world.refusals()).toEqual(['upstream_unreachable'])
  })
  test('that does not answer in time', async () => {
    world.upstream.on('GET /api/patients/p1', { handle: () => {} })
    expect((await world.get('/records/patients/p1')).status).toBe(504)
    expect(world.refusals()).toEqual(['upstream_timeout'])
  })
  test('that does not believe the assertion', async () => {
    world.upstream.on('GET /api/patients/p1', { status: 401, headers: { 'www-authenticate': 'Basic' } })
    const response = await world.get('/records/patients/p1')
    expect(response.status).toBe(502)
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(world.refusals()).toEqual(['answer_uninspectable'])
  })
  test('that answers a lookup with another page', async () => {
    world.upstream.on('GET /api/patients/p1/owner', {
      body: '<html>',
      headers: { 'content-type': 'text/html' },
    })
    expect((await world.get('/records/patients/p1')).status).toBe(502)
    expect(world.upstream.forwarded()).toEqual([])
  })
})

describe('framing', () => {
  test.each([
    ['a body where none can be', ['GET', '/records/patients/p1'], ['Content-Length: 5'], 'hello'],
    [
      'a chunked body where none can be',
      ['GET', '/records/patients/p1'],
      ['Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    [
      'a length and chunks',
      ['PUT', '/records/patients/p1'],
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['two lengths', ['PUT', '/records/patients/p1'], ['Content-Length: 5', 'Content-Length: 6'], 'hello!'],
    ['a coding nobody knows', ['PUT', '/records/patients/p1'], ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    [
      'chunked twice',
      ['PUT', '/records/patients/p1'],
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['a length that is none', ['PUT', '/records/patients/p1'], ['Content-Length: +5'], 'hello'],
    ['a folded header', ['GET', '/records/patients/p1'], ['X-A: a\r\n  b'], ''],
    ['a bare line feed', ['GET', '/records/patients/p1'], ['X-A: a\nGarde-Assertion: x'], ''],
    ['a space before the colon', ['GET', '/records/patients/p1'], ['X-A : a'], ''],
  ] as [string, [string, string], string[], string][])(
    '%s closes the connection and is not forwarded',
    async (_what, [method, path], headers, body) => {
      const smuggled = [
        'GET /records/patients/p2 HTTP/1.1',
        'Host: id.example',
        'Authorization: Bearer a',
        'Connection: close',
        '',
        '',
      ].join('\r\n')
      const answer = await raw(...start(method, path), ...headers, '', `${body}${smuggled}`)
      expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400'])
      expect(world.upstream.forwarded()).toEqual([])
    },
  )
  test('ours has its own reason', async () => {
    await raw(...start('GET', '/records/patients/p1'), 'Content-Length: 5', '', 'hello')
    expect(world.strangers).toEqual([{ source: '127.0.0.0/24', reason: 'ambiguous_framing' }])
  })
  test.each([
    '/records/patients/../admin',
    '/records//patients/p1',
    '/records/patients/p1%2Fnotes',
    '/records/patients;x/p1',
    '/fhir/%2e%2e/x',
  ])('an address that could be read twice: %s', async (path) => {
    const answer = await raw(...start('GET', path), ...end)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(world.strangers.map(({ reason }) => reason)).toEqual(['ambiguous_path'])
    expect(world.upstream.calls).toEqual([])
  })
  test('an absolute form or another base is not the gateway’s', async () => {
    for (const path of ['http://id.example/fhir/Patient/pa', '/fhirx', '/other'])
      expect(await raw(...start('GET', path), ...end)).toMatch(/^HTTP\/1.1 418 /)
  })
})

test('a bug says nothing but its number', async () => {
  world.onAppend = async () => {
    throw new TypeError('secret detail')
  }
  const response = await world.get('/fhir/Patient/pa')
  expect(response.status).toBe(500)
  const body = (await response.json()) as { request: string }
  expect(body).toEqual({ error: 'server_error', request: body.request })
  expect(world.lines.some(({ message }) => message === 'bug')).toBe(true)
})

test('every refusal the log cannot take is answered as our fault', async () => {
  world.onAppend = async () => {
    throw new Refusal('audit_unavailable')
  }
  expect((await world.get('/records/patients/foreign')).status).toBe(503)
})
