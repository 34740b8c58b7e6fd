/** What lives in the data directory, and where. The directory itself is for its owner alone (mode 0700). */

import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartFault, systemCode } from './start-fault.ts'

export interface DataDirectory {
  root: string
  /** The embedded database. */
  database: string
  /** Exists from before the embedded database is created until its tables are there: what it marks was never used. */
  databaseUnfinished: string
  spool: string
  keyEncryptionKey: string
  /** Two shares for two people to take away: see sealing-shares.ts. */
  sealingShares: string
  lock: string
  control: string
  compileCache: string
}

export function dataDirectory(root: string): DataDirectory {
  const at = (name: string) => join(resolve(root), name)
  return {
    root: resolve(root),
    database: at('database'),
    databaseUnfinished: at('database-unfinished'),
    spool: at('spool'),
    keyEncryptionKey: at('key-encryption-key'),
    sealingShares: at('sealing-shares'),
    lock: at('lock'),
    control: at('control.sock'),
    compileCache: at('compile-cache'),
  }
}

/** Creates it when absent, closes it to others when open. Throws StartFault when it cannot be written. */
export function ensureDataDirectory(root: string): DataDirectory {
  const directory = dataDirectory(root)
  try {
    mkdirSync(directory.root, { recursive: true, mode: 0o700 })
    if ((statSync(directory.root).mode & 0o077) !== 0) chmodSync(directory.root, 0o700)
    accessSync(directory.root, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartFault(
      'configuration',
      `The data directory ${directory.root} cannot be used (${systemCode(error) ?? 'unknown'}): make it a directory this user owns, or set GARDE_DATA to another.`,
      { cause: error },
    )
  }
  return directory
}
