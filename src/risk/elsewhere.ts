/**
 * Patients of another practice asked for by id: three different ones in a day end the session (domain facts, other
 * rules). It watches what is recorded, so nothing that was refused can be missed; filtered search results are not refusals.
 */

import type { AuditEvent } from '../audit/event.ts'
import type { Slot, Spool } from '../audit/spool.ts'
import { mintId, type SessionId } from '../core/ids.ts'
import { days, type Seconds } from '../core/time.ts'
import type { Finding } from './finding.ts'
import type { QuotaPorts } from './quotas.ts'

const rule = 'other-practice-reads'
const threshold = 2
const windowSeconds = days(1)

export interface Tries {
  /** Patient, or the request where none is known, and when it was last asked for. */
  asked: Map<string, Seconds>
  found: boolean
}

/** Answers what to call with every recorded event. */
export function watchElsewhere(
  ports: Pick<QuotaPorts, 'act' | 'log'>,
  sessions = new Map<SessionId, Tries>(),
): (event: AuditEvent) => void {
  return (event) => {
    if (event.kind !== 'access.refused' || event.reason !== 'other_practice') return
    const { session, practitioner, practice, at } = event
    if (!session || !practitioner || !practice) return
    forget(sessions, at)
    const tries = sessions.get(session) ?? { asked: new Map(), found: false }
    sessions.set(session, tries)
    tries.asked.set(event.patient ?? event.request ?? event.jti ?? '', at)
    if (tries.found || tries.asked.size <= threshold) return
    tries.found = true
    const finding: Finding = {
      id: mintId('finding'),
      rule,
      practitioner,
      practice,
      session,
      access: 'opened',
      value: tries.asked.size,
      threshold,
      windowSeconds,
      action: 'end-session',
      observed: false,
      at,
    }
    ports.act(finding).catch((error: unknown) => {
      // The next refusal tries again.
      tries.found = false
      ports.log('error', 'finding not acted on yet', { rule, error: String(error) })
    })
  }
}

function forget(sessions: Map<SessionId, Tries>, now: Seconds): void {
  for (const [session, { asked }] of sessions) {
    for (const [patient, at] of asked) if (at <= now - windowSeconds) asked.delete(patient)
    if (asked.size === 0) sessions.delete(session)
  }
}

/** A spool whose every event is shown to each of `watchers` once it is durable. */
export const watchedSpool = (spool: Spool, ...watchers: readonly Watcher[]): Spool => ({
  reserve: () => new WatchedSlot(spool.reserve(), watchers),
  close: () => spool.close(),
})

type Watcher = (event: AuditEvent) => void

class WatchedSlot implements Slot {
  readonly #slot: Slot
  readonly #watchers: readonly Watcher[]
  constructor(slot: Slot, watchers: readonly Watcher[]) {
    this.#slot = slot
    this.#watchers = watchers
  }
  async append(events: readonly AuditEvent[]): Promise<void> {
    await this.#slot.append(events)
    for (const event of events) for (const saw of this.#watchers) saw(event)
  }
  release(): void {
    this.#slot.release()
  }
}
