/** Eve of practice A: what she might learn or take over although no record of practice B is ever shown to her. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { gatewayWorld, basis, type GatewayWorld } from '../../../test/support/gateway.ts'
import type { RestrictionId } from '../../core/ids.ts'

let world: GatewayWorld
beforeAll(async () => {
  world = await gatewayWorld()
})
afterAll(() => world.close())

const patient = (id: string, organization: string) => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: `Organization/${organization}` },
})
const observation = (id: string, subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  subject: { reference: subject },
  ...more,
})
const send = (method: string, path: string, body: object) =>
  world.get(path, {
    method,
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(body),
  })
const bundle = (type: string, entry: object[]) =>
  send('POST', '/fhir', { resourceType: 'Bundle', type, entry })
const writes = () => world.upstream.forwarded().filter((call) => !call.startsWith('GET'))

beforeEach(() => {
  world.reset()
  const { upstream } = world
  upstream.on('GET /r4/Patient/pa', { body: patient('pa', 'org-a') })
  upstream.on('GET /r4/Patient/pb', { body: patient('pb', 'org-b') })
})

test.each([
  ['deleted', 410],
  ['never registered', 404],
])('taking over the records of a patient who was %s, under their id', async (_what, status) => {
  world.upstream.on('GET /r4/Patient/gone', { status })
  await send('PUT', '/fhir/Patient/gone', patient('gone', 'org-a'))
  await bundle('transaction', [
    { request: { method: 'PUT', url: 'Patient/gone' }, resource: patient('gone', 'org-a') },
  ])
  expect(world.refusals()).toEqual(['patient_unresolved', 'patient_unresolved'])
  expect(writes()).toEqual([])
})

test('bringing back a deleted record, whosever it was', async () => {
  world.upstream.on('GET /r4/Observation/gone', { status: 410 })
  await send('PUT', '/fhir/Observation/gone', observation('gone', 'Patient/pa'))
  expect(world.refusals()).toEqual(['patient_unresolved'])
  expect(writes()).toEqual([])
})

test('asking who has this number already: the upstream’s words about others stay', async () => {
  world.upstream.on('POST /r4/Patient', {
    status: 409,
    body: {
      resourceType: 'OperationOutcome',
      text: { status: 'generated', div: '<div>Berta Brunner</div>' },
      issue: [
        {
          severity: 'error',
          code: 'duplicate',
          details: { text: 'already Patient/pb, Berta Brunner' },
          diagnostics: 'a duplicate of Patient/pb at org-b',
          expression: ['Patient.identifier', "Patient.where(id='pb')"],
        },
      ],
    },
  })
  const { id: _id, ...fresh } = patient('', 'org-a')
  const response = await send('POST', '/fhir/Patient', fresh)
  expect(response.status).toBe(409)
  expect(await response.json()).toEqual({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'duplicate', expression: ['Patient.identifier'] }],
  })
})

test('a page for people instead of JSON where there is no such patient looks like a stranger', async () => {
  const stranger = await world.get('/fhir/Patient/pb')
  const page = { status: 404, body: '<h1>Not found</h1>', headers: { 'content-type': 'text/html' } }
  world.upstream.on('GET /r4/Patient/nobody', page)
  const nobody = await world.get('/fhir/Patient/nobody')
  expect(nobody.status).toBe(stranger.status)
  expect(world.refusals()).toEqual(['other_practice', 'patient_unresolved'])
})

test.each(['Patient/..', 'Patient/.'])('leading the gateway’s own question astray: %s', async (reference) => {
  await send('POST', '/fhir/Observation', observation('', 'Patient/pa', { performer: [{ reference }] }))
  await world.get(`/fhir/Observation?subject=${reference}`)
  expect(world.refusals()).toEqual(['patient_unresolved', 'patient_unresolved'])
  expect(world.upstream.calls.map(({ url }) => url)).toEqual([])
})

test.each([' Patient/pb', 'Patient%2Fpb', '\u00a0Patient/pb', '#Patient/pb'])(
  'naming a stranger so that only the upstream understands: %j',
  async (reference) => {
    await send('POST', '/fhir/Observation', observation('', 'Patient/pa', { performer: [{ reference }] }))
    expect(world.refusals()).toEqual(['patient_unresolved'])
    expect(writes()).toEqual([])
  },
)

test('an app that may only search observations gets no patient along with them', async () => {
  world.token('a', { scope: 'user/Observation.rs user/Practitioner.r' })
  world.upstream.on('GET /r4/Observation', {
    body: {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [
        { resource: observation('oa', 'Patient/pa'), search: { mode: 'match' } },
        { resource: patient('pa', 'org-a'), search: { mode: 'include' } },
        { resource: { resourceType: 'Practitioner', id: 'd1' }, search: { mode: 'include' } },
      ],
    },
  })
  const response = await world.get('/fhir/Observation?patient=pa&_include=Observation:subject')
  const { entry } = (await response.json()) as { entry: { resource: { id: string } }[] }
  expect(entry.map(({ resource }) => resource.id)).toEqual(['oa', 'd1'])
  expect(world.events).toMatchObject([{ types: { Observation: 1 } }])
})

test('what a batch gathered before the kill switch does not leave after it', async () => {
  let reads = 0
  world.onAppend = async () => {
    if (++reads === 2)
      world.verdict = () => ({ allow: false, basis, reason: 'restricted', by: 'rst_9' as RestrictionId })
  }
  const entry = ['Patient/pa', 'Patient/pb', 'Patient/pa'].map((url) => ({ request: { method: 'GET', url } }))
  const response = await bundle('batch', entry)
  expect(response.status).toBe(423)
  expect(await response.text()).not.toContain('org-a')
})

test.each([
  ['a write', () => send('POST', '/fhir/Observation', observation('', 'Patient/pa'))],
  [
    'a transaction',
    () =>
      bundle('transaction', [
        { request: { method: 'POST', url: 'Observation' }, resource: observation('', 'Patient/pa') },
      ]),
  ],
  ['a streamed write', () => send('PUT', '/records/patients/p1', {})],
])('%s that is restricted while its intent becomes durable is not forwarded', async (_what, write) => {
  world.upstream.on('GET /api/patients/p1/owner', {
    body: { practice: 'org-a' },
    headers: { 'content-type': 'application/json' },
  })
  world.onAppend = async () => {
    world.verdict = () => ({ allow: false, basis, reason: 'restricted', by: 'rst_9' as RestrictionId })
  }
  expect((await write()).status).toBe(423)
  expect(world.events.map(({ kind }) => kind)).toEqual(['access.intent', 'access.refused'])
  expect(writes()).toEqual([])
})
