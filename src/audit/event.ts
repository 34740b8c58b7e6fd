/**
 * Everything the product records, one union, one line each. Entries are leaves of a Merkle tree (RFC 6962 §2.1) and are
 * never changed afterwards. No secret, no query, no patient identifier: patients appear as keyed pseudonyms.
 */

import type {
  ApprovalId,
  ClientId,
  CredentialId,
  DeviceId,
  FindingId,
  GrantId,
  OperatorId,
  PracticeId,
  PractitionerId,
  RegistrationTokenId,
  RequestId,
  ResolutionId,
  RestrictionId,
  SessionId,
} from '../core/ids.ts'
import type { Reason } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Basis } from '../restrictions/facts.ts'
import type { Act } from '../tokens/claims.ts'
import type { Author, Effect, Message, Selector } from '../restrictions/restriction.ts'

export type Actor =
  | { kind: 'practitioner'; id: PractitionerId }
  | { kind: 'operator'; id: OperatorId; via?: 'console' | 'cli' | 'token' }
  | { kind: 'client'; id: ClientId }
  | { kind: 'system'; id: string }
  | { kind: 'stranger' }

export type Holder = { kind: 'practitioner'; id: PractitionerId } | { kind: 'operator'; id: OperatorId }

/** HMAC-SHA-256 of the patient reference under the epoch's key, base64url, prefixed by the epoch: `1.k3Jf…`. */
export type Pseudonym = string

/** Common to all events. */
export interface EventHead {
  at: Seconds
  /** Correlates everything one request caused; the same id is in the problem document and the log. */
  request?: RequestId
  /** Network source, truncated: IPv4 /24, IPv6 /48. */
  network?: string
  actor: Actor
}

/** What a gateway call was, repeated on each of its entries so that an entry can be read alone. */
export interface AccessHead {
  /** Absent, like session and grant, where a service called for nobody: the actor is then the client. */
  practitioner?: PractitionerId
  practice: PracticeId
  client: ClientId
  /** Where a service acted for the person (RFC 8693): who for whom, and which client the person had let in. */
  act?: Act
  grantedTo?: ClientId
  session?: SessionId
  grant?: GrantId
  jti: string
  resource: string
  route: string
  method: string
  basis: Basis
}

export type EventBody =
  // the gateway: one `served` per patient served; `answered` where nobody's data left
  | ({
      kind: 'access.served'
      patient: Pseudonym
      access: 'opened' | 'listed'
      types: Record<string, number>
      status: number
    } & AccessHead)
  | ({ kind: 'access.answered'; status: number } & AccessHead)
  | ({ kind: 'access.intent'; patient?: Pseudonym } & AccessHead)
  | ({ kind: 'access.settled'; status: number; patient?: Pseudonym } & AccessHead)
  | ({
      kind: 'access.refused'
      reason: Reason
      by?: RestrictionId
      patient?: Pseudonym
    } & Partial<AccessHead>)
  | ({ kind: 'access.cut'; by?: RestrictionId } & AccessHead)
  | { kind: 'patient.sealed'; patient: Pseudonym; epoch: number; sealed: string }
  | {
      kind: 'patient.resolved'
      patient: Pseudonym
      operators: [OperatorId, OperatorId]
      reason: string
      outcome: 'named' | 'wrong-shares' | 'unknown-patient'
    }
  | { kind: 'patient.asked'; resolution: ResolutionId; patient: Pseudonym; reason: string }
  | { kind: 'patient.declined' | 'patient.shown'; resolution: ResolutionId; patient: Pseudonym }
  // people
  | {
      kind: 'session.started'
      session: SessionId
      holder: Holder
      acr: string
      credential?: CredentialId
      device?: DeviceId
      newDevice: boolean
    }
  | { kind: 'session.stepped-up'; session: SessionId; acr: string }
  | {
      kind: 'session.ended'
      session: SessionId
      holder: Holder
      cause: 'signed-out' | 'idle' | 'expired' | 'not-me' | 'operator'
    }
  | { kind: 'signin.failed'; holder?: Holder; reason: Reason; factor: 'passkey' | 'secret-code' }
  | { kind: 'factor.locked'; holder: Holder; factor: string; until: Seconds }
  | { kind: 'enrolment.invited'; holder: Holder; purpose: string; expiresAt: Seconds }
  | { kind: 'enrolment.used'; holder: Holder; purpose: string }
  | {
      kind: 'credential.added'
      holder: Holder
      credential?: CredentialId
      factor: 'passkey' | 'secret' | 'code'
      aaguid?: string
    }
  | {
      kind: 'credential.removed'
      holder: Holder
      credential?: CredentialId
      factor: 'passkey' | 'secret' | 'code'
    }
  | { kind: 'credential.renamed'; holder: Holder; credential: CredentialId }
  | { kind: 'practice.saved'; practice: PracticeId; change: string }
  | { kind: 'practitioner.saved'; practitioner: PractitionerId; change: string }
  | {
      kind: 'membership.saved'
      practitioner: PractitionerId
      practice: PracticeId
      role: string
      startAt: Seconds
      endAt?: Seconds
    }
  | { kind: 'operator.saved'; operator: OperatorId; change: string }
  | { kind: 'client.saved'; client: ClientId; change: string }
  /** An initial access token: who registers with it stands in the log as the system `rgt_…`. */
  | { kind: 'registration-token.saved'; token: RegistrationTokenId; change: 'minted' | 'revoked' }
  | { kind: 'resource.saved'; resource: string; upstream: string }
  | { kind: 'admin-token.minted'; operator: OperatorId; expiresAt: Seconds }
  | { kind: 'admin-token.revoked'; operator: OperatorId }
  // authorization server
  | {
      kind: 'grant.made'
      grant: GrantId
      client: ClientId
      practitioner: PractitionerId
      practice: PracticeId
      session: SessionId
      scope: string
    }
  | {
      kind: 'grant.ended'
      grant: GrantId
      cause: 'code-reused' | 'refresh-reused' | 'device-code-reused' | 'revoked'
    }
  | { kind: 'consent.forgotten'; practitioner: PractitionerId; client: ClientId }
  | {
      kind: 'token.issued'
      grant: GrantId
      client: ClientId
      practitioner: PractitionerId
      jti: string
      expiresAt: Seconds
      by: 'code' | 'refresh' | 'device' | 'exchange'
      /** The `jti` of the token it was exchanged for. */
      from?: string
    }
  /** A device asked to act for whoever typed its code, and they said no (RFC 8628). */
  | { kind: 'device.denied'; client: ClientId; deviceNetwork: string }
  // telling clients who left: `attempts` counts this one; `fault` is a status or how the network failed
  | { kind: 'logout.told'; client: ClientId; session: SessionId; attempts: number }
  | { kind: 'logout.given-up'; client: ClientId; session: SessionId; attempts: number; fault: string }
  | { kind: 'logout.retried'; client?: ClientId; deliveries: number }
  | { kind: 'logout.dismissed'; client: ClientId; session: SessionId; reason: string }
  /** A client's own token (RFC 6749 §4.4). */
  | {
      kind: 'service-token.issued'
      client: ClientId
      practice: PracticeId
      jti: string
      scope: string
      expiresAt: Seconds
    }
  | { kind: 'key.created' | 'key.state'; kid: string; use: string; state: string }
  // restrictions and risk
  | {
      kind: 'restriction.made'
      restriction: RestrictionId
      sequence: number
      selector: Selector
      effect: Effect
      endsSessions: boolean
      reason: string
      /** The same for the person stopped, or the product's own reason in both languages. */
      message?: Message
      author: Author
      expiresAt?: Seconds
    }
  | {
      kind: 'restriction.lifted'
      restriction: RestrictionId
      sequence: number
      reason: string
      author: Author
    }
  | {
      kind: 'approval.requested' | 'approval.declined'
      approval: ApprovalId
      /** Which loosening act; absent in older entries, which are all lifts. */
      act?: string
      restriction?: RestrictionId
      reason?: string
    }
  | {
      kind: 'finding'
      finding: FindingId
      rule: string
      holder?: Holder
      /** Where a service, and no person, did it. */
      client?: ClientId
      practice?: PracticeId
      value: number
      threshold: number
      window: string
      action: string
      restriction?: RestrictionId
    }
  // everything else that was refused to somebody we know, and summed refusals of strangers
  | { kind: 'refused'; reason: Reason; path: string; client?: ClientId }
  | { kind: 'patients.queried'; question: string; answers: number }
  | { kind: 'server.started' | 'server.stopped'; version: string; detail?: string }

export type AuditEvent = EventHead & EventBody
export type EventKind = EventBody['kind']
