/**
 * The journal as one process sees it: follows the feed, swaps the snapshot whole, and knows how old its knowledge is.
 * Age counts by the monotonic clock from when the newest proven state was asked for, so a slow answer is not young.
 */

import type { Log } from '../core/ports.ts'
import type { Clock } from '../core/time.ts'
import type { Basis, Facts, Judgement, Tier, Verdict } from './facts.ts'
import type { JournalFeed, JournalView } from './journal.ts'
import { decide, emptySnapshot, extend, type Snapshot } from './snapshot.ts'

export interface ViewOptions {
  log: Log
  /** How often the feed is read when no notice comes; well under `freshMs`. */
  pollMs?: number
  /** Where the newest snapshot is kept for the next view; what is older never replaces it. */
  kept?: { snapshot: Snapshot }
}

const freshMs = 2_000
const staleMs = 60_000

const tierOf = (ageMs: number): Tier => (ageMs <= freshMs ? 'fresh' : ageMs <= staleMs ? 'stale' : 'cold')

export function createView(feed: JournalFeed, clock: Clock, options: ViewOptions): JournalView {
  const { kept } = options
  let snapshot = kept?.snapshot ?? emptySnapshot
  /** Absent: no state was ever read. */
  let provenAtMs: number | undefined
  const listeners = new Set<() => void>()

  async function read(): Promise<void> {
    const askedAtMs = clock.monotonicMs()
    const rows = await feed.since(snapshot.sequence)
    if (rows.length > 0) snapshot = extend(snapshot, rows, clock.now())
    if (kept && kept.snapshot.sequence < snapshot.sequence) kept.snapshot = snapshot
    provenAtMs = Math.max(askedAtMs, provenAtMs ?? askedAtMs)
    if (rows.length > 0) for (const listener of listeners) listener()
  }
  const catchUp = oneAtATime(read)

  const basis = (): Basis => {
    const ageMs =
      provenAtMs === undefined ? Number.MAX_SAFE_INTEGER : Math.round(clock.monotonicMs() - provenAtMs)
    return { sequence: snapshot.sequence, ageMs, tier: tierOf(ageMs) }
  }

  const { follow, stop } = following(feed, catchUp, options)
  return {
    decide: (facts, now) => {
      if (provenAtMs === undefined) return { allow: false, reason: 'state_unavailable', basis: basis() }
      return narrowByAge(decide(facts, snapshot, now), facts, basis())
    },
    basis,
    catchUp,
    follow,
    stop,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Cold: reading goes on for patients already open; no write, no new patient. Operators, who must mend it, are spared. */
function narrowByAge(judged: Judgement, facts: Facts, basis: Basis): Verdict {
  if (!judged.allow || basis.tier !== 'cold' || facts.operator !== undefined) return { ...judged, basis }
  if (!facts.safe) return { allow: false, reason: 'read_only', basis }
  return { allow: true, newPatients: 0, basis }
}

/**
 * A call made while another runs waits for one that begins afterwards: what was committed before the call is then seen.
 * Calls made meanwhile share that one.
 */
function oneAtATime(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let queued: Promise<void> | undefined
  const start = (): Promise<void> => {
    running = act().finally(() => (running = undefined))
    return running
  }
  return () => {
    if (!running) return start()
    queued ??= running
      .catch(() => undefined) // whoever waits for the running one hears of its failure
      .then(() => {
        queued = undefined
        return start()
      })
    return queued
  }
}

/** A failed read is logged and tried again: meanwhile the view ages, and its tier says so. */
function following(
  feed: JournalFeed,
  catchUp: () => Promise<void>,
  { log, pollMs = 1_000 }: ViewOptions,
): Pick<JournalView, 'follow' | 'stop'> {
  let timer: ReturnType<typeof setInterval> | undefined
  let stopListening: (() => Promise<void>) | undefined
  const attempt = (): void => {
    catchUp().catch((error: unknown) => log('error', 'journal not read', { error: String(error) }))
  }
  return {
    follow: async () => {
      await catchUp()
      stopListening = await feed.onNotice(attempt)
      timer = setInterval(attempt, pollMs)
    },
    stop: async () => {
      clearInterval(timer)
      await stopListening?.()
      stopListening = undefined
    },
  }
}
