/** Recording from the authorization server: in the transaction that causes it. The sequencer gives it a place in the tree. */

import type { Db } from '../db/db.ts'
import { auditQueue } from '../db/schema.ts'
import type { AuditEvent } from './event.ts'

/** Durable when the transaction of `db` is. */
export async function record(db: Db, ...events: AuditEvent[]): Promise<void> {
  if (events.length > 0) await db.insert(auditQueue).values(events.map((event) => ({ event })))
}
