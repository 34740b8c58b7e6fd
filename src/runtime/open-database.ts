/** The configured database, open and migrated, or one sentence that says what to do about it. */

import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Database } from '../db/db.ts'
import type { DataDirectory } from './data-directory.ts'
import { copyPreparedDatabase } from './prepared-database.ts'
import { StartFault, systemCode } from './start-fault.ts'

/** The adapters are imported when chosen: whoever uses one does not wait for the other. */
export const openDatabase = (config: Config, directory: DataDirectory): Promise<Database> =>
  config.databaseUrl ? openServer(config.databaseUrl) : openEmbedded(directory)

/** Whether the embedded database has been in use; what a killed first start left behind does not count. */
export const embeddedDatabaseExists = (directory: DataDirectory): boolean =>
  !existsSync(directory.databaseUnfinished) &&
  existsSync(directory.database) &&
  readdirSync(directory.database).length > 0

async function openEmbedded(directory: DataDirectory): Promise<Database> {
  if (!embeddedDatabaseExists(directory)) return createEmbedded(directory)
  // PGlite would create a new database over one that has lost its version file.
  if (!existsSync(join(directory.database, 'PG_VERSION'))) throw damaged(directory, 'PG_VERSION is missing')
  return openMigrated(directory)
}

/** Marked unfinished until its tables are there, so that a kill in between leaves nothing that is taken for a database. */
async function createEmbedded(directory: DataDirectory): Promise<Database> {
  writeFileSync(directory.databaseUnfinished, '', { mode: 0o600 })
  rmSync(directory.database, { recursive: true, force: true })
  copyPreparedDatabase(directory.database)
  const database = await openMigrated(directory)
  rmSync(directory.databaseUnfinished)
  return database
}

async function openMigrated(directory: DataDirectory): Promise<Database> {
  const { openPglite } = await import('./pglite.ts')
  let database: Database | undefined
  try {
    database = await openPglite({ directory: directory.database })
    await database.migrate()
    return database
  } catch (error) {
    await database?.close()
    throw damaged(directory, error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown', error)
  }
}

const damaged = (directory: DataDirectory, why: string, cause?: unknown): StartFault =>
  new StartFault(
    'configuration',
    `The database directory ${directory.database} is damaged (${why}): put it back from a backup, or move it away to begin anew.`,
    { cause },
  )

async function openServer(url: string): Promise<Database> {
  const { openPostgres } = await import('./postgres.ts')
  const database = openPostgres(url)
  try {
    await database.migrate()
    return database
  } catch (error) {
    await database.close()
    throw unreachable(url, error)
  }
}

/** SQLSTATE class → what to do; everything else is a server that does not answer. */
const serverAdvice: readonly (readonly [RegExp, string])[] = [
  [/^28/, 'it refuses this user: check user and password in DATABASE_URL'],
  [/^3D000$/, 'it has no such database: create it, or correct DATABASE_URL'],
  [/^42501$/, 'this user may not create tables there: grant it, or use another user'],
  [/^53300$/, 'it has no connection left: raise max_connections'],
]

function unreachable(url: string, error: unknown): StartFault {
  const { hostname, port } = new URL(url)
  const code = systemCode(error) ?? 'unknown'
  const advice =
    serverAdvice.find(([state]) => state.test(code))?.[1] ??
    `it does not answer (${code}): start it, or correct DATABASE_URL`
  return new StartFault('unavailable', `PostgreSQL at ${hostname}:${port || '5432'}: ${advice}.`, {
    cause: error,
  })
}
