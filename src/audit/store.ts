/** Recording from the authorization server: in the transaction that causes it. The sequencer gives it a place in the tree. */

import { sql } from 'drizzle-orm'
import type { Db } from '../db/db.ts'
import { auditQueue } from '../db/schema.ts'
import { queued } from './channels.ts'
import type { AuditEvent } from './event.ts'

/** Durable when the transaction of `db` is; the sequencer is woken when it commits. */
export async function record(db: Db, ...events: AuditEvent[]): Promise<void> {
  if (events.length === 0) return
  const kept = db.$with('kept').as(
    db
      .insert(auditQueue)
      .values(events.map((event) => ({ event })))
      .returning({ id: auditQueue.id }),
  )
  await db
    .with(kept)
    .select({ noticed: sql`pg_notify(${queued}, '')` })
    .from(kept)
    .limit(1)
}
