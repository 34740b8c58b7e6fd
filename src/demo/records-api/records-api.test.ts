import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, createLocalJWKSet, SignJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assertionVerifier } from './assertion.ts'
import type { Bundle, Resource } from './fhir.ts'
import { createRecordsApi, type RecordsApi, type RecordsApiOptions } from './records-api.ts'
import { hasSynthea, readSynthea, syntheaFolder } from './synthea.ts'

const base = 'https://gate.example/fhir'
const now = () => new Date('2026-03-02T09:00:00Z')

const patient = (id: string, family: string, birthDate: string, organization: string): Resource => ({
  resourceType: 'Patient',
  id,
  name: [{ family, given: ['Zoé'] }],
  birthDate,
  identifier: [{ system: 'urn:demo', value: `N-${id}` }],
  managingOrganization: { reference: `Organization/${organization}` },
})
const observation = (id: string, of: string, effectiveDateTime: string): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  subject: { reference: `Patient/${of}` },
  effectiveDateTime,
})
const records: Resource[] = [
  { resourceType: 'Organization', id: 'o1', name: 'Cabinet du Port' },
  { resourceType: 'Organization', id: 'o2', name: 'Cabinet du Lac' },
  patient('p1', 'Écharpe', '1980-02-03', 'o1'),
  patient('p2', 'Echalote', '1990-05-06', 'o1'),
  patient('p3', 'Moulin', '1980-07-08', 'o2'),
  observation('b1', 'p1', '2026-01-01'),
  observation('b2', 'p1', '2026-02-01'),
  observation('b3', 'p3', '2026-02-15'),
  {
    resourceType: 'Appointment',
    id: 'a1',
    status: 'booked',
    start: '2026-03-03T10:00:00Z',
    participant: [{ actor: { reference: 'Practitioner/d1' } }, { actor: { reference: 'Patient/p2' } }],
  },
]

interface Running extends RecordsApi {
  address: string
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: Bundle }>
}
const servers: Server[] = []

async function run(options: Partial<RecordsApiOptions> = {}): Promise<Running> {
  const api = createRecordsApi({ publicBase: base, now, ...options })
  api.load({ resourceType: 'Bundle', type: 'collection', entry: records.map((resource) => ({ resource })) })
  const server = createServer(api.handler)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...api,
    address,
    call: async (method, path, body, headers = {}) => {
      const response = await fetch(`${address}/${path}`, {
        method,
        headers: { 'Content-Type': 'application/fhir+json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? {} : JSON.parse(text)) as Bundle,
      }
    },
  }
}

afterAll(() => {
  for (const server of servers) server.close()
})

const idsOf = (bundle: Bundle) => (bundle.entry ?? []).map(({ resource }) => resource?.id)

describe('search', () => {
  let api: Running
  beforeAll(async () => {
    api = await run()
  })

  test.each<[string, (string | undefined)[]]>([
    ['Patient', ['p1', 'p2', 'p3']],
    ['Patient?name=echa', ['p1', 'p2']],
    ['Patient?name=zoe&birthdate=1980', ['p1', 'p3']],
    ['Patient?birthdate=ge1985-01-01', ['p2']],
    ['Patient?identifier=urn:demo|N-p3', ['p3']],
    ['Patient?identifier=N-p3', ['p3']],
    ['Patient?_id=p3,p1', ['p1', 'p3']],
    ['Patient?organization=Organization/o2', ['p3']],
    ['Observation?patient=p1', ['b1', 'b2']],
    ['Observation?subject=Patient/p1&date=2026-02', ['b2']],
    [`Observation?subject=${base}/Patient/p3`, ['b3']],
    ['Observation?patient.organization=o1', ['b1', 'b2']],
    ['Observation?subject:Patient.name=moulin', ['b3']],
    ['Observation?subject:Patient=p3', ['b3']],
    ['Observation?patient=p1&_sort=-date', ['b2', 'b1']],
    ['Observation?subject=Patient/p1&_include=Observation:subject', ['b1', 'b2', 'p1']],
    ['Patient?_id=p1&_revinclude=Observation:subject', ['p1', 'b1', 'b2']],
    ['Appointment?patient=p2', ['a1']],
    ['Appointment?patient=p1', []],
    ['Patient?_count=0', []],
    ['Patient?_summary=count', []],
  ])('%s', async (query, ids) => {
    const { status, body } = await api.call('GET', query)
    expect(status).toBe(200)
    expect(idsOf(body)).toEqual(ids)
  })

  test.each([
    ['Patient?colour=blue', 400, 'not-supported'],
    ['Patient?_count=many', 400, 'invalid'],
    ['Patient?_cursor=zzz', 400, 'invalid'],
    ['Patient?_sort=colour', 400, 'not-supported'],
    ['Patient?birthdate=soon', 400, 'invalid'],
    ['Observation?_include=*', 400, 'not-supported'],
    ['Patient?constructor=x', 400, 'not-supported'],
    ['Starship', 404, 'not-supported'],
    ['toString', 404, 'not-supported'],
    ['Patient/p9', 404, 'not-found'],
    ['Patient/p1/_history/1', 404, 'not-supported'],
  ])('refuses %s', async (query, status, code) => {
    const answer = await api.call('GET', query)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code }] })
  })

  test('pages by cursor through public links, each patient once', async () => {
    const seen: unknown[] = []
    let next: string | undefined = `${base}/Patient?_count=2&_sort=-birthdate`
    while (next !== undefined) {
      const { body } = await api.call('GET', next.slice(base.length + 1))
      expect(body.total).toBe(3)
      seen.push(idsOf(body))
      next = body.link?.find(({ relation }) => relation === 'next')?.url
    }
    expect(seen).toEqual([['p2', 'p3'], ['p1']])
  })

  test('searches by posted form', async () => {
    const answer = await api.call('POST', 'Patient/_search', 'name=moulin', {
      'Content-Type': 'application/x-www-form-urlencoded',
    })
    expect(idsOf(answer.body)).toEqual(['p3'])
  })

  test('says what it can', async () => {
    const { body } = await api.call('GET', 'metadata')
    expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' })
  })
})

describe('one resource', () => {
  test('is read with its version, and not sent again to whoever has it', async () => {
    const api = await run()
    const { status, headers, body } = await api.call('GET', 'Patient/p1')
    expect([status, headers.get('etag'), body.id]).toEqual([200, 'W/"1"', 'p1'])
    const again = await api.call('GET', 'Patient/p1', undefined, { 'If-None-Match': 'W/"1"' })
    expect(again.status).toBe(304)
  })

  test('is created under an id of the server’s, updated only from the version it has, and deleted', async () => {
    const api = await run()
    const made = await api.call('POST', 'Observation', observation('mine', 'p2', '2026-03-01'))
    expect([made.status, made.headers.get('location')]).toEqual([201, `${base}/Observation/n1/_history/1`])
    const change = { ...made.body, status: 'amended' }
    const changed = await api.call('PUT', 'Observation/n1', change, { 'If-Match': 'W/"1"' })
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, 'W/"2"'])
    const late = await api.call('PUT', 'Observation/n1', change, { 'If-Match': 'W/"1"' })
    expect(late.status).toBe(412)
    expect((await api.call('DELETE', 'Observation/n1')).status).toBe(204)
    expect((await api.call('GET', 'Observation/n1')).status).toBe(410)
    expect(idsOf((await api.call('GET', 'Observation?patient=p2')).body)).toEqual([])
  })

  test('moves in the index when it is about somebody else', async () => {
    const api = await run()
    await api.call('PUT', 'Observation/b1', observation('b1', 'p2', '2026-01-01'))
    expect(idsOf((await api.call('GET', 'Observation?patient=p1')).body)).toEqual(['b2'])
    expect(idsOf((await api.call('GET', 'Observation?patient=p2')).body)).toEqual(['b1'])
  })

  test.each<[string, string, unknown, string, number]>([
    ['PUT', 'Patient/p1', patient('p2', 'X', '2000-01-01', 'o1'), 'application/json', 400],
    ['POST', 'Patient', { resourceType: 'Observation' }, 'application/json', 400],
    ['POST', 'Patient', '{', 'application/json', 400],
    ['POST', 'Patient', [], 'application/json', 400],
    ['POST', 'Patient', '<Patient/>', 'application/fhir+xml', 415],
    ['PATCH', 'Patient/p1', '[]', 'application/json-patch+json', 405],
    ['POST', '', { resourceType: 'Bundle', type: 'history' }, 'application/json', 400],
    ['POST', 'Patient', JSON.stringify('x'.repeat(5_300_000)), 'application/json', 413],
  ])('%s %s with %j as %s is %i', async (method, path, body, type, status) => {
    const api = await run()
    const answer = await api.call(method, path, body, { 'Content-Type': type })
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome'])
  })
})

const entry = (method: string, url: string, resource?: Resource, fullUrl?: string) => ({
  request: { method, url },
  ...(resource && { resource }),
  ...(fullUrl !== undefined && { fullUrl }),
})
const statuses = (bundle: Bundle) => bundle.entry?.map(({ response }) => response?.status)

describe('bundles', () => {
  test('a batch answers each entry for itself', async () => {
    const api = await run()
    const { body } = await api.call('POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        entry('GET', 'Patient/p1'),
        entry('GET', 'Patient/p9'),
        entry('GET', 'Observation?patient=p3'),
        entry('POST', 'Observation', observation('x', 'p3', '2026-03-02')),
      ],
    })
    expect([body.type, statuses(body)]).toEqual(['batch-response', ['200', '404', '200', '201']])
    expect(idsOf(body.entry?.[2]?.resource as Bundle)).toEqual(['b3'])
  })

  test('a transaction resolves the names its entries give each other, whatever their order', async () => {
    const api = await run()
    const { body } = await api.call('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry('POST', 'Observation', {
          ...observation('x', 'p0', '2026-03-02'),
          subject: { reference: 'urn:uuid:1' },
        }),
        entry('POST', 'Patient', patient('x', 'Neuf', '2020-01-01', 'o1'), 'urn:uuid:1'),
      ],
    })
    expect(statuses(body)).toEqual(['201', '201'])
    expect(idsOf((await api.call('GET', 'Observation?patient=n1')).body)).toEqual(['n1'])
  })

  test('a transaction that fails leaves nothing behind', async () => {
    const api = await run()
    const answer = await api.call('POST', '', {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry('DELETE', 'Patient/p1'),
        entry('POST', 'Observation', observation('x', 'p3', '2026-03-02')),
        entry('GET', 'Patient/p9'),
      ],
    })
    expect(answer.status).toBe(404)
    expect((await api.call('GET', 'Patient/p1')).status).toBe(200)
    expect(idsOf((await api.call('GET', 'Observation?patient=p3')).body)).toEqual(['b3'])
  })
})

describe('the gateway’s assertion', () => {
  const audience = 'http://records.example'
  const issuer = 'https://id.example'

  async function trusted() {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] })
    const api = await run({
      verifyAssertion: assertionVerifier({ issuer, audience, keys }),
      remember: true,
    })
    const sign = (claims: JWTPayload, typ = 'garde-assertion+jwt') => {
      const at = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: issuer, aud: audience, iat: at, exp: at + 60, sub: 'prt_zoe', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ })
        .sign(privateKey)
    }
    return { api, sign }
  }

  test('lets a call in and is remembered', async () => {
    const { api, sign } = await trusted()
    const bound = await sign({ htm: 'GET', htu: `${audience}/Patient/p1` })
    const answer = await api.call('GET', 'Patient/p1', undefined, { 'Garde-Assertion': bound })
    expect(answer.status).toBe(200)
    expect(api.received).toMatchObject([
      { method: 'GET', url: '/Patient/p1', assertion: { sub: 'prt_zoe', aud: audience } },
    ])
  })

  test.each<[string, JWTPayload, string?]>([
    ['another audience', { aud: 'http://other.example' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['an expired one', { iat: 1000, exp: 1060 }],
    ['one made for longer than a minute ago', { iat: 1000 }],
    ['another kind of token', {}, 'at+jwt'],
    ['one bound to another method', { htm: 'POST' }],
    ['one bound to another path', { htu: `${audience}/Patient/p2` }],
  ])('is refused with %s', async (_name, claims, typ) => {
    const { api, sign } = await trusted()
    const answer = await api.call('GET', 'Patient/p1', undefined, {
      'Garde-Assertion': await sign(claims, typ),
    })
    expect([answer.status, answer.body.resourceType]).toEqual([401, 'OperationOutcome'])
  })

  test('is missed with a sentence that says what to do', async () => {
    const { api } = await trusted()
    const answer = await api.call('GET', 'Patient/p1')
    expect(answer.status).toBe(401)
    expect(JSON.stringify(answer.body)).toContain('calls come through Garde')
  })
})

describe(
  hasSynthea() ? 'real-shaped records' : `real-shaped records: SKIPPED, ${syntheaFolder} is absent`,
  () => {
    test.runIf(hasSynthea())('load, each patient under one of three practices', async () => {
      const api = await run()
      for (const bundle of readSynthea(['o1', 'o2', 'o3'])) api.load(bundle)
      const count = async (query: string) => (await api.call('GET', query)).body.total
      expect(await count('Patient?organization=o3')).toBe(9)
      expect(await count('Patient')).toBe(28 + 3)
      expect(await count('Observation?_count=0')).toBe(1345 + 3)
      expect(await count('Observation?patient.organization=o3')).toBeGreaterThan(100)
      expect(JSON.stringify(api.store.all('Observation'))).not.toContain('"reference":"urn:uuid:')
    })
  },
)
