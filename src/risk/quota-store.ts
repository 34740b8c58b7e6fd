/** What the caps count of a practitioner, as a row: read with its version, and swapped only for the version that was read. */

import { and, eq } from 'drizzle-orm'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { quotaStates } from '../db/schema.ts'
import type { Subject } from '../tokens/claims.ts'
import { findQuotaHistory } from './finding-store.ts'
import type { QuotaKeeping, QuotaState } from './shared-quotas.ts'

export const quotaKeeping = (db: Db): QuotaKeeping => ({
  find: (practitioner) => findQuotaState(db, practitioner),
  swap: (practitioner, version, state, now) => swapQuotaState(db, practitioner, version, state, now),
  history: (practitioner, now) => findQuotaHistory(db, practitioner, now),
})

async function findQuotaState(
  db: Db,
  practitioner: Subject,
): Promise<{ version: number; state: QuotaState } | undefined> {
  const [row] = await db
    .select({ version: quotaStates.version, state: quotaStates.state })
    .from(quotaStates)
    .where(eq(quotaStates.practitioner, practitioner))
  return row
}

/** One statement either way, so that of two who read the same version one is told false. Version 0: there was no row. */
async function swapQuotaState(
  db: Db,
  practitioner: Subject,
  version: number,
  state: QuotaState,
  now: Seconds,
): Promise<boolean> {
  const next = { version: version + 1, state, savedAt: now }
  const swapped =
    version === 0
      ? await db
          .insert(quotaStates)
          .values({ practitioner, ...next })
          .onConflictDoNothing()
          .returning({ version: quotaStates.version })
      : await db
          .update(quotaStates)
          .set(next)
          .where(and(eq(quotaStates.practitioner, practitioner), eq(quotaStates.version, version)))
          .returning({ version: quotaStates.version })
  return swapped.length === 1
}
