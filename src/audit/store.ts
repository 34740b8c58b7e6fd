/** Recording from the authorization server: in the transaction that causes it. The sequencer gives it a place in the tree. */

import { sql } from 'drizzle-orm'
import type { Db } from '../db/db.ts'
import { auditQueue } from '../db/schema.ts'
import type { AuditEvent } from './event.ts'

/**
 * Durable when the transaction of `db` is. One text for any number of events, so that the statement is always the same;
 * JSON has no bare line feed. No notice: PostgreSQL commits those that send one in single file, each with its own flush.
 */
export async function record(db: Db, ...events: AuditEvent[]): Promise<void> {
  if (events.length > 0) await db.execute(recording(events))
}

const recording = (events: readonly AuditEvent[]) => {
  const lines = events.map((event) => JSON.stringify(event)).join('\n')
  return sql`insert into ${auditQueue} (event)
    select line from string_to_table(${lines}::text, chr(10)) with ordinality as events (line, place) order by place`
}
