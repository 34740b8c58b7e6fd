/**
 * Naming a patient, in two acts: an operator asks, with a reason and one share; another, with a passkey's touch and the
 * other share, opens. Only who asked is shown the answer, once. All of it is recorded; the rows are gone when it is over.
 */

import { and, desc, eq, gt, isNotNull, isNull, lte, ne } from 'drizzle-orm'
import type { EventHead, Pseudonym } from '../audit/event.ts'
import { resolvePatient, type Resolved } from '../audit/resolve.ts'
import { record } from '../audit/store.ts'
import { text, utf8 } from '../core/bytes.ts'
import { mintId, type OperatorId, type ResolutionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import { hours, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { resolutions } from '../db/schema.ts'
import { requireActing } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import type { ProvenOperator } from './fresh-passkey.ts'

export interface Resolution {
  id: ResolutionId
  patient: Pseudonym
  reason: string
  askedBy: OperatorId
  createdAt: Seconds
  expiresAt: Seconds
  state: 'open' | 'answered'
}

const lifetimeSeconds = hours(1)
const r = resolutions
const context = (id: ResolutionId) => `resolution.${id}`

/** One share alone says nothing; it waits sealed, an hour at most. Refuses `restricted` and `read_only`. */
export async function askForPatient(
  needs: Services,
  asked: { patient: Pseudonym; reason: string; share: string },
  operator: OperatorId,
  head: EventHead,
): Promise<ResolutionId> {
  const now = needs.clock.now()
  requireActing(needs, { kind: 'operator', id: operator }, now)
  const id = mintId('resolution')
  const { patient, reason, share } = asked
  const sealed = await seal(needs.keyEncryptionKey, utf8(share.trim()), context(id))
  await needs.db.transaction(async (tx) => {
    await tx.delete(r).where(lte(r.expiresAt, now))
    await tx.insert(r).values({
      id,
      patient,
      reason,
      askedBy: operator,
      sealed,
      createdAt: now,
      expiresAt: now + lifetimeSeconds,
    })
    await record(tx, { ...head, kind: 'patient.asked', resolution: id, patient, reason })
  })
  return id
}

/** Those that wait, newest first, 50 at most. */
export async function listResolutions(db: Db, now: Seconds): Promise<Resolution[]> {
  const rows = await db
    .select()
    .from(r)
    .where(gt(r.expiresAt, now))
    .orderBy(desc(r.createdAt), desc(r.id))
    .limit(50)
  return rows.map(asResolution)
}

const asResolution = (row: typeof r.$inferSelect): Resolution => ({
  id: row.id,
  patient: row.patient,
  reason: row.reason,
  askedBy: row.askedBy,
  createdAt: row.createdAt,
  expiresAt: row.expiresAt,
  state: row.decidedBy === null ? 'open' : 'answered',
})

/** Opens with both shares, and keeps the answer for who asked. Refuses `not_found` (also to who asked) and as above. */
export async function openForAsker(
  needs: Services,
  id: ResolutionId,
  share: string,
  operator: ProvenOperator,
  head: EventHead,
): Promise<Resolved['outcome']> {
  const now = needs.clock.now()
  requireActing(needs, { kind: 'operator', id: operator }, now)
  const [taken] = await needs.db
    .update(r)
    .set({ decidedBy: operator })
    .where(and(eq(r.id, id), isNull(r.decidedBy), gt(r.expiresAt, now), ne(r.askedBy, operator)))
    .returning()
  if (!taken) throw new Refusal('not_found', { resolution: id })
  const first = text(await unseal(needs.keyEncryptionKey, taken.sealed, context(id)))
  const { patient, reason, askedBy } = taken
  const holders = [
    { operator: askedBy, share: first },
    { operator, share: share.trim() },
  ] as const
  try {
    const resolved = await resolvePatient(needs, { patient, reason, holders }, head)
    const answer = await seal(needs.keyEncryptionKey, utf8(JSON.stringify(resolved)), context(id))
    await needs.db.update(r).set({ sealed: '', answered: answer }).where(eq(r.id, id))
    return resolved.outcome
  } catch (error) {
    // What could not be done now can be tried again, or declined.
    await needs.db.update(r).set({ decidedBy: null }).where(eq(r.id, id))
    throw error
  }
}

/** Nobody is named. Whoever asked may take it back so. Refuses `not_found`. */
export async function dropResolution(
  needs: Services,
  id: ResolutionId,
  operator: OperatorId,
  head: EventHead,
): Promise<void> {
  requireActing(needs, { kind: 'operator', id: operator }, needs.clock.now())
  await needs.db.transaction(async (tx) => {
    const [gone] = await tx
      .delete(r)
      .where(and(eq(r.id, id), isNull(r.decidedBy)))
      .returning()
    if (!gone) throw new Refusal('not_found', { resolution: id })
    await record(tx, { ...head, kind: 'patient.declined', resolution: id, patient: gone.patient })
  })
}

/** Once, and to who asked: reading it takes it away. Refuses `not_found`. */
export async function takeAnswer(
  needs: Services,
  id: ResolutionId,
  operator: ProvenOperator,
  head: EventHead,
): Promise<Resolved & { patient: Pseudonym }> {
  const now = needs.clock.now()
  requireActing(needs, { kind: 'operator', id: operator }, now)
  return needs.db.transaction(async (tx) => {
    const [gone] = await tx
      .delete(r)
      .where(and(eq(r.id, id), eq(r.askedBy, operator), isNotNull(r.answered), gt(r.expiresAt, now)))
      .returning()
    if (!gone) throw new Refusal('not_found', { resolution: id })
    await record(tx, { ...head, kind: 'patient.shown', resolution: id, patient: gone.patient })
    const opened = text(await unseal(needs.keyEncryptionKey, gone.answered ?? '', context(id)))
    return { ...(JSON.parse(opened) as Resolved), patient: gone.patient }
  })
}
