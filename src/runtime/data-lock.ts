/**
 * One process per data directory: PGlite takes no lock, and two of them on one directory each see other data.
 * The lock is the kernel's (SQLite's byte-range lock on an empty file), so it ends with its process, however that ends:
 * there is no stale lock to judge, and it holds across containers that share the directory.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { DataDirectory } from './data-directory.ts'
import { StartFault } from './start-fault.ts'

export interface DataLock {
  release(): void
}

/** SQLITE_BUSY: somebody else holds it. */
const busy = 5

/** Throws StartFault when another process holds the directory. Does not wait. */
export function lockDataDirectory(directory: DataDirectory): DataLock {
  const file = openLocked(directory)
  const holder = holderFile(directory)
  writeFileSync(holder, `${process.pid}\n`, { mode: 0o600 })
  return {
    release: () => {
      rmSync(holder, { force: true })
      file.close()
    },
  }
}

/** Who holds it, for a person to read; the lock itself is what counts. */
const holderFile = (directory: DataDirectory): string => `${directory.lock}.pid`

function openLocked(directory: DataDirectory): DatabaseSync {
  let file: DatabaseSync | undefined
  try {
    file = new DatabaseSync(directory.lock, { timeout: 0 })
    file.exec('pragma locking_mode = exclusive; begin exclusive')
    return file
  } catch (error) {
    file?.close()
    if (!(error instanceof Error && 'errcode' in error && error.errcode === busy))
      throw new StartFault(
        'configuration',
        `The lock file ${directory.lock} cannot be used: remove it if no Garde is running.`,
        { cause: error },
      )
    throw new StartFault(
      'unavailable',
      `Another Garde (process ${heldBy(directory)}) is using ${directory.root}: stop it first, or set GARDE_DATA to another directory.`,
    )
  }
}

function heldBy(directory: DataDirectory): string {
  try {
    return readFileSync(holderFile(directory), 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
