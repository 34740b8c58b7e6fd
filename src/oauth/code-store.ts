/** Authorization codes in SQL: stored as hashes, taken in one statement, kept spent so that a second use is known as one. */

import { and, eq, gt, isNull } from 'drizzle-orm'
import type { ClientId, GrantId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { authorizationCodes } from '../db/schema.ts'

export interface CodeBinding {
  grant: GrantId
  client: ClientId
  redirectUri: string
  /** Empty: none was given. */
  codeChallenge: string
  /** RFC 9449 §10: whoever redeems it proves this key. */
  jkt: string | null
}

export async function insertCode(
  db: Db,
  code: CodeBinding & { codeHash: string; expiresAt: Seconds },
): Promise<void> {
  await db.insert(authorizationCodes).values(code)
}

/** Of parallel takers exactly one is answered: the others wait for its row and find it taken. */
export async function takeCode(
  db: Db,
  codeHash: string,
  client: ClientId,
  now: Seconds,
): Promise<CodeBinding | undefined> {
  const [row] = await db
    .update(authorizationCodes)
    .set({ takenAt: now })
    .where(
      and(
        eq(authorizationCodes.codeHash, codeHash),
        eq(authorizationCodes.client, client),
        isNull(authorizationCodes.takenAt),
        gt(authorizationCodes.expiresAt, now),
      ),
    )
    .returning()
  return row
}

/** The grant of a code that was taken before. */
export async function findSpentCode(db: Db, codeHash: string): Promise<GrantId | undefined> {
  const [row] = await db.select().from(authorizationCodes).where(eq(authorizationCodes.codeHash, codeHash))
  return row && row.takenAt !== null ? row.grant : undefined
}
