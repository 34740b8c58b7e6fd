/** One type for every way of talking to PostgreSQL: PGlite, postgres.js, or a transaction of either. */

import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from './schema.ts'

export type Schema = typeof schema
export type Db = PgDatabase<PgQueryResultHKT, Schema>

/** A place to talk to, with what differs between adapters. */
export interface Database {
  db: Db
  /** Runs the migrations behind an advisory lock; safe to call from many nodes at once. */
  migrate(): Promise<void>
  /** Calls back soon after `notify` on the channel. A notice only shortens the wait: callers MUST also poll. */
  listen(channel: string, onNotice: () => void): Promise<() => Promise<void>>
  notify(channel: string): Promise<void>
  /** Rejects with Refusal `state_unavailable` when the database does not answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
