import { afterEach, beforeEach, expect, test } from 'vitest'
import { bySecret, enrolOperator, signIn } from '../../test/support/operators.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { EventHead } from '../audit/event.ts'
import type { ApprovalId, OperatorId, RestrictionId } from '../core/ids.ts'
import { hours, minutes } from '../core/time.ts'
import { auditQueue } from '../db/schema.ts'
import { listRestrictions } from '../restrictions/listing-store.ts'
import type { Session } from '../people/session.ts'
import { lift, restrict } from '../restrictions/store.ts'
import { requireFreshOperator } from './fresh-passkey.ts'
import {
  decideApproval,
  declineApproval,
  findApproval,
  listOpenApprovals,
  openPerOperator,
  requestApproval,
  requestLift,
  type Approval,
} from './approval-store.ts'

let services: TestServices
let operator: OperatorId
let restriction: RestrictionId
let approval: Approval

const now = () => services.clock.now()
const head = (): EventHead => ({ at: now(), actor: { kind: 'operator', id: operator, via: 'console' } })
const proof = (session: Session | undefined) => requireFreshOperator(session, now())
const decide = (id: ApprovalId, session: Session) => decideApproval(services, id, proof(session), head())
const author = { kind: 'rule', rule: 'test' } as const

beforeEach(async () => {
  services = await testServices()
  operator = await enrolOperator(services)
  const made = await restrict(services, author, {
    selector: { everything: true },
    effect: { kind: 'read-only' },
    endsSessions: false,
    reason: 'peak of activity',
  })
  restriction = made.restriction.id
  const byToken: EventHead = { at: now(), actor: { kind: 'operator', id: operator, via: 'token' } }
  approval = await requestLift(services, { restriction, reason: 'false alarm' }, byToken)
})
afterEach(() => services.close())

const state = async () => (await listRestrictions(services.db, { now: now(), state: 'all' }))[0]?.state

test('waits: asking lifts nothing', async () => {
  expect(await listOpenApprovals(services.db, now())).toEqual([approval])
  expect(await state()).toBe('active')
})

test('an operator’s fresh passkey lifts, as that operator', async () => {
  const { session } = await signIn(services, operator)
  expect(await decide(approval.id, session)).toMatchObject({
    kind: 'lift',
    made: { lift: { reason: 'false alarm', author: { kind: 'operator', id: operator } }, pending: [] },
  })
  expect(await state()).toBe('lifted')
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({
    state: 'decided',
    outcome: 'approved',
    decidedBy: operator,
  })
  expect(await listOpenApprovals(services.db, now())).toEqual([])
})

test('a passkey used longer than five minutes ago does not', async () => {
  const { session } = await signIn(services, operator)
  services.clock.advance(minutes(5))
  expect(() => proof(session)).toThrow(expect.objectContaining({ reason: 'fresh_passkey_required' }))
  expect(await state()).toBe('active')
})

test('a secret and a code do not', async () => {
  const { session } = await signIn(services, operator, bySecret)
  expect(() => proof(session)).toThrow(expect.objectContaining({ reason: 'fresh_passkey_required' }))
})

test('nobody, and a practitioner, do not', async () => {
  expect(() => proof(undefined)).toThrow(expect.objectContaining({ reason: 'session_required' }))
  const { session } = await signIn(services, operator)
  const clinician = { ...session, holder: { kind: 'practitioner', id: 'prt_ada' } } as typeof session
  expect(() => proof(clinician)).toThrow(expect.objectContaining({ reason: 'operator_required' }))
})

test('two who approve at once: one does', async () => {
  const { session } = await signIn(services, operator)
  const acts = await Promise.allSettled([1, 2].map(() => decide(approval.id, session)))
  const outcomes = acts.map((act) =>
    act.status === 'rejected' ? (act.reason as { reason: string }).reason : 'done',
  )
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
  expect(['conflict', 'restriction_not_active']).toContain(outcomes.find((outcome) => outcome !== 'done'))
  await expect(decide(approval.id, session)).rejects.toMatchObject({ reason: 'conflict' })
})

test('an operator who may not act does not use up what another could approve', async () => {
  const rogue = await enrolOperator(services)
  const { session } = await signIn(services, rogue)
  await restrict(services, author, {
    selector: { operator: rogue },
    effect: { kind: 'read-only' },
    endsSessions: false,
    reason: 'under suspicion',
  })
  await expect(decide(approval.id, session)).rejects.toMatchObject({ reason: 'read_only' })
  await expect(declineApproval(services, approval.id, rogue, head())).rejects.toMatchObject({
    reason: 'read_only',
  })
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({ state: 'open' })
  const { session: other } = await signIn(services, operator)
  expect(await decide(approval.id, other)).toMatchObject({ made: { lift: { restriction } } })
})

test('declined once, without a fresh passkey: the restriction stays, and nobody approves afterwards', async () => {
  const { session } = await signIn(services, operator)
  await declineApproval(services, approval.id, operator, head())
  expect(await listOpenApprovals(services.db, now())).toEqual([])
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({ outcome: 'declined' })
  await expect(decide(approval.id, session)).rejects.toMatchObject({ reason: 'conflict' })
  await expect(declineApproval(services, approval.id, operator, head())).rejects.toMatchObject({
    reason: 'conflict',
  })
  expect(await state()).toBe('active')
  expect((await services.db.select().from(auditQueue)).map(({ event }) => event.kind)).toContain(
    'approval.declined',
  )
})

test('an hour later it has expired', async () => {
  services.clock.advance(hours(1))
  const { session } = await signIn(services, operator)
  await expect(decide(approval.id, session)).rejects.toMatchObject({ reason: 'conflict' })
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({ state: 'expired' })
})

test('an unknown one is not found; one for what is lifted already cannot be asked for', async () => {
  const { session } = await signIn(services, operator)
  await expect(decide('apr_unknown' as ApprovalId, session)).rejects.toMatchObject({
    reason: 'not_found',
  })
  await lift(services, author, { restriction, reason: 'over' })
  const again = requestLift(
    services,
    { restriction, reason: 'again' },
    { at: now(), actor: { kind: 'stranger' } },
  )
  await expect(again).rejects.toMatchObject({ reason: 'restriction_not_active' })
})

test('a token cannot bury what others asked for: twenty wait at once for each operator', async () => {
  const fields = { name: 'Mallory', email: 'mallory@garde.example', language: 'fr' } as const
  const ask = (id: OperatorId) =>
    requestApproval(
      services,
      { kind: 'create-operator', operator: fields },
      { at: now(), actor: { kind: 'operator', id, via: 'token' } },
    )
  await Promise.all(Array.from({ length: openPerOperator - 1 }, () => ask(operator)))
  await expect(ask(operator)).rejects.toMatchObject({ reason: 'too_many_open' })
  const other = await enrolOperator(services)
  expect(await ask(other)).toMatchObject({ state: 'open' })
})

test('what an act refuses leaves its approval open', async () => {
  const { session } = await signIn(services, operator)
  await lift(services, author, { restriction, reason: 'over' })
  await expect(decide(approval.id, session)).rejects.toMatchObject({ reason: 'restriction_not_active' })
  const kept = await findApproval(services.db, approval.id, now())
  expect(kept).toMatchObject({ state: 'open' })
  expect(kept).not.toHaveProperty('outcome')
})
