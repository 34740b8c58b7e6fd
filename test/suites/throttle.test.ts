/** The Throttle port, on every adapter. */

import { describe, expect, test } from 'vitest'
import type { Throttle } from '../../src/core/ports.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { databaseThrottle, memoryThrottle } from '../../src/runtime/throttle.ts'
import { freshPostgres } from '../support/postgres.ts'
import { freshDatabase } from '../support/services.ts'

const adapters: Record<string, () => Promise<{ throttle: Throttle; close(): Promise<void> }>> = {
  memory: async () => ({ throttle: memoryThrottle(), close: async () => {} }),
  PGlite: async () => {
    const database = await freshDatabase()
    return { throttle: databaseThrottle(database.db), close: () => database.close() }
  },
  PostgreSQL: async () => {
    const database = openPostgres((await freshPostgres()).url)
    return { throttle: databaseThrottle(database.db), close: () => database.close() }
  },
}

describe.each(Object.entries(adapters))('%s', (_name, open) => {
  test('a source that asks too often waits, and nobody else does', async () => {
    const { throttle, close } = await open()
    for (let i = 0; i < 30; i++)
      expect(await throttle.take('enrolment-source', '192.0.2.0/24')).toEqual({ allowed: true })
    const refused = await throttle.take('enrolment-source', '192.0.2.0/24')
    expect(refused).toMatchObject({ allowed: false })
    expect(!refused.allowed && refused.retryAfterSeconds).toBeGreaterThan(0)
    expect(!refused.allowed && refused.retryAfterSeconds).toBeLessThanOrEqual(60)
    expect(await throttle.take('enrolment-source', '198.51.100.0/24')).toEqual({ allowed: true })
    expect(await throttle.take('signin-source', '192.0.2.0/24')).toEqual({ allowed: true })
    await close()
  })

  test('requests at the same moment share the points', async () => {
    const { throttle, close } = await open()
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => throttle.take('enrolment-source', '203.0.113.0/24')),
    )
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(30)
    await close()
  })
})

test('a store that fails is a fault and never a yes', async () => {
  const database = await freshDatabase()
  await database.close()
  await expect(databaseThrottle(database.db).take('signin-source', 'x')).rejects.toThrow(Error)
})
