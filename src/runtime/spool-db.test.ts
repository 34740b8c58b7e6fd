import { afterEach, beforeEach, expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { auditQueue } from '../db/schema.ts'
import { databaseSpool } from './spool-db.ts'

let services: TestServices
beforeEach(async () => {
  services = await testServices()
  await services.db.delete(auditQueue)
})
afterEach(() => services.close())

const queuedEvents = async () => (await services.db.select().from(auditQueue)).map(({ event }) => event)

test('an append is in the queue, in order, when it resolves', async () => {
  const slot = databaseSpool(services).reserve()
  await slot.append([served('1'), served('2')])
  await slot.append([served('3')])
  slot.release()
  expect(await queuedEvents()).toEqual([served('1'), served('2'), served('3')])
})

test('no more slots than there is room for; one let go twice is free once', () => {
  const spool = databaseSpool({ ...services, capacity: 1 })
  const slot = spool.reserve()
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  slot.release()
  slot.release()
  spool.reserve()
  expect(() => spool.reserve()).toThrow('audit_unavailable')
})

test('a database that fails, and a closed spool, refuse', async () => {
  const spool = databaseSpool(services)
  const slot = spool.reserve()
  await services.db.execute('alter table audit_queue rename to gone')
  await expect(slot.append([served('1')])).rejects.toThrow('audit_unavailable')
  await services.db.execute('alter table gone rename to audit_queue')
  await slot.append([served('2')])
  await spool.close()
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  await expect(slot.append([served('3')])).rejects.toThrow('audit_unavailable')
  expect(await queuedEvents()).toEqual([served('2')])
})
