/** Scripts at the admin API: they set up, read and tighten; what loosens waits for a person. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PractitionerId } from '../../src/core/ids.ts'
import { minutes } from '../../src/core/time.ts'
import { auditQueue, passkeys } from '../../src/db/schema.ts'
import { decideApproval } from '../../src/operators/approval-store.ts'
import { requireFreshOperator } from '../../src/operators/fresh-passkey.ts'
import { endSession } from '../../src/people/session.ts'
import { adminWorld, cookieProof, type AdminWorld } from '../support/admin.ts'
import { enrolOperator, signIn, signInAs } from '../support/operators.ts'

let world: AdminWorld
beforeAll(async () => {
  world = await adminWorld()
})
afterAll(() => world.services.close())

let made = 0
const practiceFields = () => ({ name: 'Cabinet des Lilas', recordsName: `lilas-${++made}` })
const personFields = () => ({ givenName: 'Ada', familyName: 'Lovelace', email: `ada${++made}@lilas.example` })

async function clinician(): Promise<{ practice: string; practitioner: PractitionerId }> {
  const practice = (await world.call('createPractice', { body: practiceFields() })).body['id'] as string
  const person = await world.call('createPractitioner', { body: personFields() })
  const practitioner = person.body['id'] as PractitionerId
  await world.call('addMembership', { at: { practitioner }, body: { practice, role: 'clinician' } })
  return { practice, practitioner }
}

const readOnly = (practitioner: string) => ({
  selector: { practitioner },
  effect: { kind: 'read-only' },
  reason: 'unusual activity',
})

describe('with a token', () => {
  test('a practice, a practitioner and a membership are set up, and an invitation is a one-time link', async () => {
    const { practitioner, practice } = await clinician()
    const memberships = await world.call('listMemberships', { query: `?practitioner=${practitioner}` })
    expect(memberships.body).toMatchObject({ items: [{ practice, role: 'clinician' }] })
    const invitation = await world.call('invitePractitioner', { at: { practitioner }, body: {} })
    expect(invitation).toMatchObject({
      status: 201,
      body: {
        url: expect.stringMatching(/\/signin\/enrol#/) as string,
        expiresAt: world.services.clock.now() + 86_400,
      },
    })
  })

  test('each act names the operator and that it was a token', async () => {
    await world.call('createPractice', { body: practiceFields() })
    const events = (await world.services.db.select().from(auditQueue)).map(({ event }) => event)
    expect(events.findLast(({ kind }) => kind === 'practice.saved')).toMatchObject({
      actor: { kind: 'operator', id: world.operator, via: 'token' },
      network: '192.0.2.0/24',
    })
  })

  test('a restriction holds when it is answered, and says where', async () => {
    const { practitioner } = await clinician()
    const { status, body } = await world.call('restrict', { body: readOnly(practitioner) })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      durable: true,
      appliedOn: [{ point: world.services.config.issuer }],
      pending: [],
      restriction: { author: { kind: 'operator', id: world.operator } },
    })
    const facts = { practitioner, safe: false }
    expect(world.services.restrictions.decide(facts, world.services.clock.now())).toMatchObject({
      reason: 'read_only',
    })
  })

  test('a lift is only asked for, and an operator’s fresh passkey does it', async () => {
    const { practitioner } = await clinician()
    const { restriction } = (await world.call('restrict', { body: readOnly(practitioner) })).body as {
      restriction: { id: string }
    }
    const asked = await world.call('lift', {
      at: { restriction: restriction.id },
      body: { reason: 'false alarm' },
    })
    expect(asked).toMatchObject({ status: 202, body: { state: 'open' } })
    const approval = asked.body['id'] as string
    expect(asked.body['url']).toBe(`${world.services.config.issuer}/console/approvals/${approval}`)
    const state = async () =>
      (await world.call('readRestriction', { at: { restriction: restriction.id } })).body['state']
    expect(await state()).toBe('active')
    const { session } = await signIn(world.services, world.operator)
    const now = world.services.clock.now()
    const head = { at: now, actor: session.holder }
    await decideApproval(world.services, approval as never, requireFreshOperator(session, now), head)
    expect(await state()).toBe('lifted')
    expect((await world.call('readApproval', { at: { approval } })).body).toMatchObject({
      state: 'decided',
      outcome: 'approved',
    })
  })

  test('a thief makes no operator, gives nobody a second way in, and moves no client or resource', async () => {
    const waits = (kind: string) => ({ status: 202, body: { state: 'open', act: { kind } } })
    const body = { name: 'Mallory', email: 'mallory@lilas.example' }
    expect(await world.call('createOperator', { body })).toMatchObject(waits('create-operator'))
    expect(await world.call('inviteOperator', { at: { operator: world.operator }, body: {} })).toMatchObject(
      waits('invite'),
    )
    const { practitioner, practice } = await clinician()
    await world.services.db.insert(passkeys).values({
      id: `crd_${practitioner.slice(4)}` as never,
      credential: practitioner,
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
    expect(await world.call('invitePractitioner', { at: { practitioner }, body: {} })).toMatchObject(
      waits('invite'),
    )
    const renamed = { at: { practitioner }, body: { email: 'mallory@lilas.example' } }
    expect(await world.call('changePractitioner', renamed)).toMatchObject(waits('change-practitioner'))
    const language = { at: { practitioner }, body: { language: 'en' } }
    expect(await world.call('changePractitioner', language)).toMatchObject({ status: 200 })
    const client = {
      id: `records-${++made}`,
      name: 'Records',
      profile: 'smart-public',
      redirectUris: ['https://records.example/cb'],
      scopes: ['openid'],
    }
    expect(await world.call('saveClient', { body: client })).toMatchObject({ status: 201 })
    const moved = { ...client, redirectUris: ['https://mallory.example/cb'] }
    expect(await world.call('saveClient', { body: moved })).toMatchObject(waits('save-client'))
    const trusted = { ...client, id: 'trusted', firstParty: true }
    expect(await world.call('saveClient', { body: trusted })).toMatchObject(waits('save-client'))
    expect(await world.call('saveClient', { body: client })).toMatchObject({ status: 201 })
    const resource = resourceFields('moved')
    expect(await world.call('saveResource', { body: resource })).toMatchObject({ status: 201 })
    const elsewhere = { ...resource, upstream: 'https://mallory.example' }
    expect(await world.call('saveResource', { body: elsewhere })).toMatchObject(waits('save-resource'))
    const secondDoor = resourceFields('second')
    expect(await world.call('saveResource', { body: secondDoor })).toMatchObject(waits('save-resource'))
    const items = (await world.call('listClients')).body['items'] as { id: string }[]
    expect(items.map(({ id }) => id)).not.toContain('trusted')
    await world.call('changePractice', { at: { practice }, body: { secretSignIn: false } })
    expect(
      await world.call('changePractice', { at: { practice }, body: { secretSignIn: true } }),
    ).toMatchObject(waits('change-practice'))
  })
})

const resourceFields = (name: string) => ({
  kind: 'fhir',
  name: `${name}-${++made}`,
  audience: `https://records.example/${name}-${made}`,
  base: `/${name}-${made}`,
  upstream: 'https://upstream.example',
})

describe('with the console’s session', () => {
  test('a fresh passkey lifts at once', async () => {
    const { practitioner } = await clinician()
    const { restriction } = (await world.call('restrict', { body: readOnly(practitioner) })).body as {
      restriction: { id: string }
    }
    const as = await world.freshSession()
    const lifted = await world.call('lift', {
      as,
      at: { restriction: restriction.id },
      body: { reason: 'false alarm' },
    })
    expect(lifted).toMatchObject({
      status: 200,
      body: { lift: { author: { id: world.operator } }, pending: [] },
    })
  })

  test('one that is no longer fresh has to ask', async () => {
    const { practitioner } = await clinician()
    const { restriction } = (await world.call('restrict', { body: readOnly(practitioner) })).body as {
      restriction: { id: string }
    }
    const as = await world.freshSession()
    world.services.clock.advance(minutes(5))
    const asked = await world.call('lift', {
      as,
      at: { restriction: restriction.id },
      body: { reason: 'false alarm' },
    })
    expect(asked.status).toBe(202)
    const body = { name: 'Second', email: 'second@lilas.example' }
    expect(await world.call('createOperator', { as, body })).toMatchObject({ status: 202 })
  })

  test('a cookie beside a token adds nothing to the token', async () => {
    const as = { ...(await world.freshSession()), ...world.token }
    const body = { name: 'Third', email: 'third@lilas.example' }
    expect(await world.call('createOperator', { as, body })).toMatchObject({ status: 202 })
  })

  test('operators are made, invited and disabled', async () => {
    const as = await world.freshSession()
    const fields = { name: 'Grace', email: 'grace@lilas.example' }
    const operator = (await world.call('createOperator', { as, body: fields })).body['id'] as string
    expect(await world.call('inviteOperator', { as, at: { operator }, body: {} })).toMatchObject({
      status: 201,
    })
    expect(await world.call('disableOperator', { as, at: { operator } })).toMatchObject({ status: 200 })
    expect((await world.call('listOperators')).body['items']).toContainEqual(
      expect.objectContaining({ id: operator, disabledAt: world.services.clock.now() }),
    )
  })
})

describe('reading', () => {
  test('who is signed in, without what opens a session', async () => {
    const { session, cookie } = await signIn(world.services, world.operator)
    const { body } = await world.call('listSessions')
    expect(body['items']).toContainEqual(expect.objectContaining({ id: session.id, network: '192.0.2.0/24' }))
    expect(JSON.stringify(body)).not.toContain(cookie)
    await endSession(world.services, session, 'signed-out', { at: 0, actor: session.holder })
  })

  test('an ended session is over, and stays so', async () => {
    const other = await enrolOperator(world.services)
    const { session, cookie } = await signIn(world.services, other)
    const ended = await world.call('endSession', {
      at: { session: session.id },
      body: { reason: 'left open' },
    })
    expect(ended).toMatchObject({ status: 200, body: { pending: [], restriction: { endsSessions: true } } })
    expect(await world.call('listSessions', { as: cookieProof(cookie) })).toMatchObject({
      reason: 'session_required',
    })
  })

  test('pages follow each other and meet at the end', async () => {
    for (let n = 0; n < 3; n++) await world.call('createPractice', { body: practiceFields() })
    const all = (await world.call('listPractices')).body['items'] as { id: string }[]
    const seen: { id: string }[] = []
    let query = '?limit=2'
    for (;;) {
      const { body } = await world.call('listPractices', { query })
      seen.push(...(body['items'] as { id: string }[]))
      if (body['next'] === undefined) break
      query = `?limit=2&after=${body['next'] as string}`
    }
    expect(seen).toEqual(all)
  })

  test('restrictions page by sequence, and a cut is weighed before it is made', async () => {
    const { practitioner } = await clinician()
    for (let n = 0; n < 3; n++) await world.call('restrict', { body: readOnly(practitioner) })
    const first = (await world.call('listRestrictions', { query: '?limit=2&state=all' })).body
    const second = (
      await world.call('listRestrictions', { query: `?limit=2&state=all&before=${first['next'] as string}` })
    ).body
    const sequences = [first, second]
      .flatMap(({ items }) => items as { restriction: { sequence: number } }[])
      .map(({ restriction }) => restriction.sequence)
    expect(sequences).toEqual(sequences.toSorted((a, b) => b - a))
    expect(new Set(sequences).size).toBe(4)
    const weighed = await world.call('weighRestriction', { body: { selector: { practitioner } } })
    expect(weighed.body).toEqual({ people: 0, sessions: 0 })
  })

  test('the log and its patients are asked within bounds', async () => {
    expect((await world.call('listEvents', { query: '?limit=5' })).status).toBe(200)
    const { practitioner } = await clinician()
    const asked = await world.call('listPatientsServed', { query: `?practitioner=${practitioner}` })
    expect(asked).toMatchObject({ status: 200, body: { items: [] } })
    const events = (await world.services.db.select().from(auditQueue)).map(({ event }) => event)
    expect(events.at(-1)).toMatchObject({ kind: 'patients.queried', actor: { id: world.operator } })
    expect(await world.call('listPatientsServed')).toMatchObject({ reason: 'malformed_request' })
    expect((await world.call('listFindings')).body).toEqual({ items: [] })
  })

  test('an operator learns which field is wrong, a stranger does not', async () => {
    const body = { ...personFields(), rpps: '10000000000' }
    expect((await world.call('createPractitioner', { body })).body).toMatchObject({
      faults: ['rpps: the check digit is wrong'],
    })
    const stranger = await world.call('createPractitioner', { as: {}, body })
    expect(stranger.body).not.toHaveProperty('faults')
  })
})

test('a clinician signed in is no operator', async () => {
  const { practitioner } = await clinician()
  const { cookie } = await signInAs(world.services, { kind: 'practitioner', id: practitioner })
  expect(await world.call('listRestrictions', { as: cookieProof(cookie) })).toMatchObject({
    status: 403,
    reason: 'operator_required',
  })
})

describe('clients', () => {
  const register = async (id: string, options: Record<string, unknown> = {}) =>
    world.call('saveClient', {
      body: {
        id,
        name: 'Dossier',
        profile: 'web-confidential',
        redirectUris: ['https://app.example/oauth2/callback'],
        scopes: ['openid'],
        resources: ['https://records.example/fhir'],
        options,
      },
    })

  test('one is shown with its options and how it proves itself, never with its secret', async () => {
    await register('shown', { pushedRequestsOnly: true, defaultMaxAge: 600 })
    const { body } = await world.call('readClient', { at: { client: 'shown' } })
    expect(body).toMatchObject({
      id: 'shown',
      authentication: ['client_secret_basic', 'client_secret_post'],
      options: { pushedRequestsOnly: true, defaultMaxAge: 600 },
    })
    expect(body).not.toHaveProperty('secretHash')
  })

  test('each program has its configuration, or the reason why not', async () => {
    await register('configured')
    const { body } = await world.call('listConfigurations', { at: { client: 'configured' } })
    const items = body['items'] as { name: string; text?: string; why?: string }[]
    expect(items.map(({ name }) => name)).toContain('oauth2-proxy')
    // Nothing is served here yet: no program could be given a token.
    expect(items.every(({ text, why }) => text === undefined && why?.includes('aucune API protégée'))).toBe(
      true,
    )
  })
})
