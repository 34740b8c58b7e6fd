/** Challenges in SQL. */

import { and, eq, gt, lte } from 'drizzle-orm'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { challenges } from '../db/schema.ts'
import type { Binding, Ceremony } from './challenge.ts'

/** Those that nobody answered in time go with the next one. */
export async function insertChallenge(
  db: Db,
  row: Binding & { challengeHash: string; now: Seconds; expiresAt: Seconds },
): Promise<void> {
  await db.delete(challenges).where(lte(challenges.expiresAt, row.now))
  await db.insert(challenges).values({
    challengeHash: row.challengeHash,
    ceremony: row.ceremony,
    browserHash: row.browserHash,
    purpose: row.purpose,
    expiresAt: row.expiresAt,
  })
}

export async function takeChallengeRow(
  db: Db,
  wanted: { challengeHash: string; ceremony: Ceremony; browserHash: string; now: Seconds },
): Promise<Record<string, string> | undefined> {
  const [row] = await db
    .delete(challenges)
    .where(
      and(
        eq(challenges.challengeHash, wanted.challengeHash),
        eq(challenges.ceremony, wanted.ceremony),
        eq(challenges.browserHash, wanted.browserHash),
        gt(challenges.expiresAt, wanted.now),
      ),
    )
    .returning({ purpose: challenges.purpose })
  return row?.purpose
}
