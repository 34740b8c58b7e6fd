/** Restrictions as people look at them: each with its lift, if there is one, and how it stands. */

import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm'
import type { RestrictionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { restrictionJournal } from '../db/schema.ts'
import type { JournalRow, Lift, Restriction } from './restriction.ts'

export interface ListedRestriction {
  restriction: Restriction
  lift?: Lift
  state: 'active' | 'lifted' | 'expired'
}

export interface RestrictionQuestion {
  now: Seconds
  state?: 'active' | 'all'
  /** Below that sequence, for the next page. */
  before?: number
  limit?: number
  /** Without what people ended of their own: their sign-outs would crowd out what the desk must see. */
  withoutOwn?: boolean
}

/** Newest first; the active ones, at most 100, unless told. */
export async function listRestrictions(
  db: Db,
  { now, state = 'active', before = Number.MAX_SAFE_INTEGER, limit = 100, withoutOwn }: RestrictionQuestion,
): Promise<ListedRestriction[]> {
  const journal = restrictionJournal
  const expiry = sql`(${journal.row} #>> '{restriction,expiresAt}')::bigint`
  const stillActive = sql`not exists (select from ${journal} later where later.restriction = ${journal.restriction}
    and later.row ->> 'kind' = 'lift') and (${expiry} is null or ${expiry} > ${now}::bigint)`
  const made = await db
    .select({ row: journal.row })
    .from(journal)
    .where(
      and(
        sql`${journal.row} ->> 'kind' = 'restrict'`,
        lt(journal.sequence, before),
        state === 'active' ? stillActive : undefined,
        withoutOwn ? sql`${journal.row} #>> '{restriction,author,kind}' <> 'practitioner'` : undefined,
      ),
    )
    .orderBy(desc(journal.sequence))
    .limit(limit)
  return withLifts(
    db,
    made.map(({ row }) => row),
    now,
  )
}

export async function findRestriction(
  db: Db,
  id: RestrictionId,
  now: Seconds,
): Promise<ListedRestriction | undefined> {
  const rows = await db
    .select({ row: restrictionJournal.row })
    .from(restrictionJournal)
    .where(eq(restrictionJournal.restriction, id))
  return listed(
    rows.map(({ row }) => row),
    now,
  )[0]
}

/** Refuses `restriction_not_active`: unknown, lifted, or expired. */
export async function requireActive(db: Db, id: RestrictionId, now: Seconds): Promise<Restriction> {
  const found = await findRestriction(db, id, now)
  if (found?.state !== 'active')
    throw new Refusal('restriction_not_active', { state: found?.state ?? 'unknown' })
  return found.restriction
}

async function withLifts(db: Db, made: JournalRow[], now: Seconds): Promise<ListedRestriction[]> {
  const ids = made.flatMap((row) => (row.kind === 'restrict' ? [row.restriction.id] : []))
  if (ids.length === 0) return []
  const lifts = await db
    .select({ row: restrictionJournal.row })
    .from(restrictionJournal)
    .where(
      and(inArray(restrictionJournal.restriction, ids), sql`${restrictionJournal.row} ->> 'kind' = 'lift'`),
    )
  return listed([...made, ...lifts.map(({ row }) => row)], now)
}

function listed(rows: JournalRow[], now: Seconds): ListedRestriction[] {
  const lifts = new Map(
    rows.flatMap((row) => (row.kind === 'lift' ? [[row.lift.restriction, row.lift]] : [])),
  )
  return rows.flatMap((row) => {
    if (row.kind !== 'restrict') return []
    const { restriction } = row
    const lift = lifts.get(restriction.id)
    const over = restriction.expiresAt !== undefined && restriction.expiresAt <= now
    return [{ restriction, ...(lift && { lift }), state: lift ? 'lifted' : over ? 'expired' : 'active' }]
  })
}
