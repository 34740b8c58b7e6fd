/**
 * What a restriction is: a selector, an effect, a reason, an author, an expiry. One row of an append-only journal makes
 * it, another row lifts it; nothing cascades and nothing else is changed.
 */

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

/** A conjunction: every key given must match. `everything` stands alone and never reaches operators. */
export type Selector =
  | { everything: true }
  | {
      practice?: PracticeId
      practitioner?: PractitionerId
      operator?: OperatorId
      client?: ClientId
      session?: SessionId
      grant?: GrantId
    }

/**
 * `deny`: nothing. `read-only`: safe methods. `step-up`: only tokens whose `auth_time` is later than the restriction.
 * `quota`: at most `patients` patients not yet opened in the last 24 h; those already open stay readable.
 * They compose; the stricter wins in each dimension.
 */
export type Effect =
  { kind: 'deny' } | { kind: 'read-only' } | { kind: 'step-up' } | { kind: 'quota'; patients: number }

export type Author =
  | { kind: 'operator'; id: OperatorId }
  | { kind: 'practitioner'; id: PractitionerId }
  | { kind: 'rule'; rule: string }

/** A sentence for the person stopped, in both languages. */
export interface Message {
  fr: string
  en: string
}

/** What the product itself says, always in both languages; the journal's `reason` is the French. */
export const ownWords = (message: Message): { reason: string; message: Message } => ({
  reason: message.fr,
  message,
})

/** An operator's own words as written; what a rule or the product itself said, in the reader's language. */
export const reasonWords = (
  { author, message, reason }: Pick<Restriction, 'author' | 'message' | 'reason'>,
  language: keyof Message,
): string => (author.kind === 'operator' && reason !== message?.fr ? reason : (message?.[language] ?? reason))

export interface Restriction {
  id: RestrictionId
  /** Position in the journal: commit order, no gaps. */
  sequence: number
  selector: Selector
  effect: Effect
  /** Ends, for ever, selected sessions whose `session_sequence` is below `sequence`. */
  endsSessions: boolean
  /** Why, for the audit and the console. */
  reason: string
  /** What the person stopped is shown; the refusal's public text where absent. */
  message?: Message
  author: Author
  createdAt: Seconds
  /** The effect ends then. Absent: until lifted. */
  expiresAt?: Seconds
}

export interface Lift {
  sequence: number
  /** The restriction that is lifted. */
  restriction: RestrictionId
  reason: string
  author: Author
  createdAt: Seconds
}

export type JournalRow = { kind: 'restrict'; restriction: Restriction } | { kind: 'lift'; lift: Lift }

export const sequenceOf = (row: JournalRow): number =>
  row.kind === 'restrict' ? row.restriction.sequence : row.lift.sequence
