/**
 * Gives the server's events their place: moves what waits into the log `server`, in batches, with the tree and a signed
 * checkpoint, all in one transaction. One at a time over all nodes, so the log has no gap and no fork.
 */

import type { Clock } from '../core/time.ts'
import type { Database } from '../db/db.ts'
import type { Keys } from '../tokens/keys.ts'
import { appended } from './channels.ts'
import { originOf, signCheckpoint } from './checkpoint.ts'
import { keepTree, takeTree, type TreeKeeper } from './kept-tree.ts'
import { dropQueued, insertCheckpoint, insertEntries, takeQueued, tryLockSequencer } from './log-store.ts'
import { leafHash } from './tree.ts'

export interface LogKeeper extends TreeKeeper {
  database: Database
  clock: Pick<Clock, 'now'>
  keys: Pick<Keys, 'signCheckpoint' | 'jwks'>
}

export const serverLog = 'server'
/** Small, because the embedded database works in the thread that answers requests. */
export const batch = 100

/** Answers how many were moved: 0 when nothing waits, or when another is at it. */
export async function sequenceOnce(keeper: LogKeeper): Promise<number> {
  const { database, primitives, clock, keys } = keeper
  const moved = await database.db.transaction(async (tx) => {
    if (!(await tryLockSequencer(tx))) return 0
    const waiting = await takeQueued(tx, batch)
    if (waiting.length === 0) return 0
    const tree = await takeTree(keeper, tx, serverLog)
    const first = tree.size
    const lines = waiting.map(({ event }) => JSON.stringify(event))
    const leaves = lines.map((line) => leafHash(primitives.sha256, line))
    for (const leaf of leaves) tree.append(leaf)
    await insertEntries(tx, serverLog, { first, lines, leaves })
    await keepTree(keeper, tx, serverLog, tree)
    await dropQueued(
      tx,
      waiting.map(({ id }) => id),
    )
    const checkpoint = { origin: originOf(serverLog), size: tree.size, root: tree.root() }
    const note = await signCheckpoint(primitives.sha256, keys.signCheckpoint, checkpoint)
    await insertCheckpoint(tx, serverLog, tree.size, note, clock.now())
    return waiting.length
  })
  if (moved > 0) await database.notify(appended)
  return moved
}
