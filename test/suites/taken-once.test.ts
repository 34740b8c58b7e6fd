/** What is shown once, on both databases: of 50 parallel takers one wins, and after a restart nobody does. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ClientId } from '../../src/core/ids.ts'
import type { Database } from '../../src/db/db.ts'
import { insertPushedRequest, takePushedRequest } from '../../src/oauth/pushed-request-store.ts'
import { openPglite } from '../../src/runtime/pglite.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { takeOnce } from '../../src/tokens/taken-store.ts'
import { freshPostgres } from '../support/postgres.ts'
import { pgliteImage } from '../support/services.ts'

const now = 1_800_000_000
const client = 'records-app' as ClientId
const directory = mkdtempSync(join(tmpdir(), 'garde-taken-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Each call opens the same rows anew, as a start does. */
const stores: [string, () => Promise<() => Promise<Database>>][] = [
  [
    'PGlite',
    async () => {
      await (await openPglite({ directory, image: await pgliteImage() })).close()
      return async () => openPglite({ directory })
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const { url } = await freshPostgres()
      return async () => openPostgres(url)
    },
  ],
]

const things: [string, (db: Database['db']) => Promise<unknown>][] = [
  ['a client assertion', (db) => takeOnce(db, 'client-assertion', 'one', now + 60)],
  ['a signed request', (db) => takeOnce(db, 'request-object', 'one', now + 60)],
  ['a proof', (db) => takeOnce(db, 'dpop', 'one', now + 60)],
  ['a pushed request', (db) => takePushedRequest(db, 'one', client, now)],
]

const won = async (database: Database, take: (db: Database['db']) => Promise<unknown>) =>
  (await Promise.all(Array.from({ length: 50 }, () => take(database.db)))).filter(Boolean)

describe.each(stores)('on %s', (_name, prepare) => {
  test('of 50 parallel takers exactly one wins, and none of 50 after a restart', async () => {
    const open = await prepare()
    const before = await open()
    await insertPushedRequest(before.db, { requestHash: 'one', client, parameters: {}, expiresAt: now + 60 })
    for (const [name, take] of things) expect([name, (await won(before, take)).length]).toEqual([name, 1])
    await before.close()
    const after = await open()
    for (const [name, take] of things) expect([name, (await won(after, take)).length]).toEqual([name, 0])
    await after.close()
  })
})
