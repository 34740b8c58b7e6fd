/**
 * When guessing at secret and code stops (domain.md §4, protocols.md §5). Pure. Failures count per source: what a stranger
 * spends, he spends for himself. A passkey is never locked, because it cannot be guessed.
 */

import type { DeviceId } from '../core/ids.ts'
import { days, minutes, type Seconds } from '../core/time.ts'

/** A known device speaks for itself; every other browser is its network. */
export type Source = { kind: 'device'; id: DeviceId } | { kind: 'network'; network: string }

export const sourceName = (source: Source): string =>
  source.kind === 'device' ? `device:${source.id}` : `network:${source.network}`

export const lockoutLimits = {
  /** Failures from one source, and for how long they count. */
  perSource: 5,
  windowSeconds: minutes(15),
  lockSeconds: minutes(15),
  /** What all unknown devices share, per person and day. */
  unknownPerDay: 20,
  daySeconds: days(1),
  /** NIST SP 800-63B-4 §3.2.2: consecutive failures; counted apart for known and unknown devices. */
  inARow: 100,
} as const

/** What is known about a person's failures when somebody tries again; running attempts count as failures. */
export interface Tally {
  lockedUntil?: Seconds
  fromSource: number
  unknownToday: number
  /** Since the last sign-in that succeeded, from this kind of source. */
  inARow: number
}

export type AttemptVerdict =
  | { allow: true }
  | { allow: false; why: 'locked'; until: Seconds }
  | { allow: false; why: 'unknown-devices-spent' | 'in-a-row' }

export function decideAttempt(source: Source, tally: Tally, now: Seconds): AttemptVerdict {
  if (tally.lockedUntil !== undefined && tally.lockedUntil > now)
    return { allow: false, why: 'locked', until: tally.lockedUntil }
  if (tally.fromSource >= lockoutLimits.perSource)
    return { allow: false, why: 'locked', until: now + lockoutLimits.lockSeconds }
  if (tally.inARow >= lockoutLimits.inARow) return { allow: false, why: 'in-a-row' }
  if (source.kind === 'network' && tally.unknownToday >= lockoutLimits.unknownPerDay)
    return { allow: false, why: 'unknown-devices-spent' }
  return { allow: true }
}
