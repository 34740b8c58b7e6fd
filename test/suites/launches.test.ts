/** Protocols 7, EHR launch: of fifty who bring one launch at once, one has it, on each store. */

import { describe, expect, test } from 'vitest'
import type { ClientId, PracticeId, PractitionerId } from '../../src/core/ids.ts'
import type { Database } from '../../src/db/db.ts'
import { findLaunch, insertLaunch, takeLaunch, type LaunchBinding } from '../../src/grants/launch-store.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { freshPostgres } from '../support/postgres.ts'
import { freshDatabase } from '../support/services.ts'

const adapters: Record<string, () => Promise<Database>> = {
  'embedded database': freshDatabase,
  PostgreSQL: async () => openPostgres((await freshPostgres()).url, { connections: 8 }),
}
const binding: LaunchBinding = {
  client: 'smart-app' as ClientId,
  practitioner: 'prt_anne' as PractitionerId,
  practice: 'prc_lilas' as PracticeId,
  resource: 'https://id.example/fhir',
}
const launch = {
  ...binding,
  launchHash: 'hash',
  launcher: 'ehr' as ClientId,
  context: { patient: 'p1', needPatientBanner: true },
  expiresAt: 1000,
}

describe.each(Object.entries(adapters))('%s', (_, open) => {
  test('one of fifty takes it; whom it was not made for takes nothing away', async () => {
    const database = await open()
    const { db } = database
    await insertLaunch(db, launch)
    const others: Partial<LaunchBinding>[] = [
      { client: 'other' as ClientId },
      { practitioner: 'prt_eve' as PractitionerId },
      { practice: 'prc_port' as PracticeId },
      { resource: 'https://id.example/files' },
    ]
    for (const other of others)
      expect(await takeLaunch(db, 'hash', { ...binding, ...other }, 999)).toBe(false)
    expect(await takeLaunch(db, 'hash', binding, 1000)).toBe(false)
    expect(await findLaunch(db, 'hash', 999)).toMatchObject(binding)
    const taken = await Promise.all(Array.from({ length: 50 }, () => takeLaunch(db, 'hash', binding, 999)))
    expect(taken.filter(Boolean).length).toBe(1)
    expect(await findLaunch(db, 'hash', 999)).toBeUndefined()
    await database.close()
  })
})
