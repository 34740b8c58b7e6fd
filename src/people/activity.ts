/** Work through the gateway keeps a session open (protocols.md §5): its recorded calls count as activity, refreshing does not. */

import type { AuditEvent } from '../audit/event.ts'
import type { SessionId } from '../core/ids.ts'
import type { Log } from '../core/ports.ts'
import type { Seconds } from '../core/time.ts'
import type { Needs } from './needs.ts'
import { touchSessions } from './session.ts'

/** A session is touched at most this often: the shortest idle limit is five minutes. */
const everySeconds: Seconds = 20

/** Answers what to call with every recorded event; it never makes a call wait. */
export function watchActivity(
  needs: Pick<Needs, 'db' | 'clock'> & { log: Log },
  touched = new Map<SessionId, Seconds>(),
): (event: AuditEvent) => void {
  return (event) => {
    if (event.kind !== 'access.served' && event.kind !== 'access.answered' && event.kind !== 'access.settled')
      return
    const { session, at } = event
    if (session === undefined || at < (touched.get(session) ?? 0) + everySeconds) return
    if (touched.size > 10_000)
      for (const [id, last] of touched) if (at >= last + everySeconds) touched.delete(id)
    touched.set(session, at)
    touchSessions(needs, [session]).catch((error: unknown) => {
      // The next call tries again.
      touched.delete(session)
      needs.log('error', 'activity not kept yet', { error: String(error) })
    })
  }
}
