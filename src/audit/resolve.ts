/**
 * From a pseudonym back to the patient. It takes two operators, each with one of the two shares, and leaves an entry
 * that is committed before anything is told, whatever comes of it.
 */

import { compactDecrypt, importJWK } from 'jose'
import { text } from '../core/bytes.ts'
import type { OperatorId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import type { Db } from '../db/db.ts'
import type { EventHead, Pseudonym } from './event.ts'
import type { SealedReference } from './pseudonym.ts'
import { findSeal, openSealingKey } from './pseudonym-store.ts'
import { record } from './store.ts'

export interface Resolution {
  patient: Pseudonym
  /** Why, for the audit. */
  reason: string
  /** Two different operators, each proven by whoever calls, with the share each holds. */
  holders: readonly [{ operator: OperatorId; share: string }, { operator: OperatorId; share: string }]
}

export type Resolved =
  { outcome: 'named'; reference: string } | { outcome: 'wrong-shares' } | { outcome: 'unknown-patient' }

/** Refuses `operator_required` when both are the same person. */
export async function resolvePatient(
  holder: { db: Db; keyEncryptionKey: KeyEncryptionKey },
  { patient, reason, holders: [one, other] }: Resolution,
  head: EventHead,
): Promise<Resolved> {
  if (one.operator === other.operator) throw new Refusal('operator_required', { needs: 'two operators' })
  const sealed = await findSeal(holder.db, patient)
  const resolved: Resolved =
    sealed === undefined
      ? { outcome: 'unknown-patient' }
      : await openSeal(holder, patient, sealed, [one.share, other.share])
  const operators: [OperatorId, OperatorId] = [one.operator, other.operator]
  await record(holder.db, {
    ...head,
    kind: 'patient.resolved',
    patient,
    operators,
    reason,
    outcome: resolved.outcome,
  })
  return resolved
}

async function openSeal(
  holder: { db: Db; keyEncryptionKey: KeyEncryptionKey },
  patient: Pseudonym,
  sealed: string,
  shares: readonly [string, string],
): Promise<Resolved> {
  const privateKey = await openSealingKey(holder, shares)
  if (!privateKey) return { outcome: 'wrong-shares' }
  const { plaintext } = await compactDecrypt(sealed, await importJWK(privateKey, 'ECDH-ES'))
  const opened = JSON.parse(text(plaintext)) as SealedReference
  // A seal that was moved to another pseudonym names somebody else.
  return opened.patient === patient
    ? { outcome: 'named', reference: opened.reference }
    : { outcome: 'unknown-patient' }
}
