import { afterEach, beforeEach, expect, test } from 'vitest'
import { bySecret, enrolOperator, signIn } from '../../test/support/operators.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { EventHead } from '../audit/event.ts'
import type { ApprovalId, OperatorId, RestrictionId } from '../core/ids.ts'
import { hours, minutes } from '../core/time.ts'
import { auditQueue } from '../db/schema.ts'
import { listRestrictions } from '../restrictions/listing-store.ts'
import { lift, restrict } from '../restrictions/store.ts'
import {
  decideApproval,
  declineApproval,
  findApproval,
  listOpenApprovals,
  requestLift,
  type Approval,
} from './approval-store.ts'

let services: TestServices
let operator: OperatorId
let restriction: RestrictionId
let approval: Approval

const now = () => services.clock.now()
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
  const head: EventHead = { at: now(), actor: { kind: 'operator', id: operator, via: 'token' } }
  approval = await requestLift(services, { restriction, reason: 'false alarm' }, head)
})
afterEach(() => services.close())

const state = async () => (await listRestrictions(services.db, { now: now(), state: 'all' }))[0]?.state

test('waits: asking lifts nothing', async () => {
  expect(await listOpenApprovals(services.db, now())).toEqual([approval])
  expect(await state()).toBe('active')
})

test('an operator’s fresh passkey lifts, as that operator', async () => {
  const { session } = await signIn(services, operator)
  const { lift: lifted, pending } = await decideApproval(services, approval.id, session)
  expect(lifted).toMatchObject({ reason: 'false alarm', author: { kind: 'operator', id: operator } })
  expect(pending).toEqual([])
  expect(await state()).toBe('lifted')
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({
    state: 'decided',
    decidedBy: operator,
  })
  expect(await listOpenApprovals(services.db, now())).toEqual([])
})

test('a passkey used longer than five minutes ago does not', async () => {
  const { session } = await signIn(services, operator)
  services.clock.advance(minutes(5))
  await expect(decideApproval(services, approval.id, session)).rejects.toMatchObject({
    reason: 'fresh_passkey_required',
  })
  expect(await state()).toBe('active')
})

test('a secret and a code do not', async () => {
  const { session } = await signIn(services, operator, bySecret)
  await expect(decideApproval(services, approval.id, session)).rejects.toMatchObject({
    reason: 'fresh_passkey_required',
  })
})

test('nobody, and a practitioner, do not', async () => {
  await expect(decideApproval(services, approval.id, undefined)).rejects.toMatchObject({
    reason: 'session_required',
  })
  const { session } = await signIn(services, operator)
  const clinician = { ...session, holder: { kind: 'practitioner', id: 'prt_ada' } } as typeof session
  await expect(decideApproval(services, approval.id, clinician)).rejects.toMatchObject({
    reason: 'operator_required',
  })
})

test('two who approve at once: one does', async () => {
  const { session } = await signIn(services, operator)
  const acts = await Promise.allSettled([1, 2].map(() => decideApproval(services, approval.id, session)))
  const outcomes = acts.map((act) =>
    act.status === 'rejected' ? (act.reason as { reason: string }).reason : 'done',
  )
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
  expect(['conflict', 'restriction_not_active']).toContain(outcomes.find((outcome) => outcome !== 'done'))
  await expect(decideApproval(services, approval.id, session)).rejects.toMatchObject({ reason: 'conflict' })
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
  await expect(decideApproval(services, approval.id, session)).rejects.toMatchObject({ reason: 'read_only' })
  const head = { at: now(), actor: session.holder }
  await expect(declineApproval(services, approval.id, rogue, head)).rejects.toMatchObject({
    reason: 'read_only',
  })
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({ state: 'open' })
  const { session: other } = await signIn(services, operator)
  expect((await decideApproval(services, approval.id, other)).lift).toMatchObject({ restriction })
})

test('declined once, without a fresh passkey: the restriction stays, and nobody approves afterwards', async () => {
  const head: EventHead = { at: now(), actor: { kind: 'operator', id: operator, via: 'console' } }
  const { session } = await signIn(services, operator)
  await declineApproval(services, approval.id, operator, head)
  expect(await listOpenApprovals(services.db, now())).toEqual([])
  await expect(decideApproval(services, approval.id, session)).rejects.toMatchObject({ reason: 'conflict' })
  await expect(declineApproval(services, approval.id, operator, head)).rejects.toMatchObject({
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
  await expect(decideApproval(services, approval.id, session)).rejects.toMatchObject({ reason: 'conflict' })
  expect(await findApproval(services.db, approval.id, now())).toMatchObject({ state: 'expired' })
})

test('an unknown one is not found; one for what is lifted already cannot be asked for', async () => {
  const { session } = await signIn(services, operator)
  await expect(decideApproval(services, 'apr_unknown' as ApprovalId, session)).rejects.toMatchObject({
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
