/** Pushed authorization requests in SQL: stored under hashes, taken in one statement. */

import { and, eq, gt, isNull } from 'drizzle-orm'
import type { ClientId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { pushedRequests } from '../db/schema.ts'
import type { Fields } from './fields.ts'

export async function insertPushedRequest(
  db: Db,
  request: { requestHash: string; client: ClientId; parameters: Record<string, string>; expiresAt: Seconds },
): Promise<void> {
  await db.insert(pushedRequests).values(request)
}

/** Of parallel takers exactly one is answered: the others wait for its row and find it taken. */
export async function takePushedRequest(
  db: Db,
  requestHash: string,
  client: ClientId,
  now: Seconds,
): Promise<Fields | undefined> {
  const [row] = await db
    .update(pushedRequests)
    .set({ takenAt: now })
    .where(
      and(
        eq(pushedRequests.requestHash, requestHash),
        eq(pushedRequests.client, client),
        isNull(pushedRequests.takenAt),
        gt(pushedRequests.expiresAt, now),
      ),
    )
    .returning({ parameters: pushedRequests.parameters })
  return row?.parameters
}
