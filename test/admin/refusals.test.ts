/** Every refusal that the document of the admin API names is provoked here, on every operation it is named for. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminTable } from '../../src/admin/table.ts'
import { reasonsOf } from '../../src/admin/route.ts'
import { saveClient } from '../../src/clients/store.ts'
import { parseClient } from '../../src/clients/client.ts'
import { mintId, type IdKind, type PractitionerId } from '../../src/core/ids.ts'
import type { Reason } from '../../src/core/refusal.ts'
import { passkeys } from '../../src/db/schema.ts'
import { openPerOperator } from '../../src/operators/approval-store.ts'
import { restrict } from '../../src/restrictions/store.ts'
import type { Effect } from '../../src/restrictions/restriction.ts'
import { adminWorld, cookieProof, type AdminWorld, type Asked, type Proof } from '../support/admin.ts'
import { enrolOperator, signInAs } from '../support/operators.ts'

let world: AdminWorld
let throttled = false
let fresh: Proof
let practice: string
let practitioner: PractitionerId

beforeAll(async () => {
  const throttle = {
    take: async () =>
      throttled ? { allowed: false as const, retryAfterSeconds: 30 } : { allowed: true as const },
  }
  world = await adminWorld({ throttle })
  await enrolOperator(world.services)
  fresh = await world.freshSession()
  practice = (await world.call('createPractice', { body: samples['createPractice'] })).body['id'] as string
  const person = await world.call('createPractitioner', { body: samples['createPractitioner'] })
  practitioner = person.body['id'] as PractitionerId
})
afterAll(() => world.services.close())

const nobody = 'prt_nobody0000'
const resource = {
  kind: 'fhir',
  name: 'records',
  audience: 'https://records.example/fhir',
  base: '/records',
  upstream: 'https://upstream.example',
}
const client = {
  id: 'records-app',
  name: 'Records',
  profile: 'smart-public',
  redirectUris: ['https://records.example/cb'],
  scopes: ['openid'],
}

/** A body that passes the shape. */
const samples: Record<string, unknown> = {
  weighRestriction: { selector: { everything: true } },
  checkAddress: { address: 'https://records.example/cb' },
  restrict: { selector: { practitioner: nobody }, effect: { kind: 'deny' }, reason: 'badge stolen' },
  lift: { reason: 'false alarm' },
  endSession: { reason: 'left open' },
  createPractice: { name: 'Cabinet', recordsName: 'cab' },
  changePractice: { name: 'Cabinet' },
  createPractitioner: { givenName: 'Ada', familyName: 'Lovelace', email: 'ada@lilas.example' },
  changePractitioner: { givenName: 'Ada' },
  addMembership: { practice: 'prc_nobody', role: 'clinician' },
  invitePractitioner: {},
  endMembership: {},
  createOperator: { name: 'Grace', email: 'grace@lilas.example' },
  inviteOperator: {},
  saveClient: client,
  mintRegistrationToken: { profiles: ['smart-public'], scopes: ['openid'] },
  saveResource: resource,
}

const strangersIds = (path: string): Record<string, string> =>
  Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, kind]) => [kind, mintId(kind as IdKind)]))

/** A call that would pass but for what the test adds. */
const sound = ({ operation, path, query }: (typeof adminTable)[number]): Asked => ({
  as: fresh,
  at: strangersIds(path),
  ...(operation in samples && { body: samples[operation] }),
  ...(query && operation === 'listPatientsServed' && { query: `?practitioner=${nobody}` }),
})

async function restrictedOperator(effect: Effect, endsSessions = false): Promise<Proof> {
  const operator = await enrolOperator(world.services)
  const token = await world.tokenOf(operator)
  world.services.clock.advance(1)
  const author = { kind: 'rule', rule: 'test' } as const
  await restrict(world.services, author, {
    selector: { operator },
    effect,
    endsSessions,
    reason: 'test',
  })
  return token
}

const rows = adminTable.map((row) => ({ ...row, row }))
const writes = rows.filter(({ needs }) => needs !== 'read')

test.each(rows)(
  '$operation: nobody, a false token, a person who is no operator',
  async ({ operation, row }) => {
    const asked = sound(row)
    expect(await world.call(operation, { ...asked, as: {} })).toMatchObject({
      status: 401,
      reason: 'session_required',
    })
    const token = { authorization: `Bearer ${'a'.repeat(43)}` }
    expect(await world.call(operation, { ...asked, as: token })).toMatchObject({
      status: 401,
      reason: 'admin_token_invalid',
    })
    throttled = true
    expect(await world.call(operation, { ...asked, as: token })).toMatchObject({
      status: 429,
      reason: 'slowed',
    })
    throttled = false
  },
)

test('on every operation: a clinician', async () => {
  const { cookie } = await signInAs(world.services, { kind: 'practitioner', id: practitioner })
  for (const { operation, row } of rows)
    expect(await world.call(operation, { ...sound(row), as: cookieProof(cookie) })).toMatchObject({
      status: 403,
      reason: 'operator_required',
    })
})

test('on every operation: an operator who is denied', async () => {
  const as = await restrictedOperator({ kind: 'deny' })
  for (const { operation, row } of rows)
    expect(await world.call(operation, { ...sound(row), as })).toMatchObject({
      status: 423,
      reason: 'restricted',
    })
})

test('on every write: another site, and an operator who may only read', async () => {
  const as = await restrictedOperator({ kind: 'read-only' })
  for (const { operation, row } of writes) {
    expect(await world.call(operation, { ...sound(row), as })).toMatchObject({
      status: 423,
      reason: 'read_only',
    })
    const elsewhere = { ...sound(row), as: { ...fresh, 'sec-fetch-site': 'cross-site' } }
    expect(await world.call(operation, elsewhere)).toMatchObject({ status: 403, reason: 'cross_site' })
  }
})

test.each(rows.filter(({ body }) => body))('$operation: a body that is wrong', async ({ operation, row }) => {
  const asked = sound(row)
  expect(await world.call(operation, { ...asked, raw: '{' })).toMatchObject({
    status: 400,
    reason: 'malformed_request',
  })
  expect(await world.call(operation, { ...asked, raw: '[]' })).toMatchObject({ reason: 'malformed_request' })
  expect(await world.call(operation, { ...asked, type: 'text/plain' })).toMatchObject({
    status: 415,
    reason: 'unsupported_media_type',
  })
  const large = JSON.stringify({ reason: 'x'.repeat(70_000) })
  expect(await world.call(operation, { ...asked, raw: large })).toMatchObject({
    status: 413,
    reason: 'too_large',
  })
})

test.each(rows.filter(({ query }) => query))(
  '$operation: parameters that are wrong',
  async ({ operation, row }) => {
    const asked = sound(row)
    expect(await world.call(operation, { ...asked, query: '?limit=0' })).toMatchObject({
      reason: 'malformed_request',
    })
    expect(await world.call(operation, { ...asked, query: '?limit=501' })).toMatchObject({
      reason: 'malformed_request',
    })
    expect(await world.call(operation, { ...asked, query: '?colour=red' })).toMatchObject({
      reason: 'malformed_request',
    })
    expect(await world.call(operation, { ...asked, query: '?limit=1&limit=2' })).toMatchObject({
      reason: 'repeated_parameter',
    })
  },
)

const unknown: Record<string, Reason> = {
  lift: 'restriction_not_active',
  disableClient: 'client_unknown',
  readClient: 'client_unknown',
  listConfigurations: 'client_unknown',
}

test.each(rows.filter(({ path }) => path.includes('{')))(
  '$operation: an id of nothing, and no id',
  async ({ operation, row }) => {
    expect(await world.call(operation, sound(row))).toMatchObject({
      reason: unknown[operation] ?? 'not_found',
    })
    const at = Object.fromEntries(Object.keys(strangersIds(row.path)).map((kind) => [kind, '!']))
    expect(await world.call(operation, { ...sound(row), at })).toMatchObject({
      status: 400,
      reason: 'malformed_id',
    })
  },
)

test('on every operation: a token of an operator who must prove themselves, and one that was ended', async () => {
  const proof = await restrictedOperator({ kind: 'step-up' })
  const ended = await restrictedOperator({ kind: 'step-up' }, true)
  for (const { operation, row } of rows) {
    expect(await world.call(operation, { ...sound(row), as: proof })).toMatchObject({
      status: 401,
      reason: 'step_up_required',
    })
    expect(await world.call(operation, { ...sound(row), as: ended })).toMatchObject({
      status: 401,
      reason: 'session_ended',
    })
  }
})

test('what is there already, or is somebody else’s', async () => {
  const other = { ...(samples['createPractitioner'] as object), email: 'ben@lilas.example' }
  await world.call('createPractitioner', { body: other })
  const taken = { status: 409, reason: 'conflict' }
  expect(await world.call('createPractice', { body: samples['createPractice'] })).toMatchObject(taken)
  expect(await world.call('createPractitioner', { body: samples['createPractitioner'] })).toMatchObject(taken)
  const change = { at: { practitioner }, body: { email: 'ben@lilas.example' } }
  expect(await world.call('changePractitioner', change)).toMatchObject(taken)
  const made = { as: fresh, body: samples['createOperator'] }
  expect(await world.call('createOperator', made)).toMatchObject({ status: 201 })
  expect(await world.call('createOperator', made)).toMatchObject(taken)
  expect(await world.call('saveResource', { body: resource })).toMatchObject({ status: 201 })
  const again = { as: fresh, body: { ...resource, name: 'again' } }
  expect(await world.call('saveResource', again)).toMatchObject(taken)
  const inside = { ...resource, name: 'inside', base: '/records/notes', audience: 'https://inside.example' }
  expect(await world.call('saveResource', { as: fresh, body: inside })).toMatchObject(taken)
})

test('a client that several scripts register at once is registered once', async () => {
  const raced = (n: number) => ({
    ...client,
    id: 'raced',
    redirectUris: [`https://app${n}.example/callback`],
  })
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => world.call('saveClient', { body: raced(n) })),
  )
  const count = (status: number) => answers.filter((answer) => answer.status === status).length
  // Whoever was weighed after the first was saved would widen it, and waits for a person.
  expect(count(201)).toBe(1)
  expect(count(201) + count(409) + count(202)).toBe(10)
  expect(answers.filter(({ status }) => status === 409)).not.toEqual([])
})

/** Calls that loosen, by operation: each waits for a person, until too many wait. */
const loosening = (restriction: string): Record<string, Asked> => ({
  lift: { at: { restriction }, body: { reason: 'over' } },
  createOperator: { body: { name: 'Mallory', email: 'mallory@lilas.example' } },
  inviteOperator: { at: { operator: world.operator }, body: {} },
  enablePractitioner: { at: { practitioner } },
  invitePractitioner: { at: { practitioner }, body: {} },
  changePractitioner: { at: { practitioner }, body: { rpps: '10000000017' } },
  changePractice: { at: { practice }, body: { secretSignIn: true } },
  addMembership: { at: { practitioner }, body: { practice, role: 'secretary', doctors: 11 } },
  saveClient: { body: { ...client, firstParty: true } },
  saveResource: {
    body: { ...resource, name: 'second', base: '/second', audience: 'https://second.example' },
  },
})

test('what loosens waits for a person, and no more than twenty at once', async () => {
  await saveClient(world.services, { at: 0, actor: { kind: 'stranger' } }, parseClient(client))
  await world.call('changePractice', { at: { practice }, body: { secretSignIn: false } })
  await world.services.db.insert(passkeys).values({
    id: mintId('credential'),
    credential: 'ada',
    holderKind: 'practitioner',
    holder: practitioner,
    publicKey: new Uint8Array(1),
    thumbprint: 't',
    counter: 0,
    aaguid: 'a',
    transports: [],
    backupEligible: false,
    backedUp: false,
    label: 'l',
    createdAt: 0,
  })
  const cut = { selector: { practitioner }, effect: { kind: 'read-only' }, reason: 'test' }
  const { restriction } = (await world.call('restrict', { body: cut })).body as {
    restriction: { id: string }
  }
  const calls = Object.entries(loosening(restriction.id))
  expect(calls.map(([operation]) => operation).toSorted()).toEqual(
    adminTable.flatMap(({ operation, answers }) => (answers[202] ? [operation] : [])).toSorted(),
  )
  for (const [operation, asked] of calls)
    expect(await world.call(operation, asked), operation).toMatchObject({
      status: 202,
      body: { state: 'open' },
    })
  const lift = { at: { restriction: restriction.id }, body: { reason: 'over' } }
  for (let n = calls.length; n < openPerOperator; n++) await world.call('lift', lift)
  for (const [operation, asked] of calls)
    expect(await world.call(operation, asked), operation).toMatchObject({
      status: 429,
      reason: 'too_many_open',
    })
})

test('restrictions of nobody, and of the last who could lift', async () => {
  expect(await world.call('restrict', { body: samples['restrict'] })).toMatchObject({
    status: 400,
    reason: 'restriction_invalid',
  })
  const operators = (await world.call('listOperators')).body['items'] as { id: string }[]
  const others = operators.filter(({ id }) => id !== world.operator)
  const deny = (operator: string) => ({ selector: { operator }, effect: { kind: 'deny' }, reason: 'test' })
  for (const { id } of others) await world.call('restrict', { body: deny(id) })
  expect(await world.call('restrict', { body: deny(world.operator) })).toMatchObject({
    status: 409,
    reason: 'last_commander',
  })
  for (const { id } of others) await world.call('disableOperator', { at: { operator: id } })
  expect(await world.call('disableOperator', { at: { operator: world.operator } })).toMatchObject({
    status: 409,
    reason: 'last_commander',
  })
})

test('so everything that is documented was provoked', () => {
  const documented = adminTable.flatMap((row) => reasonsOf(row).map((reason) => `${row.operation} ${reason}`))
  expect(documented.filter((each) => !world.provoked.has(each))).toEqual([])
})
