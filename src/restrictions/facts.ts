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
import type { Message } from './restriction.ts'

export interface Facts {
  practitioner?: PractitionerId
  operator?: OperatorId
  practice?: PracticeId
  client?: ClientId
  /** Beside it: the client the person let in, and those that act for them in between (RFC 8693). */
  through?: readonly ClientId[]
  session?: SessionId
  /** Journal sequence when the session (or the service's token) began: step-up and refresh never move it. */
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

/** What is said instead of yes; also the name of the refusal. */
export type StopReason = 'restricted' | 'session_ended' | 'read_only' | 'step_up_required'

/** What the snapshot says, before the age of the state is counted in. */
export type Judgement =
  | { allow: true; newPatients?: number; by?: RestrictionId; message?: Message }
  | { allow: false; reason: StopReason; by: RestrictionId; message?: Message }

/**
 * `newPatients`: how many patients not yet opened in the last 24 h may still be opened; absent: no restriction says.
 * `by` is absent where not a restriction but the age of the state narrows. `state_unavailable`: no state was ever read.
 */
export type Verdict =
  | { allow: true; basis: Basis; newPatients?: number; by?: RestrictionId; message?: Message }
  | {
      allow: false
      basis: Basis
      reason: StopReason | 'state_unavailable'
      by?: RestrictionId
      message?: Message
    }

/** The running state an enforcement point reads. The snapshot behind it is immutable and swapped whole. */
export interface RestrictionView {
  /** Pure on the current snapshot; memory only; MUST NOT be cached by the caller. */
  decide(facts: Facts, now: Seconds): Verdict
  basis(): Basis
  /** Called after each swap, for what stays open: streams ask `decide` again. Answers how to stop listening. */
  onChange(listener: () => void): () => void
}
