import { afterEach, beforeEach, expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import { auditQueue } from '../db/schema.ts'
import type { AuditEvent } from './event.ts'
import { nthReadAt, readRuns } from './run-store.ts'
import { sequenceOnce } from './sequencer.ts'
import { record } from './store.ts'

let services: TestServices
beforeEach(async () => {
  services = await testServices()
  await services.db.delete(auditQueue)
})
afterEach(() => services.close())

async function keep(...events: AuditEvent[]): Promise<void> {
  await record(services.db, ...events)
  while ((await sequenceOnce(services)) > 0);
}

test('five minutes of one session are one line; opened and listed are counted apart, each patient once', async () => {
  await keep(
    served('1', { at: 1_200, patient: '1.a' }),
    served('2', { at: 1_210, patient: '1.a' }),
    served('3', { at: 1_499, patient: '1.b', access: 'listed' }),
    served('4', { at: 1_500, patient: '1.c' }),
    served('5', { at: 1_300, patient: '1.d', session: 'ses_other' as SessionId }),
  )
  const runs = await readRuns(services.db, {}, 10)
  expect(
    runs.map(({ session, startAt, firstAt, lastAt, opened, listed }) => [
      session,
      startAt,
      firstAt,
      lastAt,
      opened,
      listed,
    ]),
  ).toEqual([
    ['ses_alice', 1_500, 1_500, 1_500, 1, 0],
    ['ses_alice', 1_200, 1_200, 1_499, 1, 1],
    ['ses_other', 1_200, 1_300, 1_300, 1, 0],
  ])
})

test('who is asked about is whose lines come', async () => {
  await keep(served('1'), served('2', { practitioner: 'prt_bob' as PractitionerId }))
  const runs = await readRuns(services.db, { practitioner: 'prt_bob' as PractitionerId }, 10)
  expect(runs.map(({ practitioner }) => practitioner)).toEqual(['prt_bob'])
  expect(await readRuns(services.db, { practice: 'prc_none' as PracticeId }, 10)).toEqual([])
})

test('how far back a number of reads goes', async () => {
  await keep(...[1, 2, 3].map((n) => served(String(n), { at: 1_000 + n })))
  expect(await nthReadAt(services.db, {}, 1)).toBe(1_002)
  expect(await nthReadAt(services.db, {}, 3)).toBeUndefined()
})
