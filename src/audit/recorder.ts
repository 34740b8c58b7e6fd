/**
 * Recording where no transaction causes the event (a service's token): what arrives while one commit is in flight goes
 * together in the next, so that each is durable before it is answered and the database is asked once for many.
 */

import type { Log } from '../core/ports.ts'
import type { AuditEvent } from './event.ts'
import { GroupCommit } from './group-commit.ts'

export interface Recorder {
  /** Resolves when durable. Refuses `audit_unavailable`. What a transaction causes is recorded in it instead. */
  record(...events: AuditEvent[]): Promise<void>
}

/** `commit` makes all of them durable, or rejects and then none is. Beyond `capacity` waiting, more are refused. */
export function createRecorder(
  commit: (events: AuditEvent[]) => Promise<void>,
  log: Log,
  capacity = 4096,
): Recorder {
  const commits = new GroupCommit<AuditEvent>({
    capacity,
    encode: (event) => event,
    commit,
    soon: queueMicrotask,
    onFailure: (error) => log('error', 'audit queue failed', { error: String(error) }),
    stopsOnFailure: false,
  })
  return {
    record: async (...events) => {
      const slot = commits.reserve()
      try {
        await slot.append(events)
      } finally {
        slot.release()
      }
    },
  }
}
