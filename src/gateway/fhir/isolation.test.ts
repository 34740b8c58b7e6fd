/** Practice isolation, from the side of who would profit: a clinician of practice A, and the records of practice B. */

import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gatewayWorld, type GatewayWorld } from '../../../test/support/gateway.ts'

let world: GatewayWorld
beforeAll(async () => {
  world = await gatewayWorld()
})
afterAll(() => world.close())

const patient = (id: string, organization: string, more: object = {}) => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: `Organization/${organization}` },
  ...more,
})
const observation = (id: string, subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  subject: { reference: subject },
  ...more,
})
const searchset = (resources: object[], more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
  ...more,
})

beforeEach(() => {
  world.reset()
  const { upstream } = world
  upstream.on('GET /r4/Patient/pa', { body: patient('pa', 'org-a') })
  upstream.on('GET /r4/Patient/pa2', { body: patient('pa2', 'org-a') })
  upstream.on('GET /r4/Patient/pb', { body: patient('pb', 'org-b') })
  upstream.on('GET /r4/Patient/nobodys', { body: { resourceType: 'Patient', id: 'nobodys' } })
  upstream.on('GET /r4/Observation/oa', {
    body: observation('oa', 'Patient/pa'),
    headers: { etag: 'W/"3"', 'last-modified': 'Mon, 23 Nov 2026 08:00:00 GMT' },
  })
  upstream.on('GET /r4/Observation/ob', { body: observation('ob', 'Patient/pb') })
})

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const send = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  world.get(path, {
    method,
    headers: { 'content-type': 'application/fhir+json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const writes = () => world.upstream.forwarded().filter((call) => !call.startsWith('GET'))
const ids = async (response: Response) => {
  const bundle = (await response.json()) as { entry?: { resource: { id: string } }[] }
  return (bundle.entry ?? []).map(({ resource }) => resource.id)
}

async function expectRefused(response: Response, reason: string, status = 403) {
  expect(world.refusals()).toEqual([reason])
  expect(response.status).toBe(status)
  expect(((await response.json()) as { resourceType: string }).resourceType).toBe('OperationOutcome')
}

describe('read', () => {
  test('one’s own patient, opened, in the log', async () => {
    const response = await world.get('/fhir/Patient/pa')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(patient('pa', 'org-a'))
    expect(world.events).toMatchObject([
      {
        kind: 'access.served',
        patient: '1.fhir/Patient/pa',
        access: 'opened',
        types: { Patient: 1 },
        route: 'Patient.read',
        practitioner: 'prt_a',
        practice: 'prc_a',
        basis: { sequence: 7 },
      },
    ])
  })
  test('a patient of another practice, in both directions', async () => {
    await expectRefused(await world.get('/fhir/Patient/pb'), 'other_practice')
    world.events.length = 0
    await expectRefused(await world.get('/fhir/Patient/pa', as('b')), 'other_practice')
    expect(world.served()).toEqual([])
  })
  test('a patient who does not exist looks exactly like one of another practice', async () => {
    const foreign = await world.get('/fhir/Patient/pb')
    const missing = await world.get('/fhir/Patient/missing')
    const bare = async (response: Response) => {
      const { id: _id, ...outcome } = (await response.json()) as { id: string }
      return { status: response.status, outcome }
    }
    expect(await bare(missing)).toEqual(await bare(foreign))
    expect(world.refusals()).toEqual(['other_practice', 'patient_unresolved'])
  })
  test('a patient of no practice', async () => {
    await expectRefused(await world.get('/fhir/Patient/nobodys'), 'patient_unresolved')
  })
  test('another practice’s observation through its patient', async () => {
    expect((await world.get('/fhir/Observation/oa')).status).toBe(200)
    expect(world.served()).toEqual(['1.fhir/Patient/pa'])
    world.events.length = 0
    await expectRefused(await world.get('/fhir/Observation/ob'), 'other_practice')
  })
  test('what is about nobody is for everybody', async () => {
    world.upstream.on('GET /r4/Organization/org-b', { body: { resourceType: 'Organization', id: 'org-b' } })
    expect((await world.get('/fhir/Organization/org-b')).status).toBe(200)
    expect(world.events).toMatchObject([{ kind: 'access.answered' }])
  })

  const strange: [string, object, string][] = [
    ['no subject', { resourceType: 'Observation', id: 'x' }, 'patient_unresolved'],
    [
      'a subject by identifier only',
      observation('x', '', { subject: { type: 'Patient', identifier: {} } }),
      'patient_unresolved',
    ],
    [
      'a subject on another server',
      observation('x', 'https://elsewhere.example/fhir/Patient/pa'),
      'patient_unresolved',
    ],
    ['a conditional reference', observation('x', 'Patient?identifier=1'), 'patient_unresolved'],
    [
      'an unresolved urn',
      observation('x', 'urn:uuid:00000000-0000-4000-8000-000000000000'),
      'patient_unresolved',
    ],
    [
      'a contained patient',
      observation('x', 'Patient/pa', { contained: [patient('c', 'org-a')] }),
      'patient_unresolved',
    ],
    ['a bundle inside', observation('x', 'Patient/pa', { contained: [searchset([])] }), 'patient_unresolved'],
    [
      'a contained resource about a stranger',
      observation('x', 'Patient/pa', { contained: [observation('c', 'Patient/pb')] }),
      'other_practice',
    ],
    [
      'a second patient beside one’s own',
      observation('x', 'Patient/pa', { focus: [{ reference: 'Patient/pb' }] }),
      'other_practice',
    ],
    [
      'a stranger deep in an extension',
      observation('x', 'Patient/pa', {
        extension: [{ extension: [{ valueReference: { reference: 'Patient/pb/_history/1' } }] }],
      }),
      'other_practice',
    ],
  ]
  test.each(strange)('%s', async (_what, body, reason) => {
    world.upstream.on('GET /r4/Observation/x', { body })
    await expectRefused(await world.get('/fhir/Observation/x'), reason)
    expect(world.served()).toEqual([])
  })

  const uninspectable: [string, object][] = [
    ['another type', { body: patient('oa', 'org-a') }],
    ['another id', { body: observation('ob', 'Patient/pa') }],
    ['HTML', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['XML', { body: '<Patient/>', headers: { 'content-type': 'application/fhir+xml' } }],
    ['broken JSON', { body: '{"resourceType":', headers: { 'content-type': 'application/fhir+json' } }],
    [
      'bytes that are not UTF-8',
      { body: Buffer.from([0x22, 0xff, 0x22]), headers: { 'content-type': 'application/json' } },
    ],
    [
      'gzip',
      {
        body: gzipSync(JSON.stringify(observation('oa', 'Patient/pa'))),
        headers: { 'content-type': 'application/fhir+json', 'content-encoding': 'gzip' },
      },
    ],
    [
      'nine megabytes',
      { body: ' '.repeat(9 * 1024 * 1024), headers: { 'content-type': 'application/json' } },
    ],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['a stack trace', { status: 500, body: 'at /srv/app.js:1' }],
    ['a refusal of our own assertion', { status: 401, body: {} }],
    [
      'an array a million deep',
      {
        body: '['.repeat(1_000_000) + ']'.repeat(1_000_000),
        headers: { 'content-type': 'application/json' },
      },
    ],
  ]
  test.each(uninspectable)('an upstream that answers %s', async (_what, answer) => {
    world.upstream.on('GET /r4/Observation/oa', answer)
    await expectRefused(await world.get('/fhir/Observation/oa'), 'answer_uninspectable', 502)
  })

  test('a name given twice is written out as it was checked', async () => {
    const body = `{"resourceType":"Observation","id":"x","subject":{"reference":"Patient/pb"},"subject":{"reference":"Patient/pa"},"valueQuantity":{"value":1.50}}`
    world.upstream.on('GET /r4/Observation/x', { body, headers: { 'content-type': 'application/fhir+json' } })
    const text = await (await world.get('/fhir/Observation/x')).text()
    expect(text).toBe(
      '{"resourceType":"Observation","id":"x","subject":{"reference":"Patient/pa"},"valueQuantity":{"value":1.50}}',
    )
  })
  test('an upstream’s own 404 for what is not a patient comes through', async () => {
    expect((await world.get('/fhir/Observation/none')).status).toBe(404)
    expect(world.events).toMatchObject([{ kind: 'access.answered', status: 404 }])
  })
})

describe('search', () => {
  test('patients are asked for within the practice, and strangers left out all the same', async () => {
    world.upstream.on('GET /r4/Patient', {
      body: searchset([patient('pa', 'org-a'), patient('pb', 'org-b'), patient('pa2', 'org-a')], {
        total: 4711,
      }),
    })
    const response = await world.get('/fhir/Patient?name=a')
    const bundle = (await response.json()) as Record<string, unknown>
    expect(world.upstream.forwarded()).toEqual(['GET /r4/Patient?name=a&organization=org-a'])
    expect(bundle).not.toHaveProperty('total')
    expect(JSON.stringify(bundle)).not.toContain('pb')
    expect(world.events).toMatchObject([
      { kind: 'access.served', patient: '1.fhir/Patient/pa', access: 'listed' },
      { kind: 'access.served', patient: '1.fhir/Patient/pa2', access: 'listed' },
    ])
  })
  test('pinned to one’s own patient it is opened', async () => {
    world.upstream.on('GET /r4/Observation', { body: searchset([observation('oa', 'Patient/pa')]) })
    expect(await ids(await world.get('/fhir/Observation?patient=pa&code=1'))).toEqual(['oa'])
    expect(world.events).toMatchObject([
      { kind: 'access.served', access: 'opened', types: { Observation: 1 } },
    ])
  })
  test('pinned to a stranger it is not forwarded', async () => {
    await expectRefused(await world.get('/fhir/Observation?patient=pb'), 'other_practice')
    expect(world.upstream.forwarded()).toEqual([])
  })
  test('pinned to a stranger by id it is asked within the practice', async () => {
    world.upstream.on('GET /r4/Patient', { body: searchset([patient('pb', 'org-b')]) })
    expect(await ids(await world.get('/fhir/Patient?_id=pb'))).toEqual([])
    expect(world.served()).toEqual([])
  })
  test('not pinned to a patient it is pinned to the practice', async () => {
    world.upstream.on('GET /r4/Observation', {
      body: searchset([observation('oa', 'Patient/pa'), observation('ob', 'Patient/pb')]),
    })
    expect(await ids(await world.get('/fhir/Observation?date=2026-11-23'))).toEqual(['oa'])
    expect(world.upstream.forwarded()).toEqual([
      'GET /r4/Observation?date=2026-11-23&patient.organization=org-a',
    ])
  })
  test('an answer about another patient than the one asked for is left out', async () => {
    world.upstream.on('GET /r4/Observation', { body: searchset([observation('o2', 'Patient/pa2')]) })
    expect(await ids(await world.get('/fhir/Observation?patient=pa'))).toEqual([])
  })
  test('included resources of another practice stay', async () => {
    world.upstream.on('GET /r4/Observation', {
      body: {
        resourceType: 'Bundle',
        type: 'searchset',
        entry: [
          { resource: observation('oa', 'Patient/pa'), search: { mode: 'match' } },
          { resource: patient('pa', 'org-a'), search: { mode: 'include' } },
          { resource: patient('pb', 'org-b'), search: { mode: 'include' } },
          { resource: { resourceType: 'Practitioner', id: 'd1' }, search: { mode: 'include' } },
        ],
      },
    })
    const response = await world.get('/fhir/Observation?patient=pa&_include=Observation:subject')
    expect(await ids(response)).toEqual(['oa', 'pa', 'd1'])
    expect(world.events).toMatchObject([{ types: { Observation: 1, Patient: 1 } }])
  })
  test('something that cannot be resolved refuses the whole, so that nothing goes missing unseen', async () => {
    world.upstream.on('GET /r4/Observation', {
      body: searchset([observation('oa', 'Patient/pa'), { resourceType: 'Observation', id: 'x' }]),
    })
    await expectRefused(await world.get('/fhir/Observation?patient=pa'), 'patient_unresolved')
  })
  test('links come back through the gateway, without the pin', async () => {
    const link = [
      { relation: 'self', url: `${world.upstream.origin}/r4/Patient?name=a&organization=org-a` },
      { relation: 'next', url: `${world.upstream.origin}/r4/Patient?name=a&organization=org-a&_cursor=abc` },
      { relation: 'last', url: `${world.upstream.origin}/r4/Patient?name=a&_cursor=zzz` },
      { relation: 'first', url: 'http://elsewhere.example/Patient?name=a' },
    ]
    world.upstream.on('GET /r4/Patient', { body: searchset([patient('pa', 'org-a')], { link }) })
    const bundle = (await (await world.get('/fhir/Patient?name=a')).json()) as {
      link: unknown
      entry: unknown
    }
    expect(bundle.link).toEqual([
      { relation: 'self', url: 'https://id.example/fhir/Patient?name=a' },
      { relation: 'next', url: 'https://id.example/fhir/Patient?name=a&_cursor=abc' },
    ])
    expect(bundle.entry).toMatchObject([{ fullUrl: 'https://id.example/fhir/Patient/pa' }])
  })
  test('a paging cursor of another practice pages through nothing', async () => {
    world.upstream.on('GET /r4/Patient', { body: searchset([patient('pb', 'org-b')]) })
    expect(await ids(await world.get('/fhir/Patient?_cursor=of-practice-b'))).toEqual([])
    world.upstream.on('GET /r4?_getpages=of-practice-b', { body: searchset([patient('pb', 'org-b')]) })
    expect(await ids(await world.get('/fhir?_getpages=of-practice-b'))).toEqual([])
    expect(world.served()).toEqual([])
  })
  test('a page of fifty strangers says no more than an empty one', async () => {
    const strangers = Array.from({ length: 50 }, (_, i) => patient(`s${i}`, 'org-b'))
    world.upstream.on('GET /r4/Patient', { body: searchset(strangers, { total: 50 }) })
    const full = await (await world.get('/fhir/Patient?name=a')).text()
    world.upstream.on('GET /r4/Patient', { body: { resourceType: 'Bundle', type: 'searchset', total: 0 } })
    expect(await (await world.get('/fhir/Patient?name=a')).text()).toBe(full)
  })
})

describe('asked in a way that is not understood', () => {
  test.each([
    ['history of a resource', 'GET', '/fhir/Patient/pa/_history'],
    ['one version', 'GET', '/fhir/Patient/pa/_history/1'],
    ['history of the system', 'GET', '/fhir/_history'],
    ['an operation', 'GET', '/fhir/Patient/pa/$everything'],
    ['an operation of the system', 'POST', '/fhir/$export'],
    ['compartment search', 'GET', '/fhir/Patient/pa/Observation'],
    ['search by form', 'POST', '/fhir/Patient/_search'],
    ['search of everything', 'GET', '/fhir?name=a'],
    ['a type nobody knows', 'GET', '/fhir/Secret/1'],
    ['a type without a patient', 'GET', '/fhir/Bundle/1'],
    ['reverse chaining', 'GET', '/fhir/Patient?_has:Observation:patient:code=1'],
    ['chaining', 'GET', '/fhir/Observation?patient.name=a'],
    ['typed chaining', 'GET', '/fhir/Observation?subject:Patient.name=a'],
    ['_revinclude', 'GET', '/fhir/Patient?_revinclude=Observation:subject'],
    ['_include of everything', 'GET', '/fhir/Observation?patient=pa&_include=*'],
    ['_include that iterates', 'GET', '/fhir/Observation?patient=pa&_include:iterate=Patient:link'],
    ['_elements', 'GET', '/fhir/Patient?_elements=name'],
    ['_elements of a read', 'GET', '/fhir/Observation/oa?_elements=code'],
    ['_summary', 'GET', '/fhir/Patient?_summary=count'],
    ['_total', 'GET', '/fhir/Patient?_total=accurate'],
    ['_filter', 'GET', '/fhir/Patient?_filter=name%20co%20a'],
    ['_contained', 'GET', '/fhir/Patient?_contained=true'],
    ['_query', 'GET', '/fhir/Patient?_query=all'],
    ['XML', 'GET', '/fhir/Patient/pa?_format=xml'],
    ['a practice of one’s own choice', 'GET', '/fhir/Patient?organization=org-b'],
    ['a practice of one’s own choice, chained', 'GET', '/fhir/Observation?patient.organization=org-b'],
    ['two patients at once', 'GET', '/fhir/Observation?patient=pa&subject=pb'],
    ['PATCH', 'PATCH', '/fhir/Patient/pa'],
    ['HEAD', 'HEAD', '/fhir/Patient/pa'],
    ['a conditional update', 'PUT', '/fhir/Patient?identifier=1'],
    ['a conditional delete', 'DELETE', '/fhir/Patient?identifier=1'],
    ['a token in the address', 'GET', '/fhir/Patient/pa?access_token=a'],
    ['a write of what is about nobody', 'PUT', '/fhir/Organization/org-b'],
  ])('%s', async (_what, method, path) => {
    const response = await world.get(path, {
      method,
      ...(method[0] === 'P' && {
        body: '{}',
        headers: { 'content-type': 'application/fhir+json' },
      }),
    })
    expect(world.refusals()).toEqual(['interaction_unlisted'])
    expect(response.status).toBe(403)
    expect(world.upstream.calls).toEqual([])
  })
  test.each([
    ['two patients in one pin', '/fhir/Observation?patient=pa,pb'],
    ['a group', '/fhir/Observation?subject=Group/g1'],
    ['another server’s patient', '/fhir/Observation?patient=https://elsewhere.example/Patient/pa'],
  ])('%s', async (_what, path) => {
    await expectRefused(await world.get(path), 'patient_unresolved')
    expect(world.upstream.calls).toEqual([])
  })
})

describe('create', () => {
  test('for one’s own patient: intent before, settled after', async () => {
    const before: number[] = []
    world.onAppend = async () => void before.push(writes().length)
    world.upstream.on('POST /r4/Observation', {
      status: 201,
      headers: { location: `${world.upstream.origin}/r4/Observation/new1/_history/1` },
    })
    const response = await send('POST', '/fhir/Observation', observation('', 'Patient/pa'))
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe('https://id.example/fhir/Observation/new1')
    expect(world.events).toMatchObject([
      { kind: 'access.intent', patient: '1.fhir/Patient/pa', route: 'Observation.create' },
      { kind: 'access.settled', patient: '1.fhir/Patient/pa', status: 201 },
    ])
    expect(before).toEqual([0, 1])
  })
  test('a patient of one’s own practice, named in the log once they have a name', async () => {
    world.upstream.on('POST /r4/Patient', { status: 201, headers: { location: 'Patient/new1/_history/1' } })
    expect((await send('POST', '/fhir/Patient', patient('', 'org-a'))).status).toBe(201)
    expect(world.events).toMatchObject([
      { kind: 'access.intent' },
      { kind: 'access.settled', patient: '1.fhir/Patient/new1' },
    ])
    expect(world.upstream.calls.at(-1)?.body).not.toContain('"id"')
  })
  const refused: [string, string, unknown, string][] = [
    ['for a stranger', 'Observation', observation('', 'Patient/pb'), 'other_practice'],
    ['for nobody', 'Observation', { resourceType: 'Observation' }, 'patient_unresolved'],
    [
      'that also names a stranger',
      'Observation',
      observation('', 'Patient/pa', { performer: [{ reference: 'Patient/pb' }] }),
      'other_practice',
    ],
    ['a patient of another practice', 'Patient', patient('', 'org-b'), 'other_practice'],
    ['a patient of no practice', 'Patient', { resourceType: 'Patient' }, 'patient_unresolved'],
    [
      'a patient of a practice elsewhere',
      'Patient',
      patient('', 'x', { managingOrganization: { reference: 'https://e.example/Organization/org-a' } }),
      'patient_unresolved',
    ],
    [
      'a patient linked to a stranger',
      'Patient',
      patient('', 'org-a', { link: [{ other: { reference: 'Patient/pb' } }] }),
      'other_practice',
    ],
    ['of another type than the address', 'Observation', patient('', 'org-a'), 'malformed_request'],
    ['of broken JSON', 'Observation', '{"resourceType":"Observation"', 'malformed_request'],
  ]
  test.each(refused)('one %s', async (_what, type, body, reason) => {
    const response = await send('POST', `/fhir/${type}`, body)
    expect(world.refusals()).toEqual([reason])
    expect(response.ok).toBe(false)
    expect(writes()).toEqual([])
  })
  test('a subject given twice reaches the upstream once, as checked', async () => {
    world.upstream.on('POST /r4/Observation', { status: 201 })
    const sneaky = `{"resourceType":"Observation","subject":{"reference":"Patient/pb"},"subject":{"reference":"Patient/pa"},"valueDecimal":2.0}`
    expect((await send('POST', '/fhir/Observation', sneaky)).status).toBe(201)
    expect(world.upstream.calls.at(-1)?.body).toBe(
      '{"resourceType":"Observation","subject":{"reference":"Patient/pa"},"valueDecimal":2.0}',
    )
  })
  test('conditionally', async () => {
    await send('POST', '/fhir/Patient', patient('', 'org-a'), { 'if-none-exist': 'identifier=1' })
    expect(world.refusals()).toEqual(['interaction_unlisted'])
    expect(writes()).toEqual([])
  })
  test.each([
    ['XML', { 'content-type': 'application/fhir+xml' }],
    ['another charset', { 'content-type': 'application/fhir+json; charset=utf-16' }],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('%s', async (_what, headers) => {
    await send('POST', '/fhir/Observation', observation('', 'Patient/pa'), headers)
    expect(world.refusals()).toEqual(['unsupported_media_type'])
    expect(writes()).toEqual([])
  })
  test('too large', async () => {
    const response = await send('POST', '/fhir/Observation', ' '.repeat(5 * 1024 * 1024))
    expect(response.status).toBe(413)
    expect(world.refusals()).toEqual(['too_large'])
  })
})

describe('update', () => {
  test('one’s own, for the version that was checked', async () => {
    world.upstream.on('PUT /r4/Observation/oa', { body: observation('oa', 'Patient/pa') })
    expect((await send('PUT', '/fhir/Observation/oa', observation('oa', 'Patient/pa'))).status).toBe(200)
    expect(world.upstream.calls.at(-1)?.headers['if-match']).toBe('W/"3"')
    expect(world.events.map(({ kind }) => kind)).toEqual(['access.intent', 'access.settled', 'access.served'])
  })
  test('a version the caller has not seen', async () => {
    const response = await send('PUT', '/fhir/Observation/oa', observation('oa', 'Patient/pa'), {
      'if-match': 'W/"2"',
    })
    expect(response.status).toBe(409)
    expect(world.refusals()).toEqual(['conflict'])
    expect(writes()).toEqual([])
  })
  test('that creates, only where there is none', async () => {
    world.upstream.on('PUT /r4/Observation/fresh', { status: 201 })
    expect((await send('PUT', '/fhir/Observation/fresh', observation('fresh', 'Patient/pa'))).status).toBe(
      201,
    )
    expect(world.upstream.calls.at(-1)?.headers['if-none-match']).toBe('*')
  })
  const refused: [string, string, object, string][] = [
    ['another practice’s record', '/fhir/Observation/ob', observation('ob', 'Patient/pb'), 'other_practice'],
    [
      'a stranger’s record into one’s own patient',
      '/fhir/Observation/ob',
      observation('ob', 'Patient/pa'),
      'other_practice',
    ],
    [
      'one’s own record onto a stranger',
      '/fhir/Observation/oa',
      observation('oa', 'Patient/pb'),
      'other_practice',
    ],
    [
      'one’s own record onto another own patient',
      '/fhir/Observation/oa',
      observation('oa', 'Patient/pa2'),
      'ownership_immutable',
    ],
    ['a stranger into one’s own practice', '/fhir/Patient/pb', patient('pb', 'org-a'), 'other_practice'],
    ['one’s own patient into another practice', '/fhir/Patient/pa', patient('pa', 'org-b'), 'other_practice'],
    [
      'another id than the address',
      '/fhir/Observation/oa',
      observation('ob', 'Patient/pa'),
      'malformed_request',
    ],
    [
      'a patient nobody has yet, of another practice',
      '/fhir/Patient/fresh',
      patient('fresh', 'org-b'),
      'other_practice',
    ],
  ]
  test.each(refused)('%s', async (_what, path, body, reason) => {
    await send('PUT', path, body)
    expect(world.refusals()).toEqual([reason])
    expect(writes()).toEqual([])
  })
  test('a body cannot teach the gateway whose patient one is', async () => {
    await send('PUT', '/fhir/Patient/pb', patient('pb', 'org-a'))
    await send('PUT', '/fhir/Observation/fresh', observation('fresh', 'Patient/pb'))
    expect(world.refusals()).toEqual(['other_practice', 'other_practice'])
  })
})

describe('delete', () => {
  test('one’s own', async () => {
    world.upstream.on('DELETE /r4/Observation/oa', { status: 204 })
    expect((await world.get('/fhir/Observation/oa', { method: 'DELETE' })).status).toBe(204)
    expect(world.events.map(({ kind }) => kind)).toEqual(['access.intent', 'access.settled'])
  })
  test.each([
    ['another practice’s record', '/fhir/Observation/ob', 'other_practice'],
    ['another practice’s patient', '/fhir/Patient/pb', 'other_practice'],
    ['nothing', '/fhir/Observation/none', 'patient_unresolved'],
  ])('%s', async (_what, path, reason) => {
    await world.get(path, { method: 'DELETE' })
    expect(world.refusals()).toEqual([reason])
    expect(writes()).toEqual([])
  })
})

describe('batch', () => {
  const bundle = (type: string, entry: object[]) =>
    send('POST', '/fhir', { resourceType: 'Bundle', type, entry })
  const ask = (method: string, url: string, resource?: object, more: object = {}) => ({
    request: { method, url },
    ...(resource && { resource }),
    ...more,
  })
  test('each entry is decided and recorded on its own', async () => {
    world.upstream.on('POST /r4/Observation', {
      status: 201,
      headers: { location: 'Observation/n/_history/1' },
    })
    const response = await bundle('batch', [
      ask('GET', 'Patient/pa'),
      ask('GET', 'Patient/pb'),
      ask('GET', 'Observation?patient=pb'),
      ask('POST', 'Observation', observation('', 'Patient/pb')),
      ask('POST', 'Observation', observation('', 'Patient/pa')),
      ask('PUT', 'Observation/ob', observation('ob', 'Patient/pa')),
      ask('DELETE', 'Patient/pb'),
      ask('GET', '../admin'),
      ask('GET', 'Patient/pa/$everything'),
    ])
    const answer = (await response.json()) as { type: string; entry: { response: { status: string } }[] }
    expect(answer.type).toBe('batch-response')
    expect(answer.entry.map((entry) => entry.response.status)).toEqual([
      '200',
      '403',
      '403',
      '403',
      '201',
      '403',
      '403',
      '400',
      '403',
    ])
    expect(writes()).toEqual(['POST /r4/Observation'])
    expect(JSON.stringify(answer)).not.toContain('pb')
    expect(world.served()).toEqual(['1.fhir/Patient/pa'])
    expect(world.refusals()).toEqual([
      'other_practice',
      'other_practice',
      'other_practice',
      'other_practice',
      'other_practice',
      'ambiguous_path',
      'interaction_unlisted',
    ])
  })
  test('reading in a batch goes on under read-only, writing does not', async () => {
    world.verdict = ({ safe }) =>
      safe
        ? { allow: true, basis: { sequence: 8, ageMs: 0, tier: 'fresh' } }
        : {
            allow: false,
            basis: { sequence: 8, ageMs: 0, tier: 'fresh' },
            reason: 'read_only',
            by: 'rst_1' as never,
          }
    const response = await bundle('batch', [
      ask('GET', 'Patient/pa'),
      ask('POST', 'Observation', observation('', 'Patient/pa')),
    ])
    const answer = (await response.json()) as { entry: { response: { status: string } }[] }
    expect(answer.entry.map((entry) => entry.response.status)).toEqual(['200', '423'])
    expect(world.refusals()).toEqual(['read_only'])
  })

  const p1 = 'urn:uuid:11111111-1111-4111-8111-111111111111'
  test('a transaction creates a patient and what belongs to them as one', async () => {
    world.upstream.on('POST /r4', {
      body: {
        resourceType: 'Bundle',
        type: 'transaction-response',
        entry: [
          { response: { status: '201 Created', location: 'Patient/n1/_history/1' } },
          { response: { status: '201 Created', location: 'Observation/n2/_history/1' } },
        ],
      },
    })
    const response = await bundle('transaction', [
      ask('POST', 'Patient', patient('', 'org-a'), { fullUrl: p1 }),
      ask('POST', 'Observation', observation('', p1)),
    ])
    expect(await response.json()).toMatchObject({
      type: 'transaction-response',
      entry: [
        { response: { status: '201', location: 'https://id.example/fhir/Patient/n1' } },
        { response: { status: '201' } },
      ],
    })
    expect(world.events).toMatchObject([
      { kind: 'access.intent', route: 'Patient.create' },
      { kind: 'access.intent', route: 'Observation.create' },
      { kind: 'access.settled', patient: '1.fhir/Patient/n1' },
      { kind: 'access.settled', patient: '1.fhir/Patient/n1' },
    ])
  })
  const own = ask('POST', 'Observation', observation('', 'Patient/pa'))
  const refused: [string, object[], string][] = [
    [
      'one foreign write among one’s own',
      [own, ask('POST', 'Observation', observation('', 'Patient/pb'))],
      'other_practice',
    ],
    ['the deletion of a stranger', [own, ask('DELETE', 'Patient/pb')], 'other_practice'],
    [
      'a newborn of another practice',
      [
        ask('POST', 'Patient', patient('', 'org-b'), { fullUrl: p1 }),
        ask('POST', 'Observation', observation('', p1)),
      ],
      'other_practice',
    ],
    [
      'a name for a stranger',
      [ask('PUT', 'Patient/pb', patient('pb', 'org-a'), { fullUrl: p1 })],
      'other_practice',
    ],
    [
      'a name that was given to nobody',
      [ask('POST', 'Observation', observation('', p1))],
      'patient_unresolved',
    ],
    [
      'one name for two',
      [
        ask('POST', 'Patient', patient('', 'org-a'), { fullUrl: p1 }),
        ask('POST', 'Patient', patient('', 'org-a'), { fullUrl: p1 }),
      ],
      'malformed_request',
    ],
    [
      'one resource written twice',
      [ask('PUT', 'Observation/oa', observation('oa', 'Patient/pa')), ask('DELETE', 'Observation/oa')],
      'malformed_request',
    ],
    ['a read', [own, ask('GET', 'Patient/pb')], 'interaction_unlisted'],
    [
      'a conditional create',
      [
        {
          request: { method: 'POST', url: 'Patient', ifNoneExist: 'name=a' },
          resource: patient('', 'org-a'),
        },
      ],
      'interaction_unlisted',
    ],
  ]
  test.each(refused)('a transaction with %s does nothing', async (_what, entries, reason) => {
    const response = await bundle('transaction', entries)
    expect(response.ok).toBe(false)
    expect(world.refusals()).toEqual([reason])
    expect(writes()).toEqual([])
  })
  test('more entries than are checked', async () => {
    await bundle(
      'batch',
      Array.from({ length: 101 }, () => ask('GET', 'Patient/pa')),
    )
    expect(world.refusals()).toEqual(['too_large'])
  })
})

describe('scopes', () => {
  test.each([
    ['user/Patient.r', 200],
    ['user/Patient.rs', 200],
    ['user/*.read', 200],
    ['user/Patient.cruds', 200],
    ['user/Patient.s', 403],
    ['user/Observation.r', 403],
    ['user/Patient.sr', 403],
    ['patient/Patient.r', 403],
    ['user/Patient.r?name=a', 403],
    ['openid', 403],
  ])('%s', async (scope, status) => {
    world.token('a', { scope })
    expect((await world.get('/fhir/Patient/pa')).status).toBe(status)
    expect(world.refusals()).toEqual(status === 200 ? [] : ['insufficient_scope'])
  })
})

test('the capabilities say the public address', async () => {
  world.upstream.on('GET /r4/metadata', {
    body: {
      resourceType: 'CapabilityStatement',
      implementation: { url: `${world.upstream.origin}/r4`, description: 'd' },
    },
  })
  expect(await (await world.get('/fhir/metadata')).json()).toMatchObject({
    implementation: { url: 'https://id.example/fhir' },
  })
})
