/** Protocols 7: a token limited to one patient, or by parameters, and whoever holds it tries to reach further. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gatewayWorld, type GatewayWorld } from '../../../test/support/gateway.ts'
import type { PersonClaims } from '../../tokens/claims.ts'

let world: GatewayWorld
beforeAll(async () => {
  world = await gatewayWorld()
})
afterAll(() => world.close())

const patient = (id: string, organization = 'org-a') => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: `Organization/${organization}` },
})
const observation = (id: string, subject: string, category = 'vital-signs') => ({
  resourceType: 'Observation',
  id,
  category: [{ coding: [{ system: 'http://c', code: category }] }],
  subject: { reference: `Patient/${subject}` },
})
const meeting = (id: string, ...actors: string[]) => ({
  resourceType: 'Appointment',
  id,
  participant: actors.map((reference) => ({ actor: { reference } })),
})
const searchset = (...resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
})
const send = (method: string, path: string, body: object) =>
  world.get(path, {
    method,
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(body),
  })
const idsIn = async (answer: Response): Promise<string[]> => {
  const { entry = [] } = (await answer.json()) as { entry?: { resource: { id: string } }[] }
  return entry.map(({ resource }) => resource.id)
}
const writes = () => world.upstream.forwarded().filter((call) => !call.startsWith('GET'))
const holding = (scope: string, claims: Partial<PersonClaims> = { patient: 'p1' }) =>
  world.token('a', { scope, ...claims })

beforeEach(() => {
  world.reset()
  const { upstream } = world
  for (const id of ['p1', 'p2']) upstream.on(`GET /r4/Patient/${id}`, { body: patient(id) })
  upstream.on('GET /r4/Observation/o1', { body: observation('o1', 'p1') })
  upstream.on('GET /r4/Observation/l1', { body: observation('l1', 'p1', 'laboratory') })
  upstream.on('GET /r4/Observation/o2', { body: observation('o2', 'p2') })
  upstream.on('GET /r4/Appointment/both', { body: meeting('both', 'Patient/p1', 'Patient/p2') })
  upstream.on('GET /r4/Practitioner/d1', { body: { resourceType: 'Practitioner', id: 'd1' } })
  upstream.on('GET /r4/Observation', {
    body: searchset(observation('o1', 'p1'), observation('l1', 'p1', 'laboratory'), observation('o2', 'p2')),
  })
  upstream.on('GET /r4/Patient', { body: searchset(patient('p1'), patient('p2')) })
})

describe('patient/ scopes', () => {
  test('open the patient in context', async () => {
    holding('patient/*.rs')
    expect((await world.get('/fhir/Patient/p1')).status).toBe(200)
    expect((await world.get('/fhir/Observation/o1')).status).toBe(200)
    expect(world.refusals()).toEqual([])
  })

  test.each([
    ['another patient of the same practice', '/fhir/Patient/p2'],
    ['a record of another patient', '/fhir/Observation/o2'],
    ['a record that is also of another patient', '/fhir/Appointment/both'],
    ['what is about nobody', '/fhir/Practitioner/d1'],
    ['a search about another patient', '/fhir/Observation?patient=p2'],
    ['another patient by id', '/fhir/Patient?_id=p2'],
  ])('do not open %s', async (_what, path) => {
    holding('patient/*.rs')
    expect((await world.get(path)).status).toBe(403)
    expect(world.refusals()).toEqual(['insufficient_scope'])
    expect(world.served()).toEqual([])
  })

  test('a search is about the patient in context, said or not, and so is what comes back', async () => {
    holding('patient/*.rs')
    expect(await idsIn(await world.get('/fhir/Observation'))).toEqual(['o1', 'l1'])
    expect(await idsIn(await world.get('/fhir/Patient?family=Durand'))).toEqual(['p1'])
    expect(world.upstream.forwarded()).toEqual([
      'GET /r4/Observation?patient=p1',
      'GET /r4/Patient?family=Durand&_id=p1&organization=org-a',
    ])
  })

  test.each(['patient/*.cruds', 'patient/Patient.r patient/*.rs', 'patient/*.read'])(
    '%s without a patient in context is worth nothing',
    async (scope) => {
      holding(scope, {})
      expect((await world.get('/fhir/Patient/p1')).status).toBe(403)
      expect((await world.get('/fhir/Observation')).status).toBe(403)
      expect(world.refusals()).toEqual(['insufficient_scope', 'insufficient_scope'])
    },
  )

  test('a context that is no id is none', async () => {
    holding('patient/*.rs', { patient: 'p1,p2' })
    expect((await world.get('/fhir/Observation')).status).toBe(403)
  })

  test('beside user/ scopes each reaches as far as it says', async () => {
    holding('patient/*.rs user/Patient.r user/Practitioner.r')
    expect((await world.get('/fhir/Patient/p2')).status).toBe(200)
    expect((await world.get('/fhir/Practitioner/d1')).status).toBe(200)
    expect((await world.get('/fhir/Observation/o2')).status).toBe(403)
  })

  test('writes are within the record in context', async () => {
    holding('patient/*.cruds')
    const { id: _id, ...mine } = observation('', 'p1')
    const { id: _other, ...theirs } = observation('', 'p2')
    world.upstream.on('POST /r4/Observation', { status: 201, headers: { location: 'Observation/n1' } })
    expect((await send('POST', '/fhir/Observation', mine)).status).toBe(201)
    expect((await send('POST', '/fhir/Observation', theirs)).status).toBe(403)
    expect((await send('PUT', '/fhir/Observation/o2', observation('o2', 'p2'))).status).toBe(403)
    expect((await send('DELETE', '/fhir/Observation/o2', {})).status).toBe(403)
    expect((await send('POST', '/fhir/Appointment', meeting('', 'Patient/p1', 'Patient/p2'))).status).toBe(
      403,
    )
    expect((await send('POST', '/fhir/Patient', patient(''))).status).toBe(403)
    expect(writes()).toEqual(['POST /r4/Observation'])
  })

  test('a batch and a transaction are no way round', async () => {
    holding('patient/*.cruds')
    const bundle = (type: string, ...entry: object[]) =>
      send('POST', '/fhir', { resourceType: 'Bundle', type, entry })
    const batch = (await (
      await bundle('batch', { request: { method: 'GET', url: 'Observation/o2' } })
    ).json()) as { entry: { response: { status: string } }[] }
    expect(batch.entry[0]?.response.status).toBe('403')
    const put = { request: { method: 'PUT', url: 'Observation/o2' }, resource: observation('o2', 'p2') }
    expect((await bundle('transaction', put)).status).toBe(403)
    expect(writes()).toEqual([])
  })
})

describe('a scope limited by a parameter', () => {
  test('opens what answers to it, and nothing else', async () => {
    holding('user/Observation.rs?category=http://c|vital-signs')
    expect((await world.get('/fhir/Observation/o1')).status).toBe(200)
    expect((await world.get('/fhir/Observation/l1')).status).toBe(403)
    expect(await idsIn(await world.get('/fhir/Observation?patient=p1'))).toEqual(['o1'])
    expect(world.upstream.forwarded().at(-1)).toBe(
      'GET /r4/Observation?patient=p1&category=http%3A%2F%2Fc%7Cvital-signs',
    )
  })

  test.each([
    ['category=vital-signs', 200],
    ['category=http://c|', 200],
    ['category=http://c|vital-signs&status=final', 403],
    ['category=|vital-signs', 403],
    ['category=http://d|vital-signs', 403],
    ['category=vital', 403],
    ['category:in=http://c', 403],
    ['subject=Patient/p1', 403],
    ['_filter=category', 403],
  ])('%s', async (limit, status) => {
    holding(`user/Observation.r?${limit}`)
    expect((await world.get('/fhir/Observation/o1')).status).toBe(status)
  })

  test('another parameter of the caller’s takes nothing away from it', async () => {
    holding('user/Observation.rs?category=http://c|vital-signs')
    expect(await idsIn(await world.get('/fhir/Observation?patient=p1&category=laboratory'))).toEqual(['o1'])
  })

  test('neither is anything else written, nor is what it reaches turned into something else', async () => {
    holding('user/Observation.cruds?category=http://c|vital-signs')
    expect((await send('PUT', '/fhir/Observation/l1', observation('l1', 'p1', 'vital-signs'))).status).toBe(
      403,
    )
    expect((await send('PUT', '/fhir/Observation/o1', observation('o1', 'p1', 'laboratory'))).status).toBe(
      403,
    )
    expect((await send('DELETE', '/fhir/Observation/l1', {})).status).toBe(403)
    expect(writes()).toEqual([])
  })

  test('what comes along is within its own scope', async () => {
    world.upstream.on('GET /r4/Observation', {
      body: {
        ...searchset(observation('o1', 'p1')),
        entry: [
          { resource: observation('o1', 'p1'), search: { mode: 'match' } },
          { resource: patient('p1'), search: { mode: 'include' } },
          { resource: patient('p2'), search: { mode: 'include' } },
        ],
      },
    })
    holding('user/Observation.rs patient/Patient.r')
    expect(await idsIn(await world.get('/fhir/Observation?patient=p1&_include=Observation:subject'))).toEqual(
      ['o1', 'p1'],
    )
  })
})

test('system/ is for services, user/ and patient/ for people', async () => {
  holding('system/*.cruds')
  expect((await world.get('/fhir/Patient/p1')).status).toBe(403)
  world.service('service', { scope: 'user/*.rs patient/*.rs' })
  const answer = await world.get('/fhir/Patient/p1', { headers: { authorization: 'Bearer service' } })
  expect(answer.status).toBe(403)
})
