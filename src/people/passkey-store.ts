/** Passkeys in SQL. Removed ones stay, so that their credential id is never anybody else's. */

import { and, asc, eq, isNull, lt, or, sql } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { CredentialId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { findings, passkeys } from '../db/schema.ts'
import type { Passkey } from './passkey.ts'

type Row = typeof passkeys.$inferSelect

const asPasskey = ({ holderKind, holder, lastUsedAt, publicKey, ...row }: Row): Passkey => ({
  ...row,
  holder: { kind: holderKind, id: holder } as Holder,
  publicKey: Uint8Array.from(publicKey),
  ...(lastUsedAt !== null && { lastUsedAt }),
})

const ofHolder = (holder: Holder) =>
  and(eq(passkeys.holderKind, holder.kind), eq(passkeys.holder, holder.id), isNull(passkeys.removedAt))

export async function insertPasskey(db: Db, { holder, ...row }: Passkey): Promise<void> {
  await db.insert(passkeys).values({ ...row, holderKind: holder.kind, holder: holder.id })
}

export async function findByCredential(db: Db, credential: string): Promise<Passkey | undefined> {
  const [row] = await db
    .select()
    .from(passkeys)
    .where(and(eq(passkeys.credential, credential), isNull(passkeys.removedAt)))
  return row && asPasskey(row)
}

export async function listPasskeyRows(db: Db, holder: Holder): Promise<Passkey[]> {
  const rows = await db
    .select()
    .from(passkeys)
    .where(ofHolder(holder))
    .orderBy(asc(passkeys.createdAt), asc(passkeys.id))
  return rows.map(asPasskey)
}

/**
 * Forward only (§7.2, step 22); authenticators without a counter say zero for ever. False: it went back, or two answers
 * with one counter came at once and this is the second.
 */
export async function advanceCounter(
  db: Db,
  id: CredentialId,
  counter: number,
  backedUp: boolean,
  now: Seconds,
): Promise<boolean> {
  const rows = await db
    .update(passkeys)
    .set({ counter, backedUp, lastUsedAt: now })
    .where(
      and(
        eq(passkeys.id, id),
        isNull(passkeys.removedAt),
        or(lt(passkeys.counter, counter), and(eq(passkeys.counter, 0), sql`${counter}::bigint = 0`)),
      ),
    )
    .returning({ id: passkeys.id })
  return rows.length > 0
}

/** Holds the holder's passkeys until the transaction ends, so that two removals cannot leave none. */
export async function lockPasskeys(db: Db, holder: Holder): Promise<Passkey[]> {
  return (
    await db.select().from(passkeys).where(ofHolder(holder)).orderBy(asc(passkeys.id)).for('update')
  ).map(asPasskey)
}

export async function markRemoved(db: Db, id: CredentialId, now: Seconds): Promise<void> {
  await db.update(passkeys).set({ removedAt: now }).where(eq(passkeys.id, id))
}

/** Does anybody of that kind hold a passkey? */
export async function anyPasskey(db: Db, holderKind: Holder['kind']): Promise<boolean> {
  const rows = await db
    .select({ id: passkeys.id })
    .from(passkeys)
    .where(and(eq(passkeys.holderKind, holderKind), isNull(passkeys.removedAt)))
    .limit(1)
  return rows.length > 0
}

/** False when it is not this holder's, or removed. */
export async function relabel(db: Db, holder: Holder, id: CredentialId, label: string): Promise<boolean> {
  const rows = await db
    .update(passkeys)
    .set({ label })
    .where(
      and(
        eq(passkeys.id, id),
        eq(passkeys.holderKind, holder.kind),
        eq(passkeys.holder, holder.id),
        isNull(passkeys.removedAt),
      ),
    )
    .returning({ id: passkeys.id })
  return rows.length > 0
}

const int4 = 2 ** 31 - 1

/** Counters are 32 bits unsigned; the column is signed. */
export async function insertFinding(
  db: Db,
  { holder, ...finding }: Omit<typeof findings.$inferInsert, 'practitioner'> & { holder: Holder },
): Promise<void> {
  await db.insert(findings).values({
    ...finding,
    value: Math.min(finding.value, int4),
    threshold: Math.min(finding.threshold, int4),
    ...(holder.kind === 'practitioner' && { practitioner: holder.id }),
  })
}
