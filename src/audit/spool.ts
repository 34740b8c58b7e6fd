/**
 * The port through which an enforcement point records before it answers. Contract (design, audit):
 * nothing is answered that is not recorded; a full or failing log refuses with `audit_unavailable` (503).
 */

import type { Reason } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { AuditEvent } from './event.ts'

/** A reserved place. MUST be settled or released exactly once. */
export interface Slot {
  /**
   * Resolves when every event is durable (fdatasync or committed); only then may the first byte of a patient's resource
   * leave. May be called more than once with further events (an intent, then its settlement); `release` ends it.
   * Rejects with Refusal `audit_unavailable`.
   */
  append(events: readonly AuditEvent[]): Promise<void>
  release(): void
}

export interface Spool {
  /** Refuses `audit_unavailable` when the log is full, failing or closed. Synchronous: it is on the hot path. */
  reserve(): Slot
  /** Flushes, signs a last checkpoint, releases the file. */
  close(): Promise<void>
}

/** What a shipper reads of a spool that keeps its own log. */
export interface SpoolSource {
  /** The log's name: `gateway-<node>.<four characters>`, new whenever the spool began on an empty disk. */
  readonly log: string
  /** How many entries are durable. */
  size(): number
  /**
   * Durable lines in order: entries from position `first` on, at most `limit` of them, each with the checkpoints that
   * follow it. Also checkpoints of size `first`, which may have been read before. Throws when `first` is no longer kept.
   */
  read(first: number, limit: number): Promise<string[]>
  /** Entries below are durable elsewhere: what is old enough may go. */
  release(below: number): Promise<void>
}

/** Where an enforcement point counts refusals of people nobody knows. Memory only and bounded; written out in sums. */
export interface StrangerCount {
  /** `source`: the truncated network, never an address. */
  count(source: string, reason: Reason, at: Seconds): void
}
