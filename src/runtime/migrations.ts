/** The generated SQL of `drizzle/`, run in order behind an advisory lock, each file in its own transaction. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Migration {
  tag: string
  statements: string[]
}

const folder = new URL('../../drizzle/', import.meta.url)

/** In journal order, as drizzle-kit wrote them. */
export function readMigrations(): Migration[] {
  const journal = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8')) as {
    entries: { tag: string }[]
  }
  return journal.entries.map(({ tag }) => ({
    tag,
    statements: readFileSync(fileURLToPath(new URL(`${tag}.sql`, folder)), 'utf8').split(
      '--> statement-breakpoint',
    ),
  }))
}

/** A session that can run several statements; both drivers fit. */
export interface SqlSession {
  query(sql: string, parameters?: unknown[]): Promise<Record<string, unknown>[]>
}

const lockKey = 4_731_001

/**
 * Idempotent, and safe from many nodes at once: the lock is held by the session for the whole run. Where nothing is
 * missing, nothing is locked and the user need not be one who may create tables.
 */
export async function migrate(
  session: SqlSession,
  migrations: Migration[] = readMigrations(),
): Promise<void> {
  const applied = await appliedMigrations(session)
  if (migrations.some(({ tag }) => !applied.has(tag))) await applyMissing(session, migrations)
}

async function applyMissing(session: SqlSession, migrations: Migration[]): Promise<void> {
  await session.query(`select pg_advisory_lock(${lockKey})`)
  try {
    await session.query(
      'create table if not exists garde_migrations (tag text primary key, applied_at bigint not null)',
    )
    const applied = await appliedMigrations(session)
    for (const migration of migrations) if (!applied.has(migration.tag)) await apply(session, migration)
  } finally {
    await session.query(`select pg_advisory_unlock(${lockKey})`)
  }
}

async function appliedMigrations(session: SqlSession): Promise<Set<unknown>> {
  const [table] = await session.query("select to_regclass('garde_migrations') as oid")
  if (table?.['oid'] === null) return new Set()
  return new Set((await session.query('select tag from garde_migrations')).map(({ tag }) => tag))
}

async function apply(session: SqlSession, { tag, statements }: Migration): Promise<void> {
  await session.query('begin')
  try {
    for (const statement of statements) await session.query(statement)
    await session.query('insert into garde_migrations values ($1, extract(epoch from now())::bigint)', [tag])
    await session.query('commit')
  } catch (error) {
    await session.query('rollback')
    throw error
  }
}
