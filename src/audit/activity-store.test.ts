/** Figures over the logs, on a real database. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseId } from '../core/ids.ts'
import { auditEntries } from '../db/schema.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { logStandings, patientsByDay, patientsSince, queueStanding } from './activity-store.ts'
import { sequenceOnce } from './sequencer.ts'
import { record } from './store.ts'

let services: TestServices
beforeAll(async () => {
  services = await testServices()
})
afterAll(() => services.close())

const practitioner = parseId('practitioner', 'prt_martin')
let index = 0
const served = (at: number, patient: string, access: 'opened' | 'listed') =>
  services.db.insert(auditEntries).values({
    log: 'gateway',
    index: index++,
    leaf: '',
    entry: '{}',
    at,
    kind: 'access.served',
    actor: `practitioner:${practitioner}`,
    practitioner,
    patient,
    access,
  })

test('patients are distinct, by day of Paris, opened and listed apart', async () => {
  // 2026-11-22 22:59:59 UTC is a second before midnight in Paris.
  const midnight = 1_795_388_400
  await served(midnight - 1, 'a', 'opened')
  await served(midnight, 'a', 'opened')
  await served(midnight + 5, 'a', 'opened')
  await served(midnight + 6, 'b', 'opened')
  await served(midnight + 7, 'c', 'listed')
  expect(await patientsByDay(services.db, practitioner, midnight - 86_400)).toEqual([
    { day: '2026-11-22', opened: 1, listed: 0 },
    { day: '2026-11-23', opened: 2, listed: 1 },
  ])
  expect(await patientsSince(services.db, midnight)).toEqual(new Map([[practitioner, 2]]))
})

test('what waits is counted with its age, and gone once it has its place', async () => {
  await sequenceOnce(services)
  await record(services.db, { at: 42, actor: { kind: 'stranger' }, kind: 'server.started', version: 'test' })
  expect(await queueStanding(services.db)).toEqual({ count: 1, oldestAt: 42 })
  await sequenceOnce(services)
  expect(await queueStanding(services.db)).toEqual({ count: 0 })
  const [standing] = (await logStandings(services.db)).filter(({ log }) => log === 'server')
  expect(standing?.checkpoint?.size).toBe(standing?.size)
})
