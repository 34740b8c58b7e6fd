/** Commit order is sequence order, without gaps, however many connections write: a reader never skips a row. */

import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/db.ts'
import { journalSince, lift, restrict } from '../../src/restrictions/store.ts'
import { sequenceOf, type JournalRow } from '../../src/restrictions/restriction.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { freshPostgres } from '../support/postgres.ts'
import { freshDatabase, testServices } from '../support/services.ts'

const adapters: Record<string, () => Promise<Database>> = {
  'embedded database': freshDatabase,
  PostgreSQL: async () => openPostgres((await freshPostgres()).url, { connections: 8 }),
}
const author = { kind: 'rule', rule: 'test' } as const
const act = {
  selector: { everything: true },
  effect: { kind: 'read-only' },
  endsSessions: false,
  reason: 'test',
} as const

describe.each(Object.entries(adapters))('%s', (_, open) => {
  test('a reader who follows while forty acts commit side by side misses none', async () => {
    const database = await open()
    const services = await testServices({ database })
    const state = { writing: true }
    const acts = Promise.all(
      Array.from({ length: 20 }, async () => {
        const { restriction } = await restrict(services, author, act)
        await lift(services, author, { restriction: restriction.id, reason: 'over' })
      }),
    ).finally(() => (state.writing = false))
    const seen: JournalRow[] = []
    do {
      const rows = await journalSince(services.db, seen.length)
      for (const row of rows) {
        expect(sequenceOf(row)).toBe(seen.length + 1)
        seen.push(row)
      }
    } while (state.writing)
    await acts
    seen.push(...(await journalSince(services.db, seen.length)))
    expect(seen.map(sequenceOf)).toEqual(Array.from({ length: 40 }, (__, index) => index + 1))
    await services.restrictions.catchUp()
    expect(services.restrictions.basis().sequence).toBe(40)
    await services.close()
  })

  test('of many who lift the same restriction at once, one does', async () => {
    const services = await testServices({ database: await open() })
    const { restriction } = await restrict(services, author, act)
    const lifts = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        lift(services, author, { restriction: restriction.id, reason: 'over' }),
      ),
    )
    expect(lifts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await services.close()
  })
})
