/** What may be shown once, over all nodes of the server: one row each, one statement to take it. */

import { takenOnce } from '../db/schema.ts'
import type { Db } from '../db/db.ts'
import type { Seconds } from '../core/time.ts'

/** Of parallel takers exactly one is answered true. It stands at once: whatever follows, it was shown. */
export async function takeOnce(
  db: Db,
  kind: (typeof takenOnce.$inferSelect)['kind'],
  hash: string,
  expiresAt: Seconds,
): Promise<boolean> {
  const rows = await db
    .insert(takenOnce)
    .values({ kind, hash, expiresAt })
    .onConflictDoNothing()
    .returning({ hash: takenOnce.hash })
  return rows.length > 0
}
