/** A clock that moves when told. */

import type { Clock, Seconds } from '../../src/core/time.ts'

export interface ManualClock extends Clock {
  advance(seconds: Seconds): void
}

/** Begins on Monday 2026-11-23 08:00 UTC. */
export function manualClock(startAt: Seconds = 1_795_420_800): ManualClock {
  let elapsed = 0
  return {
    now: () => startAt + elapsed,
    monotonicMs: () => elapsed * 1000,
    advance: (seconds) => {
      elapsed += seconds
    },
  }
}
