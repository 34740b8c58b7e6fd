/** Enrolments in SQL. */

import { and, eq, gt, isNull } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { enrolments } from '../db/schema.ts'
import type { Enrolment } from './enrolment.ts'

export async function insertEnrolment(
  db: Db,
  { holder, ...row }: Enrolment & { createdAt: Seconds },
): Promise<void> {
  await db.insert(enrolments).values({ ...row, holderKind: holder.kind, holder: holder.id })
}

/** Earlier links of the holder expire now. */
export async function voidEnrolments(db: Db, holder: Holder, now: Seconds): Promise<void> {
  await db
    .update(enrolments)
    .set({ expiresAt: now })
    .where(
      and(
        eq(enrolments.holderKind, holder.kind),
        eq(enrolments.holder, holder.id),
        isNull(enrolments.takenAt),
        gt(enrolments.expiresAt, now),
      ),
    )
}

export async function findEnrolmentRow(
  db: Db,
  linkHash: string,
): Promise<(Enrolment & { takenAt?: Seconds }) | undefined> {
  const [row] = await db.select().from(enrolments).where(eq(enrolments.linkHash, linkHash))
  return (
    row && {
      linkHash,
      holder: { kind: row.holderKind, id: row.holder } as Holder,
      purpose: row.purpose,
      expiresAt: row.expiresAt,
      ...(row.takenAt !== null && { takenAt: row.takenAt }),
    }
  )
}

export async function takeEnrolmentRow(db: Db, linkHash: string, now: Seconds): Promise<boolean> {
  const rows = await db
    .update(enrolments)
    .set({ takenAt: now })
    .where(and(eq(enrolments.linkHash, linkHash), isNull(enrolments.takenAt), gt(enrolments.expiresAt, now)))
    .returning({ linkHash: enrolments.linkHash })
  return rows.length > 0
}
