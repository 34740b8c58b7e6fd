/** Before a cut: how many people who are signed in now it would touch. */

import { and, countDistinct, eq, exists, gt, isNull, lte, min, or, sql, type SQL } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { grants, memberships, sessions } from '../db/schema.ts'
import type { Selector } from './restriction.ts'

export interface Impact {
  /** People signed in now. */
  people: number
  sessions: number
}

/** Refuses nothing: a selector that selects nothing touches nobody. */
export async function impactOf(db: Db, selector: Selector, now: Seconds): Promise<Impact> {
  const [row] = await db
    .select({ people: countDistinct(sessions.holder), sessions: countDistinct(sessions.id) })
    .from(sessions)
    .where(and(...signedIn(now), ...selected(db, selector, now)))
  return { people: row?.people ?? 0, sessions: row?.sessions ?? 0 }
}

/** Who they are, by session start; at most `limit`. */
export async function touchedHolders(
  db: Db,
  selector: Selector,
  now: Seconds,
  limit: number,
): Promise<Holder[]> {
  const rows = await db
    .select({ kind: sessions.holderKind, id: sessions.holder })
    .from(sessions)
    .where(and(...signedIn(now), ...selected(db, selector, now)))
    .groupBy(sessions.holderKind, sessions.holder)
    .orderBy(min(sessions.startedAt))
    .limit(limit)
  return rows as Holder[]
}

const signedIn = (now: Seconds): SQL[] => [
  isNull(sessions.endedAt),
  gt(sessions.endsAt, now),
  sql`${sessions.lastActiveAt} + ${sessions.idleSeconds} > ${now}::bigint`,
]

function selected(db: Db, selector: Selector, now: Seconds): (SQL | undefined)[] {
  const practitioners = eq(sessions.holderKind, 'practitioner')
  if ('everything' in selector) return [practitioners]
  const { operator, practitioner, session, practice, client, grant } = selector
  if (Object.values(selector).every((id) => id === undefined)) return [sql`false`]
  return [
    operator ? and(eq(sessions.holderKind, 'operator'), eq(sessions.holder, operator)) : undefined,
    practitioner ? and(practitioners, eq(sessions.holder, practitioner)) : undefined,
    session ? eq(sessions.id, session) : undefined,
    practice
      ? exists(
          db
            .select({ id: memberships.id })
            .from(memberships)
            .where(
              and(
                practitioners,
                eq(memberships.practitioner, sql`${sessions.holder}`),
                eq(memberships.practice, practice),
                lte(memberships.startAt, now),
                or(isNull(memberships.endAt), gt(memberships.endAt, now)),
              ),
            ),
        )
      : undefined,
    client || grant
      ? exists(
          db
            .select({ id: grants.id })
            .from(grants)
            .where(
              and(
                eq(grants.session, sessions.id),
                client && eq(grants.client, client),
                grant && eq(grants.id, grant),
                isNull(grants.endedAt),
              ),
            ),
        )
      : undefined,
  ]
}
