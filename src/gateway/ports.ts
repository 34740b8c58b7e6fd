/**
 * What the gateway borrows. It holds no database: everything here is memory, a file, or a call over the network, lent by
 * whoever runs it (one process with the authorization server today, a process of its own later).
 */

import type { Pseudonyms } from '../audit/pseudonym.ts'
import type { Pseudonym } from '../audit/event.ts'
import type { Spool, StrangerCount } from '../audit/spool.ts'
import type { PracticeId, RestrictionId } from '../core/ids.ts'
import type { Log } from '../core/ports.ts'
import type { Clock, Seconds } from '../core/time.ts'
import type { RestrictionView } from '../restrictions/facts.ts'
import type { Message } from '../restrictions/restriction.ts'
import type { FhirResource, ResourceTable } from '../resources/resource.ts'
import type { AccessClaims, AccessTokenVerifier } from '../tokens/claims.ts'
import type { Proofs } from '../tokens/dpop.ts'
import type { Keys } from '../tokens/keys.ts'
import type { PatientMemory } from './patients.ts'

export type Access = 'opened' | 'listed'

/**
 * Distinct patients per practitioner, asked on every call, before bytes leave: memory and synchronous where one process
 * counts, a promise where what is counted is shared.
 */
export interface PatientQuotas {
  /**
   * Counts `patients` for this practitioner, in order, up to the first that is one too many; one already opened in the
   * window is always allowed and never counted twice. `newPatients`: the tighter cap a restriction sets
   * (`Verdict.newPatients`).
   */
  admit(
    claims: AccessClaims,
    patients: readonly Pseudonym[],
    access: Access,
    newPatients: number | undefined,
    now: Seconds,
  ): QuotaVerdict | Promise<QuotaVerdict>
}

export type QuotaVerdict =
  | { allow: true }
  | {
      allow: false
      reason: 'patient_quota' | 'step_up_required'
      /** The one too many. */
      patient?: Pseudonym
      by?: RestrictionId
      /** What the person stopped is told. */
      message?: Message
    }

/** How records APIs name a practice (`practices.records_name`). Undefined: no such practice, and nothing is served. */
export interface PracticeNames {
  recordsName(practice: PracticeId): string | undefined
}

export interface UpstreamCall {
  method: string
  /** Scheme, host and port: `http://127.0.0.1:9000`. */
  origin: string
  /** Path and query, as sent. */
  path: string
  /** Name, value, name, value…; names in lower case. */
  headers: string[]
  /** Whole body, when the gateway read it. */
  body?: Uint8Array
}

export interface UpstreamAnswer {
  status: number
  /** Names in lower case. A name given twice is joined with `, `. */
  headers: Record<string, string | undefined>
  body: Uint8Array
}

/** Whole answers, for what is inspected. Streams are the adapter's own business. */
export interface Forwarder {
  /**
   * Follows no redirect and decodes nothing. Refuses `upstream_unreachable`, `upstream_timeout`, and
   * `answer_uninspectable` when the body is longer than `limit` bytes. Ends early when `signal` aborts.
   */
  call(call: UpstreamCall, limit: number, signal?: AbortSignal): Promise<UpstreamAnswer>
}

export interface GatewayServices {
  /** Origin under which resources are reached; also the issuer of tokens and assertions. */
  issuer: string
  trustedProxies: readonly string[]
  clock: Clock
  log: Log
  tokens: AccessTokenVerifier
  /** Of this place alone: its nonces, and what was shown to it. */
  proofs: Proofs
  keys: Pick<Keys, 'sign' | 'jwks'>
  restrictions: RestrictionView
  quotas: PatientQuotas
  practiceNames: PracticeNames
  pseudonyms: Pseudonyms
  spool: Spool
  strangers: StrangerCount
  resources: ResourceTable
  forwarder: Forwarder
  /** SMART App Launch 2.2: what the authorization server says of itself, for this resource. */
  smartConfiguration: (resource: FhirResource) => Record<string, unknown>
  /** Where what look-ups said outlives the gateway that asked (Workers); its own otherwise. */
  patientMemory?: PatientMemory
}
