/**
 * Refusals of people nobody knows, summed per source, reason and minute, apart from the log that care depends on and
 * bounded: beyond a number of rows a minute everything is summed in one, and rows are forgotten after a month.
 */

import { lt, sql } from 'drizzle-orm'
import type { Reason } from '../core/refusal.ts'
import { days, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { strangerRefusals } from '../db/schema.ts'
import { minuteOf, overflowSource, type StrangerSum } from './stranger-sums.ts'

/** Pairs of source and reason kept apart within one minute. */
const rowsPerMinute = 100
const keptSeconds = days(31)

export const countStranger = (db: Db, source: string, reason: Reason, now: Seconds): Promise<void> =>
  saveStranger(db, { source, reason, minuteAt: minuteOf(now), count: 1 })

export async function saveStranger(db: Db, { source, reason, minuteAt, count }: StrangerSum): Promise<void> {
  await db.execute(sql`
    insert into stranger_refusals (minute_at, source, reason, count)
    select ${minuteAt}::bigint,
      case when exists (select 1 from stranger_refusals
                        where minute_at = ${minuteAt}::bigint and source = ${source}::text and reason = ${reason}::text)
             or (select count(*) from stranger_refusals where minute_at = ${minuteAt}::bigint) < ${rowsPerMinute}::int
           then ${source}::text else ${overflowSource}::text end,
      ${reason}::text, ${count}::int
    on conflict (minute_at, source, reason) do update set count = stranger_refusals.count + excluded.count`)
}

export async function forgetStrangers(db: Db, now: Seconds): Promise<void> {
  await db.delete(strangerRefusals).where(lt(strangerRefusals.minuteAt, now - keptSeconds))
}
