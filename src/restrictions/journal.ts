/** How an enforcement point follows the journal. A notice only shortens the wait; `since` is what makes it correct. */

import type { RestrictionView } from './facts.ts'
import type { JournalRow } from './restriction.ts'

/** One suite (`test/suites/journal-feed`) runs on every adapter. */
export interface JournalFeed {
  /** Rows above `sequence`, in order, without gaps. */
  since(sequence: number): Promise<JournalRow[]>
  /** MAY be late, repeated or lost. */
  onNotice(listener: () => void): Promise<() => Promise<void>>
}

/** The view of one process, with its way to catch up. */
export interface JournalView extends RestrictionView {
  /** Reads the feed once and swaps the snapshot. After it resolves, no request begun later is let through against it. */
  catchUp(): Promise<void>
  /** Follows notices and polls every second until `stop`. */
  follow(): Promise<void>
  stop(): Promise<void>
}
