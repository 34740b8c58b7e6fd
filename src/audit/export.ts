/**
 * A log as JSON lines, for whoever verifies it elsewhere (format: this folder's README). First a head, then each entry
 * with its position and leaf hash, and each checkpoint behind the last entry it covers.
 */

import type { Db } from '../db/db.ts'
import { cosigner, formatVerifierKey, originOf, type VerifierKey } from './checkpoint.ts'
import { differingColumns } from './columns.ts'
import { findCheckpoints, findEntries } from './log-store.ts'
import type { Sha256 } from './tree.ts'

export const exportFormat = 'garde-audit-export-1'

export interface ExportHead {
  export: typeof exportFormat
  log: string
  /** Verifier keys (C2SP signed note). A convenience: whoever verifies should have had them before. */
  keys: string[]
}

const page = 1000

export async function* exportLog(
  db: Db,
  log: string,
  sha256: Sha256,
  keys: readonly VerifierKey[],
): AsyncGenerator<string> {
  // A gateway's checkpoints are cosigned by the server.
  const names = new Set([originOf(log), cosigner])
  const trusted = [...names].flatMap((name) => keys.map((key) => formatVerifierKey(sha256, { ...key, name })))
  yield JSON.stringify({ export: exportFormat, log, keys: trusted } satisfies ExportHead)
  let next = 0
  for (let entries = await entriesFrom(0); entries.length > 0; entries = await entriesFrom(next)) {
    const end = (entries.at(-1)?.index ?? next) + 1
    const checkpoints = await findCheckpoints(db, log, next + 1, end)
    for (const row of entries) {
      while ((checkpoints[0]?.size ?? Infinity) <= row.index) yield checkpointLine(checkpoints.shift())
      yield entryLine(row)
    }
    for (const checkpoint of checkpoints) yield checkpointLine(checkpoint)
    next = end
  }
  // Checkpoints over entries that are not there. What was committed since the last page is there, and no fault.
  const beyond = await findCheckpoints(db, log, next + 1, Number.MAX_SAFE_INTEGER)
  const [since] = await entriesFrom(next, 1)
  for (const checkpoint of since ? [] : beyond) yield checkpointLine(checkpoint)

  function entriesFrom(first: number, limit = page) {
    return findEntries(db, log, first, limit)
  }
}

/** `differs`: columns of the database that do not say what the entry says, so that the queries over them mislead. */
export interface ExportedEntry {
  index: number
  leaf: string
  entry: string
  differs?: string[]
}

function entryLine(row: Awaited<ReturnType<typeof findEntries>>[number]): string {
  const { index, leaf, entry } = row
  const differs = columnsDiffering(row)
  return JSON.stringify({
    index,
    leaf,
    entry,
    ...(differs.length > 0 && { differs }),
  } satisfies ExportedEntry)
}

/** An entry that is no JSON any more was edited, which its leaf hash shows. */
function columnsDiffering(row: Awaited<ReturnType<typeof findEntries>>[number]): string[] {
  try {
    return differingColumns(row, row.entry)
  } catch {
    return ['entry']
  }
}

const checkpointLine = (checkpoint: { note: string } | undefined): string =>
  JSON.stringify({ checkpoint: checkpoint?.note })
