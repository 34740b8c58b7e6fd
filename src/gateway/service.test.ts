/** A service that calls for nobody (SMART Backend Services): its practice, its scopes, its name in the log. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { gatewayWorld, type GatewayWorld } from '../../test/support/gateway.ts'
import { assertionIn } from '../../test/support/upstream.ts'
import type { ClientId } from '../core/ids.ts'
import type { Facts } from '../restrictions/facts.ts'

let world: GatewayWorld
beforeAll(async () => {
  world = await gatewayWorld()
})
afterAll(() => world.close())

const json = (body: object) => ({ body, headers: { 'content-type': 'application/json' } })
const patient = (id: string, organization: string) => ({
  body: { resourceType: 'Patient', id, managingOrganization: { reference: `Organization/${organization}` } },
})

beforeEach(() => {
  world.reset()
  world.service('service', {})
  world.upstream.on('GET /api/patients/p1/owner', json({ practice: 'org-a' }))
  world.upstream.on('GET /api/patients/foreign/owner', json({ practice: 'org-b' }))
  world.upstream.on('GET /api/patients/p1', json({ id: 'p1' }))
  world.upstream.on('GET /r4/Patient/pa', patient('pa', 'org-a'))
  world.upstream.on('GET /r4/Patient/pb', patient('pb', 'org-b'))
})

const get = (path: string, init: RequestInit = {}) =>
  world.get(path, {
    ...init,
    headers: { authorization: 'Bearer service', ...(init.headers as Record<string, string>) },
  })

test('reads its practice’s patients, under its own name', async () => {
  expect((await get('/records/patients/p1')).status).toBe(200)
  expect((await get('/fhir/Patient/pa')).status).toBe(200)
  expect(world.served()).toEqual(['1.records/p1', '1.fhir/Patient/pa'])
  for (const event of world.events) {
    expect(event).toMatchObject({
      actor: { kind: 'client', id: 'archiver' },
      client: 'archiver',
      practice: 'prc_a',
    })
    expect(event).not.toHaveProperty('practitioner')
    expect(event).not.toHaveProperty('session')
  }
})

test.each(['/records/patients/foreign', '/fhir/Patient/pb'])(
  'nothing of another practice: %s',
  async (path) => {
    expect((await get(path)).status).toBe(403)
    expect(world.refusals()).toEqual(['other_practice'])
    expect(world.served()).toEqual([])
  },
)

test('no more than its scopes', async () => {
  world.service('service', { scope: 'system/Observation.rs' })
  expect((await get('/fhir/Patient/pa')).status).toBe(403)
  expect(world.refusals()).toEqual(['insufficient_scope'])
})

test('the upstream is told that a client calls, and of no person', async () => {
  await get('/records/patients/p1')
  const payload = assertionIn(world.upstream.calls.at(-1)?.headers ?? {})
  expect(payload).toMatchObject({
    sub: 'archiver',
    client_id: 'archiver',
    role: 'client',
    organization: 'org-a',
    practice: 'prc_a',
  })
  expect(payload).not.toHaveProperty('sid')
  expect(payload).not.toHaveProperty('acr')
})

test('it is judged as a client of its practice, by the journal as it stood when its token was issued', async () => {
  const asked: Facts[] = []
  world.verdict = (facts) => {
    asked.push(facts)
    return {
      allow: false,
      reason: 'session_ended',
      by: 'rst_x' as never,
      basis: { sequence: 7, ageMs: 3, tier: 'fresh' },
    }
  }
  expect((await get('/records/patients/p1')).status).toBe(401)
  expect(asked[0]).toEqual({
    practice: 'prc_a',
    client: 'archiver',
    sessionSequence: 5,
    authTime: world.clock.now(),
    safe: true,
  })
})

test('too many patients are too many for a service too', async () => {
  world.quota = () => ({ allow: false, reason: 'patient_quota' })
  expect((await get('/records/patients/p1')).status).toBe(423)
  expect(world.refusals()).toEqual(['patient_quota'])
})

test('one that acts for a person: the person’s patients, and the log, the journal and the upstream are told who acts', async () => {
  const asked: Facts[] = []
  const { verdict } = world
  world.verdict = (facts) => {
    asked.push(facts)
    return verdict(facts)
  }
  const act = { sub: 'imaging' as ClientId, act: { sub: 'lab' as ClientId } }
  const granted_to = 'records-app' as ClientId
  world.token('service', { client_id: 'imaging' as ClientId, granted_to, act })
  expect((await get('/records/patients/p1')).status).toBe(200)
  expect(world.events.at(-1)).toMatchObject({
    actor: { kind: 'practitioner', id: 'prt_a' },
    client: 'imaging',
    grantedTo: 'records-app',
    act,
  })
  expect(asked[0]).toMatchObject({ client: 'imaging', through: ['records-app', 'imaging', 'lab'] })
  const payload = assertionIn(world.upstream.calls.at(-1)?.headers ?? {})
  expect(payload).toMatchObject({ sub: 'prt_a', client_id: 'imaging', act })
})
