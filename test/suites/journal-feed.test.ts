/** One contract, every adapter: memory, embedded database, PostgreSQL. */

import { describe, expect, test } from 'vitest'
import { mintId } from '../../src/core/ids.ts'
import type { Database } from '../../src/db/db.ts'
import { restrictionJournal } from '../../src/db/schema.ts'
import { journalChannel } from '../../src/restrictions/channel.ts'
import { databaseFeed } from '../../src/restrictions/feed.ts'
import type { JournalFeed } from '../../src/restrictions/journal.ts'
import type { JournalRow } from '../../src/restrictions/restriction.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { memoryJournal } from '../support/memory-journal.ts'
import { freshPostgres } from '../support/postgres.ts'
import { freshDatabase } from '../support/services.ts'

interface Adapter {
  feed: JournalFeed
  append: (row: JournalRow) => Promise<void>
  close: () => Promise<void>
}

const adapters: Record<string, () => Promise<Adapter>> = {
  memory: async () => {
    const feed = memoryJournal()
    return { feed, append: async (row) => feed.append(row), close: async () => {} }
  },
  'embedded database': async () => over(await freshDatabase()),
  PostgreSQL: async () => over(openPostgres((await freshPostgres()).url, { connections: 2 })),
}

const over = (database: Database): Adapter => ({
  feed: databaseFeed(database),
  append: async (row) => {
    if (row.kind !== 'restrict') throw new Error('the suite appends restrictions')
    const { sequence, id, createdAt } = row.restriction
    await database.db.insert(restrictionJournal).values({ sequence, restriction: id, row, createdAt })
    await database.notify(journalChannel)
  },
  close: () => database.close(),
})

const row = (sequence: number): JournalRow => ({
  kind: 'restrict',
  restriction: {
    id: mintId('restriction'),
    sequence,
    selector: { everything: true },
    effect: { kind: 'quota', patients: 3 },
    endsSessions: true,
    reason: 'peak of activity',
    message: { fr: 'Trop de dossiers.', en: 'Too many records.' },
    author: { kind: 'rule', rule: 'test' },
    createdAt: 1_800_000_000,
  },
})

describe.each(Object.entries(adapters))('journal feed: %s', (_, open) => {
  test('answers rows above a sequence, in order, as they were written', async () => {
    const { feed, append, close } = await open()
    const rows = [row(1), row(2), row(3)]
    for (const each of rows) await append(each)
    expect(await feed.since(0)).toEqual(rows)
    expect(await feed.since(2)).toEqual([rows[2]])
    expect(await feed.since(3)).toEqual([])
    await close()
  })

  test('a notice comes after a row, and none after the listener left', async () => {
    const { feed, append, close } = await open()
    let heard = 0
    const leave = await feed.onNotice(() => heard++)
    const noticed = new Promise<void>((resolve) => void feed.onNotice(resolve))
    await append(row(1))
    await noticed
    expect(heard).toBeGreaterThan(0)
    await leave()
    const before = heard
    const again = new Promise<void>((resolve) => void feed.onNotice(resolve))
    await append(row(2))
    await again
    expect(heard).toBe(before)
    await close()
  })
})
