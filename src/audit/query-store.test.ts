import { afterEach, beforeEach, expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { OperatorId, PracticeId, PractitionerId, RequestId, SessionId } from '../core/ids.ts'
import { auditQueue } from '../db/schema.ts'
import type { AccessHead, AuditEvent } from './event.ts'
import {
  cursorOf,
  eventsOf,
  lastEvents,
  onAppended,
  patientsServed,
  strangersSummary,
  unsettledIntents,
} from './query-store.ts'
import { keepAudit } from './keeper.ts'
import { sequenceOnce } from './sequencer.ts'
import { record } from './store.ts'
import { strangerSums } from './stranger-sums.ts'
import { countStranger, forgetStrangers } from './strangers.ts'

let services: TestServices
beforeEach(async () => {
  services = await testServices()
  await services.db.delete(auditQueue)
})
afterEach(() => services.close())

const alice = 'prt_alice' as PractitionerId
const bob = 'prt_bob' as PractitionerId
const head = { at: 2_000, actor: { kind: 'operator', id: 'opr_olga' as OperatorId } as const }
const always = { since: 0, until: 1_000_000 }

const { kind: _, patient: __, access: ___, types: ____, status: _____, ...accessHead } = served('1')
/** One step of an unsafe request on a patient. */
const step = (
  request: string,
  body:
    | { kind: 'access.intent'; patient?: string }
    | { kind: 'access.settled'; status: number; patient?: string },
  at = 1_000,
): AuditEvent => ({
  ...(accessHead as AccessHead & typeof accessHead),
  ...body,
  at,
  request: request as RequestId,
})

async function keep(...events: AuditEvent[]): Promise<void> {
  await record(services.db, ...events)
  while ((await sequenceOnce(services)) > 0);
}

test('"which patients?" is answered with each patient once, opened told from listed', async () => {
  await keep(
    served('1', { at: 1_000, patient: '1.a' }),
    served('2', { at: 1_010, patient: '1.a', access: 'listed' }),
    served('3', { at: 1_020, patient: '1.a' }),
    served('4', { at: 1_030, patient: '1.b', access: 'listed' }),
    served('5', { at: 1_040, patient: '1.c', practitioner: bob }),
  )
  expect(await patientsServed(services.db, { practitioner: alice, ...always }, head)).toEqual([
    { patient: '1.a', opened: 2, listed: 1, written: 0, firstAt: 1_000, lastAt: 1_020 },
    { patient: '1.b', opened: 0, listed: 1, written: 0, firstAt: 1_030, lastAt: 1_030 },
  ])
})

test('every key given narrows the question, and both ends of the span are included', async () => {
  await keep(
    served('1', { at: 1_000, patient: '1.a' }),
    served('2', { at: 1_010, patient: '1.b', practice: 'prc_south' as PracticeId }),
    served('3', { at: 1_020, patient: '1.c', session: 'ses_other' as SessionId }),
  )
  const ask = async (question: object) =>
    (await patientsServed(services.db, { ...always, ...question }, head)).map(({ patient }) => patient)
  expect(await ask({})).toEqual(['1.a', '1.b', '1.c'])
  expect(await ask({ practice: 'prc_south' })).toEqual(['1.b'])
  expect(await ask({ practitioner: alice, session: 'ses_other' })).toEqual(['1.c'])
  expect(await ask({ since: 1_010, until: 1_010 })).toEqual(['1.b'])
  expect(await ask({ since: 1_021 })).toEqual([])
})

test('a write counts when it succeeded or was never settled, once, and not when it failed', async () => {
  await keep(
    step('req_done', { kind: 'access.intent', patient: '1.done' }),
    step('req_done', { kind: 'access.settled', status: 200, patient: '1.done' }),
    step('req_made', { kind: 'access.intent' }),
    step('req_made', { kind: 'access.settled', status: 201, patient: '1.made' }),
    step('req_lost', { kind: 'access.intent', patient: '1.lost' }),
    step('req_failed', { kind: 'access.intent', patient: '1.failed' }),
    step('req_failed', { kind: 'access.settled', status: 422, patient: '1.failed' }),
  )
  const patients = await patientsServed(services.db, { practitioner: alice, ...always }, head)
  expect(patients.map(({ patient, written }) => [patient, written])).toEqual([
    ['1.done', 1],
    ['1.lost', 1],
    ['1.made', 1],
  ])
})

test('that it was asked is recorded, with the question and the number of answers', async () => {
  await keep(served('1', { at: 1_000 }))
  await patientsServed(services.db, { practitioner: alice, since: 1, until: 2_000 }, head)
  const [row] = await services.db.select().from(auditQueue)
  expect(row?.event).toEqual({
    ...head,
    kind: 'patients.queried',
    question: '{"practitioner":"prt_alice","since":1,"until":2000}',
    answers: 1,
  })
})

test('intents that were never settled are found', async () => {
  await keep(
    step('req_done', { kind: 'access.intent', patient: '1.a' }),
    step('req_done', { kind: 'access.settled', status: 500, patient: '1.a' }),
    step('req_lost', { kind: 'access.intent', patient: '1.b' }),
    step('req_new', { kind: 'access.intent', patient: '1.c' }, 5_000),
  )
  const found = await unsettledIntents(services.db, { since: 0, until: 4_000 }, 10)
  expect(found.map(({ event }) => event.request)).toEqual(['req_lost'])
})

test('the last events come newest first, and a cursor brings only what came later, from any log', async () => {
  await keep(served('1', { at: 1_000 }), served('2', { at: 1_001 }), served('3', { at: 1_002 }))
  const newest = await lastEvents(services.db, { limit: 2 })
  expect(newest.map(({ event }) => event.at)).toEqual([1_002, 1_001])
  const cursor = cursorOf(newest)
  expect(await lastEvents(services.db, { limit: 10, after: cursor })).toEqual([])
  // An event that was shipped late is older than what was seen, and new all the same.
  await keep(served('late', { at: 900 }))
  const later = await lastEvents(services.db, { limit: 10, after: cursor })
  expect(later.map(({ event }) => event.at)).toEqual([900])
  expect(cursorOf(later, cursor)).toEqual({ server: 3 })
  expect(await lastEvents(services.db, { limit: 10, after: { elsewhere: 7 } })).toHaveLength(4)
})

test("one person's events and one session's are found, sign-in included", async () => {
  await keep(
    served('1', { at: 1_000 }),
    {
      at: 900,
      actor: { kind: 'stranger' },
      kind: 'session.started',
      session: 'ses_alice' as SessionId,
      holder: { kind: 'practitioner', id: alice },
      acr: 'garde:passkey',
      newDevice: false,
    },
    served('2', { at: 1_100, practitioner: bob, session: 'ses_bob' as SessionId }),
  )
  const kinds = async (whose: object) =>
    (await eventsOf(services.db, whose, { ...always, limit: 10 })).map(({ event }) => event.kind)
  expect(await kinds({ practitioner: alice })).toEqual(['access.served', 'session.started'])
  expect(await kinds({ session: 'ses_alice' })).toEqual(['access.served', 'session.started'])
  expect(await kinds({ session: 'ses_bob' })).toEqual(['access.served'])
})

test('whoever waits for events is told when they have their place', async () => {
  const told = Promise.withResolvers<void>()
  const stop = await onAppended(services.database, told.resolve)
  await keep(served('1'))
  await told.promise
  await stop()
})

test('strangers are summed per source, reason and minute', async () => {
  for (const at of [60, 61, 119, 120]) await countStranger(services.db, '192.0.2.0/24', 'token_missing', at)
  await countStranger(services.db, '198.51.100.0/24', 'slowed', 60)
  expect(await strangersSummary(services.db, always, 10)).toEqual([
    { source: '192.0.2.0/24', reason: 'token_missing', count: 4, lastAt: 120 },
    { source: '198.51.100.0/24', reason: 'slowed', count: 1, lastAt: 60 },
  ])
})

test('a flood from ever new sources fills one row, not the table', async () => {
  for (let source = 0; source < 130; source++)
    await countStranger(services.db, `10.0.${source}.0/24`, 'token_missing', 60)
  await countStranger(services.db, '10.0.0.0/24', 'token_missing', 60)
  const sums = await strangersSummary(services.db, always, 1_000)
  expect(sums).toHaveLength(101)
  expect(sums[0]).toMatchObject({ source: '*', count: 30 })
  expect(sums[1]).toMatchObject({ source: '10.0.0.0/24', count: 2 })
  await countStranger(services.db, '10.0.250.0/24', 'token_missing', 120)
  expect(await strangersSummary(services.db, { since: 120, until: 179 }, 10)).toHaveLength(1)
})

test('what a gateway counted in memory is bounded, saved in sums, and forgotten after a month', async () => {
  const sums = strangerSums(2)
  const now = services.clock.now()
  const minuteAt = now - (now % 60)
  for (const source of ['a', 'a', 'b', 'c', 'd']) sums.count(source, 'token_expired', minuteAt + 5)
  const taken = sums.take()
  expect(taken.map((sum) => [sum.source, sum.minuteAt, sum.count])).toEqual([
    ['a', minuteAt, 2],
    ['b', minuteAt, 1],
    ['*', minuteAt, 2],
  ])
  expect(sums.take()).toEqual([])
  const keeper = await keepAudit({
    ...services,
    strangers: { ...sums, take: () => taken.splice(0) },
    pollMs: 3_600_000,
  })
  await keeper.settle()
  await keeper.stop()
  const ever = { since: 0, until: now + 60 }
  expect(await strangersSummary(services.db, ever, 10)).toHaveLength(3)
  await forgetStrangers(services.db, minuteAt + 32 * 86_400)
  expect(await strangersSummary(services.db, ever, 10)).toEqual([])
})
