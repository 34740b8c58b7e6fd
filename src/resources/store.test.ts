import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventHead } from '../audit/event.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { auditQueue } from '../db/schema.ts'
import { openResourceTable, saveResource } from './store.ts'

let services: TestServices
const head: EventHead = { at: 1_800_000_000, actor: { kind: 'system', id: 'test' } }
const records = {
  kind: 'fhir',
  name: 'records',
  audience: 'https://id.example/fhir',
  base: '/fhir',
  upstream: 'http://127.0.0.1:9000',
}

beforeAll(async () => {
  services = await testServices()
  services.resources = await openResourceTable(services.db)
})
afterAll(() => services.close())

test('a saved resource is in force at once and in the log', async () => {
  const before = services.resources.all()
  await saveResource(services, head, records)
  expect(before).toEqual([])
  expect(services.resources.findByAudience('https://id.example/fhir')?.base).toBe('/fhir')
  const events = await services.db.select().from(auditQueue)
  expect(events.map(({ event }) => event)).toContainEqual({
    ...head,
    kind: 'resource.saved',
    resource: 'records',
    upstream: 'http://127.0.0.1:9000',
  })
})

test('another resource cannot take a base or an audience that is in use', async () => {
  await expect(
    saveResource(services, head, { ...records, name: 'other', audience: 'https://id.example/other' }),
  ).rejects.toMatchObject({ reason: 'conflict' })
  await expect(
    saveResource(services, head, { ...records, name: 'other', base: '/other' }),
  ).rejects.toMatchObject({
    reason: 'conflict',
  })
})

test.each([
  ['a base of Garde’s own', { base: '/oauth' }],
  ['an upstream with a query', { upstream: 'http://127.0.0.1/?x=1' }],
  ['a header that says who calls', { headers: ['x-forwarded-user'] }],
  ['a header some servers sign in by', { headers: ['x-remote-user'] }],
  ['a header with an underscore', { headers: ['x_user'] }],
  ['a level of sign-in that nobody can reach', { signIn: { acr: 'garde:passkey-hw' } }],
  ['an unknown field', { isolation: false }],
])('%s is refused', async (_what, change) => {
  await expect(saveResource(services, head, { ...records, name: 'bad', ...change })).rejects.toMatchObject({
    reason: 'malformed_request',
  })
})

test('a route that writes must name its patient in the path', async () => {
  const rest = {
    kind: 'rest',
    name: 'notes',
    audience: 'https://id.example/notes',
    base: '/notes',
    upstream: 'http://127.0.0.1:9001',
    lookup: { path: '/patients/:patient', practice: '/practice' },
    routes: [
      { name: 'add', methods: ['POST'], path: '/notes', patient: { from: 'answer', pointer: '/patient' } },
    ],
  }
  await expect(saveResource(services, head, rest)).rejects.toMatchObject({ reason: 'malformed_request' })
})
