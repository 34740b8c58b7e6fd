/** The Database port, on every adapter. */

import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/db.ts'
import { practices } from '../../src/db/schema.ts'
import { mintId } from '../../src/core/ids.ts'
import { readMigrations } from '../../src/runtime/migrations.ts'
import { openPglite } from '../../src/runtime/pglite.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { emptyPostgres, freshPostgres } from '../support/postgres.ts'
import { freshDatabase } from '../support/services.ts'

const adapters: Record<string, { migrated(): Promise<Database>; empty(): Promise<Database> }> = {
  PGlite: { migrated: freshDatabase, empty: () => openPglite() },
  PostgreSQL: {
    migrated: async () => openPostgres((await freshPostgres()).url),
    empty: async () => openPostgres((await emptyPostgres()).url),
  },
}

describe.each(Object.entries(adapters))('%s', (_name, adapter) => {
  test('migrations run once, however many nodes start at the same time', async () => {
    const database = await adapter.empty()
    await Promise.all([database.migrate(), database.migrate(), database.migrate()])
    const applied = readMigrations().length
    const rows: unknown = await database.db.execute(
      sql`select count(*)::int as applied from garde_migrations`,
    )
    expect(JSON.parse(JSON.stringify(rows))).toEqual(
      expect.objectContaining(Array.isArray(rows) ? { 0: { applied } } : { rows: [{ applied }] }),
    )
    await database.close()
  })

  test('what a transaction throws away is gone', async () => {
    const database = await adapter.migrated()
    const row = { id: mintId('practice'), name: 'Cabinet', recordsName: 'cab', createdAt: 1 }
    const attempt = database.db.transaction(async (tx) => {
      await tx.insert(practices).values(row)
      throw new Error('no')
    })
    await expect(attempt).rejects.toThrow('no')
    expect(await database.db.select().from(practices)).toEqual([])
    await database.close()
  })

  test('a notice reaches a listener', async () => {
    const database = await adapter.migrated()
    const heard = Promise.withResolvers<void>()
    const stop = await database.listen('journal', () => heard.resolve())
    await database.notify('journal')
    await heard.promise
    await stop()
    await database.close()
  })
})
