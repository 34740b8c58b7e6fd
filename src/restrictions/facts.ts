/** What a decision is made from, and what it says. Facts are fixed at sign-in or read from the request; no lookups. */

import type {
  ClientId,
  GrantId,
  OperatorId,
  PracticeId,
  PractitionerId,
  RestrictionId,
  SessionId,
} from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'

export interface Facts {
  practitioner?: PractitionerId
  operator?: OperatorId
  practice?: PracticeId
  client?: ClientId
  session?: SessionId
  /** Journal sequence when the session began. A session fact: step-up and refresh never move it. */
  sessionSequence?: number
  grant?: GrantId
  /** When the person last proved who they are (the token's or session's `auth_time`). */
  authTime?: Seconds
  /** True for reads. */
  safe: boolean
}

/** How fresh the enforcement point's state is (design: fresh ≤ 2 s, stale ≤ 60 s, then cold). */
export type Tier = 'fresh' | 'stale' | 'cold'

/** The basis of every decision; recorded with it. */
export interface Basis {
  sequence: number
  ageMs: number
  tier: Tier
}

export type Verdict =
  | { allow: true; basis: Basis; newPatients?: number; by?: RestrictionId }
  | {
      allow: false
      basis: Basis
      reason: 'restricted' | 'read_only' | 'step_up_required' | 'session_ended'
      by: RestrictionId
      message?: { fr: string; en: string }
    }

/** The running state an enforcement point reads. The snapshot behind it is immutable and swapped whole. */
export interface RestrictionView {
  /** Pure on the current snapshot; memory only; MUST NOT be cached by the caller. */
  decide(facts: Facts, now: Seconds): Verdict
  basis(): Basis
  /** Called after each swap, for what stays open: streams ask `decide` again. Answers how to stop listening. */
  onChange(listener: () => void): () => void
}
