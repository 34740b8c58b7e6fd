/** Memberships in SQL. */

import { and, asc, eq, gt, isNull, lte, or, sql } from 'drizzle-orm'
import type { MembershipId, PracticeId, PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { memberships, practices, practitioners } from '../db/schema.ts'
import type { Membership, OpenMembership } from './memberships.ts'

type Row = typeof memberships.$inferSelect

const asMembership = ({ endAt, ...row }: Row): Membership => ({ ...row, ...(endAt !== null && { endAt }) })

export async function insertMembership(db: Db, membership: Membership): Promise<void> {
  await db.insert(memberships).values(membership)
}

export async function endMembershipRow(
  db: Db,
  id: MembershipId,
  endAt: Seconds,
): Promise<Membership | undefined> {
  const [row] = await db
    .update(memberships)
    .set({ endAt: sql`least(coalesce(${memberships.endAt}, ${endAt}::bigint), ${endAt}::bigint)` })
    .where(eq(memberships.id, id))
    .returning()
  return row && asMembership(row)
}

export async function openMembershipRows(
  db: Db,
  practitioner: PractitionerId,
  now: Seconds,
): Promise<OpenMembership[]> {
  const rows = await db
    .select({
      membership: memberships,
      practiceName: practices.name,
      recordsName: practices.recordsName,
      secretSignIn: practices.secretSignIn,
    })
    .from(memberships)
    .innerJoin(practices, eq(practices.id, memberships.practice))
    .innerJoin(practitioners, eq(practitioners.id, memberships.practitioner))
    .where(
      and(
        eq(memberships.practitioner, practitioner),
        isNull(practitioners.disabledAt),
        lte(memberships.startAt, now),
        or(isNull(memberships.endAt), gt(memberships.endAt, now)),
      ),
    )
    .orderBy(asc(practices.name), asc(memberships.startAt), asc(memberships.id))
  return rows.map(({ membership, ...practice }) => ({ ...asMembership(membership), ...practice }))
}

export async function listMembershipRows(
  db: Db,
  of: { practitioner?: PractitionerId; practice?: PracticeId },
): Promise<Membership[]> {
  const rows = await db
    .select()
    .from(memberships)
    .where(
      and(
        of.practitioner && eq(memberships.practitioner, of.practitioner),
        of.practice && eq(memberships.practice, of.practice),
      ),
    )
    .orderBy(asc(memberships.startAt), asc(memberships.id))
  return rows.map(asMembership)
}
