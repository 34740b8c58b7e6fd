/** Refusals of people nobody knows, summed per source, reason and minute, apart from the log that care depends on. */

import { sql } from 'drizzle-orm'
import type { Reason } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { strangerRefusals } from '../db/schema.ts'

export async function countStranger(db: Db, source: string, reason: Reason, now: Seconds): Promise<void> {
  await db
    .insert(strangerRefusals)
    .values({ source, reason, minuteAt: now - (now % 60), count: 1 })
    .onConflictDoUpdate({
      target: [strangerRefusals.source, strangerRefusals.reason, strangerRefusals.minuteAt],
      set: { count: sql`${strangerRefusals.count} + 1` },
    })
}
