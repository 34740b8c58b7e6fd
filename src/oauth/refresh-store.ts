/** Refresh tokens in SQL: rotated at each use, kept spent so that a second use is known as one (RFC 9700 §4.14.2). */

import { and, eq, gt, inArray, isNull } from 'drizzle-orm'
import type { ClientId, GrantId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { grants, refreshTokens } from '../db/schema.ts'

export async function insertRefreshToken(
  db: Db,
  token: { tokenHash: string; grant: GrantId; issuedAt: Seconds; expiresAt: Seconds },
): Promise<void> {
  await db.insert(refreshTokens).values(token)
}

/** Of parallel takers exactly one is answered. Another client's token is not touched. */
export async function takeRefreshToken(
  db: Db,
  tokenHash: string,
  client: ClientId,
  now: Seconds,
): Promise<GrantId | undefined> {
  const ofClient = db.select({ id: grants.id }).from(grants).where(eq(grants.client, client))
  const [row] = await db
    .update(refreshTokens)
    .set({ takenAt: now })
    .where(
      and(
        eq(refreshTokens.tokenHash, tokenHash),
        isNull(refreshTokens.takenAt),
        gt(refreshTokens.expiresAt, now),
        inArray(refreshTokens.grant, ofClient),
      ),
    )
    .returning({ grant: refreshTokens.grant })
  return row?.grant
}

/** Found, not taken: it stays good, because nobody without its key can use it. */
export async function findGoodRefreshToken(
  db: Db,
  tokenHash: string,
  client: ClientId,
  now: Seconds,
): Promise<GrantId | undefined> {
  const found = await findRefreshToken(db, tokenHash)
  const good = found?.client === client && found.takenAt === null && found.expiresAt > now
  return good ? found.grant : undefined
}

/** As it stands, with the client it was given to. */
export async function findRefreshToken(
  db: Db,
  tokenHash: string,
): Promise<
  | { grant: GrantId; client: ClientId; issuedAt: Seconds; expiresAt: Seconds; takenAt: Seconds | null }
  | undefined
> {
  const { grant, issuedAt, expiresAt, takenAt } = refreshTokens
  const [row] = await db
    .select({ grant, client: grants.client, issuedAt, expiresAt, takenAt })
    .from(refreshTokens)
    .innerJoin(grants, eq(grants.id, refreshTokens.grant))
    .where(eq(refreshTokens.tokenHash, tokenHash))
  return row
}

/** The grant of a refresh token that was taken before. */
export async function findSpentRefreshToken(db: Db, tokenHash: string): Promise<GrantId | undefined> {
  const [row] = await db.select().from(refreshTokens).where(eq(refreshTokens.tokenHash, tokenHash))
  return row && row.takenAt !== null ? row.grant : undefined
}
