/**
 * What an isolate keeps from one request to the next: facts that do not change, and copies that each request proves
 * before it uses them. Nothing here holds a connection, which belongs to one request; nothing here says yes by itself.
 */

import type { Pseudonyms } from '../audit/pseudonym.ts'
import type { KnownKeys } from '../clients/keys-at-address.ts'
import type { SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import { createPatientMemory, type PatientMemory } from '../gateway/patients.ts'
import { emptySnapshot, type Snapshot } from '../restrictions/snapshot.ts'
import type { Tries } from '../risk/elsewhere.ts'
import type { Subject } from '../tokens/claims.ts'
import type { SharedQuotaPorts } from '../risk/shared-quotas.ts'
import type { KeyRing } from '../tokens/key-ring.ts'
import { createProofKeys, type ProofKeys } from '../tokens/proof-key.ts'
import { webSignatures } from '../tokens/web-signatures.ts'
import type { KnownPractices } from './practice-book.ts'
import { primitives } from './primitives.ts'

export interface Isolate {
  /** The settings it was made for: the platform may change them and keep the isolate. */
  settings: string
  /** Used only while the rows of the database say the same: asked on each request. */
  ring: KeyRing | undefined
  /** Of clients that keep their keys at an address: no more than one question a minute, whoever asks. */
  clientKeys: Map<string, KnownKeys>
  /** Clients' public keys, opened: whether one may do something is asked each time. */
  proofKeys: ProofKeys
  /** The newest seen: each request reads what came after it. */
  journal: { snapshot: Snapshot }
  /** A practice's name at the records API never changes. */
  practices: KnownPractices
  /** The keys behind them never change; who is sealed stays sealed. */
  pseudonyms: Pseudonyms | undefined
  /** Whose patient one is, for a minute, as everywhere. */
  patients: PatientMemory
  quotas: SharedQuotaPorts['seen']
  touched: Map<SessionId, Seconds>
  elsewhere: Map<SessionId, Tries>
}

const freshIsolate = (settings: string): Isolate => ({
  settings,
  ring: undefined,
  clientKeys: new Map(),
  proofKeys: createProofKeys(primitives, webSignatures),
  journal: { snapshot: emptySnapshot },
  practices: new Map(),
  pseudonyms: undefined,
  patients: createPatientMemory(),
  quotas: new Map<Subject, never>(),
  touched: new Map(),
  elsewhere: new Map(),
})

let kept: Isolate | undefined

export function isolateFor(settings: string): Isolate {
  if (kept?.settings !== settings) kept = freshIsolate(settings)
  return kept
}
