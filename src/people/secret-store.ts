/** Memorised secrets and codes in SQL; and who an address belongs to. */

import { and, eq, isNull, lt } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { practitioners, secrets } from '../db/schema.ts'

export interface SecretRow {
  secretHash: string
  totpSealed: string
  lastStep: number
}

const ofHolder = (holder: Holder) => and(eq(secrets.holderKind, holder.kind), eq(secrets.holder, holder.id))

/** An enabled practitioner of that address, with their secret if they have one. */
export async function findByEmail(
  db: Db,
  email: string,
): Promise<{ id: PractitionerId; secret?: SecretRow } | undefined> {
  const [row] = await db
    .select({ id: practitioners.id, secret: secrets })
    .from(practitioners)
    .leftJoin(secrets, and(eq(secrets.holderKind, 'practitioner'), eq(secrets.holder, practitioners.id)))
    .where(and(eq(practitioners.email, email), isNull(practitioners.disabledAt)))
  return row && { id: row.id, ...(row.secret && { secret: row.secret }) }
}

export async function takeStep(db: Db, holder: Holder, step: number): Promise<boolean> {
  const rows = await db
    .update(secrets)
    .set({ lastStep: step })
    .where(and(ofHolder(holder), lt(secrets.lastStep, step)))
    .returning({ holder: secrets.holder })
  return rows.length > 0
}

export async function saveSecret(db: Db, holder: Holder, row: SecretRow, now: Seconds): Promise<void> {
  const kept = { ...row, createdAt: now }
  await db
    .insert(secrets)
    .values({ ...kept, holderKind: holder.kind, holder: holder.id })
    .onConflictDoUpdate({ target: [secrets.holderKind, secrets.holder], set: kept })
}

export async function hasSecret(db: Db, holder: Holder): Promise<boolean> {
  return (await db.select({ holder: secrets.holder }).from(secrets).where(ofHolder(holder))).length > 0
}

export async function removeSecretRow(db: Db, holder: Holder): Promise<boolean> {
  return (await db.delete(secrets).where(ofHolder(holder)).returning({ holder: secrets.holder })).length > 0
}
