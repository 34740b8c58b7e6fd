/** Which authorization requests have been answered. */

import { eq } from 'drizzle-orm'
import type { Db } from '../db/db.ts'
import { answeredRequests } from '../db/schema.ts'
import type { Interaction } from './interaction.ts'

/** Of two answers to one request one counts. False for the other. */
export async function takeInteraction(
  db: Db,
  { idHash, expiresAt }: Pick<Interaction, 'idHash' | 'expiresAt'>,
): Promise<boolean> {
  const rows = await db
    .insert(answeredRequests)
    .values({ idHash, expiresAt })
    .onConflictDoNothing()
    .returning({ idHash: answeredRequests.idHash })
  return rows.length > 0
}

export async function isAnswered(db: Db, idHash: string): Promise<boolean> {
  const rows = await db
    .select({ idHash: answeredRequests.idHash })
    .from(answeredRequests)
    .where(eq(answeredRequests.idHash, idHash))
  return rows.length > 0
}
