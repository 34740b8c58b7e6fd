/** The patients one practitioner met in the last 24 h, exactly. Kept in order of the last meeting, so forgetting is cheap. */

import { days, type Seconds } from '../core/time.ts'
import type { Pseudonym } from '../audit/event.ts'

const rememberSeconds = days(1)

export interface PatientSet {
  has(patient: Pseudonym): boolean
  lastAt(patient: Pseudonym): Seconds | undefined
  size(): number
  meet(patient: Pseudonym, now: Seconds): void
  forget(now: Seconds): void
  /** Met within the window and for the first time after `since`. A whole day counts all it remembers. */
  newSince(windowSeconds: Seconds, since: Seconds, now: Seconds): number
  /** In order of the last meeting: what `createPatientSet` takes back. */
  entries(): PatientMet[]
}

/** Patient, first and last time met. */
export type PatientMet = readonly [Pseudonym, firstAt: Seconds, lastAt: Seconds]

export function createPatientSet(kept: Iterable<PatientMet> = []): PatientSet {
  const met = new Map<Pseudonym, { firstAt: Seconds; lastAt: Seconds }>()
  for (const [patient, firstAt, lastAt] of kept) met.set(patient, { firstAt, lastAt })
  return {
    has: (patient) => met.has(patient),
    lastAt: (patient) => met.get(patient)?.lastAt,
    size: () => met.size,
    meet: (patient, now) => {
      const firstAt = met.get(patient)?.firstAt ?? now
      met.delete(patient)
      met.set(patient, { firstAt, lastAt: now })
    },
    forget: (now) => {
      for (const [patient, { lastAt }] of met) {
        if (lastAt > now - rememberSeconds) break
        met.delete(patient)
      }
    },
    newSince: (windowSeconds, since, now) => {
      const from = Math.max(since, windowSeconds >= rememberSeconds ? -Infinity : now - windowSeconds)
      let count = 0
      for (const { firstAt } of met.values()) if (firstAt > from) count++
      return count
    },
    entries: () => [...met].map(([patient, { firstAt, lastAt }]) => [patient, firstAt, lastAt]),
  }
}
