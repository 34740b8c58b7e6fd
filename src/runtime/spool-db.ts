/**
 * The spool where there is no disk (Workers): events go to the queue of the server's log, durable when committed. Made
 * anew for each request there, because a connection belongs to one.
 */

import type { AuditEvent } from '../audit/event.ts'
import type { Slot, Spool } from '../audit/spool.ts'
import { record } from '../audit/store.ts'
import type { Log } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import type { Db } from '../db/db.ts'

export interface DatabaseSpoolOptions {
  db: Db
  log: Log
  /** Slots held at once. */
  capacity?: number
}

export function databaseSpool({ db, log, capacity = 1000 }: DatabaseSpoolOptions): Spool {
  let held = 0
  let closed = false
  const append = async (events: readonly AuditEvent[]): Promise<void> => {
    if (closed) throw new Refusal('audit_unavailable', { log: 'closed' })
    try {
      await record(db, ...events)
    } catch (error) {
      log('error', 'audit log failed', { error: String(error) })
      throw new Refusal('audit_unavailable', { log: 'failed' })
    }
  }
  const reserve = (): Slot => {
    if (closed || held >= capacity)
      throw new Refusal('audit_unavailable', { log: closed ? 'closed' : 'full' })
    held++
    let mine = 1
    return {
      append,
      release: () => {
        held -= mine
        mine = 0
      },
    }
  }
  return {
    reserve,
    close: async () => {
      closed = true
    },
  }
}
