/** Deletes what is due, table after table, and says how much; a turn is bounded, so that what is asked meanwhile is answered. */

import type { Log } from '../core/ports.ts'
import type { Clock } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { batch, rules, sweepBatch } from './sweep-store.ts'

interface Needs {
  db: Db
  clock: Clock
  log: Log
}

/** Batches of one table in one turn: what is left waits for the next. */
const batchesATurn = 20

/** One that fails does not keep the others from their turn. Answers how many rows went, by table. */
export async function sweep({ db, clock, log }: Needs, limit = batch): Promise<Record<string, number>> {
  const gone: Record<string, number> = {}
  for (const rule of rules) {
    try {
      for (let turn = 0; turn < batchesATurn; turn++) {
        const rows = await sweepBatch(db, rule, clock.now(), limit)
        if (rows > 0) gone[rule.table] = (gone[rule.table] ?? 0) + rows
        if (rows < limit) break
      }
    } catch (error) {
      log('error', 'not swept', { table: rule.table, error: String(error) })
    }
  }
  if (Object.keys(gone).length > 0) log('info', 'swept', gone)
  return gone
}
