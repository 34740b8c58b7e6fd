import { asc } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { restrictionServices } from '../../test/support/restrictions.ts'
import type { TestServices } from '../../test/support/services.ts'
import type { OperatorId, PractitionerId, SessionId } from '../core/ids.ts'
import { auditQueue, operators, passkeys, practitioners } from '../db/schema.ts'
import type { Facts } from './facts.ts'
import type { Author } from './restriction.ts'
import { journalSince, lift, restrict } from './store.ts'

let services: TestServices
const operator = { kind: 'operator', id: 'opr_first' as OperatorId } as const
const clinician = 'prt_clinician' as PractitionerId

beforeEach(async () => {
  services = await restrictionServices()
  await services.db
    .insert(practitioners)
    .values({ id: clinician, givenName: 'Ada', familyName: 'Lef', email: 'ada@example', createdAt: 0 })
})
afterEach(() => services.close())

const deny = (more: object = {}) => ({
  selector: { practitioner: clinician },
  effect: { kind: 'deny' } as const,
  endsSessions: false,
  reason: 'badge stolen',
  ...more,
})
const reader = (sessionSequence: number): Facts => ({
  practitioner: clinician,
  session: 'ses_aa' as SessionId,
  sessionSequence,
  authTime: 0,
  safe: true,
})
const decide = (facts: Facts) => services.restrictions.decide(facts, services.clock.now())
const events = async () => {
  const rows = await services.db.select().from(auditQueue).orderBy(asc(auditQueue.id))
  return rows.map(({ event }) => event).filter(({ kind }) => kind.startsWith('restriction.'))
}

const enrol = async (id: string, more: object = {}) => {
  await services.db
    .insert(operators)
    .values({ id: id as OperatorId, name: id, email: `${id}@example`, createdAt: 0, ...more })
  await services.db.insert(passkeys).values({
    id: `crd_${id}` as never,
    credential: id,
    holderKind: 'operator',
    holder: id,
    thumbprint: 't',
    publicKey: new Uint8Array(1),
    counter: 0,
    aaguid: 'a',
    transports: [],
    label: 'l',
    createdAt: 0,
    backupEligible: false,
    backedUp: false,
  })
}

describe('restrict', () => {
  test('is applied here when it answers, and says so', async () => {
    const { restriction, ...answer } = await restrict(services, operator, deny())
    expect(restriction).toMatchObject({ sequence: 1, author: operator, createdAt: services.clock.now() })
    expect(answer).toEqual({
      durable: true,
      appliedOn: [{ point: services.config.issuer, at: services.clock.now() }],
      pending: [],
    })
    expect(decide(reader(0))).toMatchObject({ allow: false, reason: 'restricted', by: restriction.id })
  })

  test('leaves its audit event, whose actor is the author', async () => {
    const { restriction } = await restrict(services, operator, deny(), { network: '192.0.2.0/24' })
    expect(await events()).toEqual([
      expect.objectContaining({
        kind: 'restriction.made',
        actor: operator,
        network: '192.0.2.0/24',
        restriction: restriction.id,
        sequence: 1,
        reason: 'badge stolen',
      }),
    ])
  })

  test('says durable but pending when this process cannot read the journal', async () => {
    const restrictions = { ...services.restrictions, catchUp: () => Promise.reject(new Error('no answer')) }
    const answer = await restrict({ ...services, restrictions }, operator, deny())
    expect(answer).toMatchObject({ durable: true, appliedOn: [], pending: [services.config.issuer] })
  })

  test('many at once get sequences without gaps, in order', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => restrict(services, operator, deny())))
    const sequences = made.map(({ restriction }) => restriction.sequence).toSorted((a, b) => a - b)
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await journalSince(services.db, 0)).toHaveLength(8)
  })

  test.each([
    ['nothing', { selector: {} }],
    ['a stranger', { selector: { practitioner: 'prt_nobody' } }],
    ['everything and somebody', { selector: { everything: true, practitioner: clinician } }],
    ['until the past', { expiresAt: 1 }],
    ['without a reason', { reason: ' ' }],
    ['to a fraction of a patient', { effect: { kind: 'quota', patients: 0.5 } }],
  ])('refuses to restrict %s, and writes nothing', async (_, more) => {
    await expect(restrict(services, operator, deny(more))).rejects.toMatchObject({
      reason: 'restriction_invalid',
    })
    expect(await journalSince(services.db, 0)).toEqual([])
    expect(await events()).toEqual([])
  })
})

describe('the last commander', () => {
  const cut = (id: string, more: object = {}) =>
    restrict(services, operator, deny({ selector: { operator: id }, ...more }))

  test('cannot be restricted', async () => {
    await enrol('opr_first')
    await enrol('opr_gone', { disabledAt: 1 })
    await expect(cut('opr_first')).rejects.toMatchObject({ reason: 'last_commander' })
  })

  test('two who cut each other leave one', async () => {
    await enrol('opr_first')
    await enrol('opr_second')
    const acts = await Promise.allSettled([cut('opr_first'), cut('opr_second')])
    expect(acts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('counts again once the other’s restriction expired', async () => {
    await enrol('opr_first')
    await enrol('opr_second')
    await cut('opr_second', { expiresAt: services.clock.now() + 60 })
    await expect(cut('opr_first')).rejects.toMatchObject({ reason: 'last_commander' })
    services.clock.advance(60)
    await cut('opr_first')
  })
})

test('an operator who was cut neither lifts his own restriction nor cuts back', async () => {
  await services.db
    .insert(operators)
    .values({ id: operator.id, name: 'Mallory', email: 'm@garde.example', createdAt: 0 })
  await enrol('opr_second')
  const rule: Author = { kind: 'rule', rule: 'test' }
  const effect = { kind: 'read-only' } as const
  const act = { selector: { operator: operator.id }, effect, endsSessions: false, reason: 'laptop stolen' }
  const { restriction } = await restrict(services, rule, act)
  const own = { restriction: restriction.id, reason: 'all is well' }
  await expect(lift(services, operator, own)).rejects.toMatchObject({ reason: 'read_only' })
  await expect(restrict(services, operator, deny())).rejects.toMatchObject({ reason: 'read_only' })
})

describe('lift', () => {
  test('ends the effect at once', async () => {
    const { restriction } = await restrict(services, operator, deny())
    const { lift: lifted, pending } = await lift(services, operator, {
      restriction: restriction.id,
      reason: 'badge found',
    })
    expect(lifted.sequence).toBe(2)
    expect(pending).toEqual([])
    expect(decide(reader(0))).toMatchObject({ allow: true })
    expect((await events()).at(-1)).toMatchObject({ kind: 'restriction.lifted', reason: 'badge found' })
  })

  test('never revives a session that was ended', async () => {
    const { restriction } = await restrict(services, operator, deny({ endsSessions: true }))
    await lift(services, operator, { restriction: restriction.id, reason: 'badge found' })
    expect(decide(reader(0))).toMatchObject({ allow: false, reason: 'session_ended' })
    expect(decide(reader(1))).toMatchObject({ allow: true })
  })

  test('happens once', async () => {
    const { restriction } = await restrict(services, operator, deny())
    const acts = await Promise.allSettled(
      [1, 2].map(() => lift(services, operator, { restriction: restriction.id, reason: 'twice' })),
    )
    expect(acts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await journalSince(services.db, 0)).toHaveLength(2)
  })

  test('refuses what is unknown or expired', async () => {
    const unknown = { restriction: 'rst_unknown' as never, reason: 'r' }
    await expect(lift(services, operator, unknown)).rejects.toMatchObject({
      reason: 'restriction_not_active',
    })
    const expiresAt = services.clock.now() + 10
    const { restriction } = await restrict(services, operator, deny({ expiresAt }))
    services.clock.advance(10)
    await expect(
      lift(services, operator, { restriction: restriction.id, reason: 'r' }),
    ).rejects.toMatchObject({
      reason: 'restriction_not_active',
    })
  })
})
