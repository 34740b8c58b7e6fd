/**
 * The embedded database: PostgreSQL compiled to WebAssembly, in this process, on disk or in memory. It takes no lock on
 * its directory, so `data-lock.ts` does; it runs with fsync off, so a power loss is not covered (the doctor says so).
 */

import { PGlite } from '@electric-sql/pglite'
import { drizzle } from 'drizzle-orm/pglite'
import { Refusal } from '../core/refusal.ts'
import type { Database } from '../db/db.ts'
import * as schema from '../db/schema.ts'
import { migrate } from './migrations.ts'
import { pgliteProgram } from './pglite-program.ts'

export interface PgliteOptions {
  /** Absent: in memory. */
  directory?: string
  /** A dumped data directory to begin from (tests). */
  image?: Blob
}

/** The pages PostgreSQL keeps itself are wiped at each start; the system keeps those of its files anyway. */
const memory = ['-c', 'shared_buffers=16MB']

export async function openPglite(options: PgliteOptions = {}): Promise<Database & { dump(): Promise<Blob> }> {
  const client = await PGlite.create({
    pgliteWasmModule: await pgliteProgram(),
    startParams: [...PGlite.defaultStartParams, ...memory],
    ...(options.directory && { dataDir: options.directory }),
    ...(options.image && { loadDataDir: options.image }),
  })
  // One session for everybody: an advisory lock would not keep two callers of this process apart.
  let migrated: Promise<void> = Promise.resolve()
  const query = async (sql: string, parameters?: unknown[]) =>
    (await client.query<Record<string, unknown>>(sql, parameters)).rows
  return {
    db: drizzle(client, { schema, casing: 'snake_case' }),
    migrate: () => (migrated = migrated.then(() => migrate({ query }))),
    listen: (channel, onNotice) => client.listen(channel, onNotice),
    notify: async (channel) => {
      await client.query('select pg_notify($1, $2)', [channel, ''])
    },
    ping: async () => {
      try {
        await client.query('select 1')
      } catch (error) {
        throw new Refusal('state_unavailable', { cause: String(error) })
      }
    },
    close: () => client.close(),
    dump: async () => client.dumpDataDir('none'),
  }
}
