/**
 * The two shares that open sealed patient references, written once into the data directory for two people to take away.
 * Whoever holds both can name patients from the log, so neither stays on the server.
 */

import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Durable when it resolves. Replaces what an interrupted first start left there. */
export async function keepShares(directory: string, shares: readonly [string, string]): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  for (const [place, share] of shares.entries()) {
    const path = join(directory, `share-${place + 1}`)
    rmSync(path, { force: true })
    const file = openSync(path, 'wx', 0o600)
    writeSync(file, `${share}\n`)
    fsyncSync(file)
    closeSync(file)
  }
  // A new file's name is on the disk when its directory is; the key is made right after, and only with both shares kept.
  const folder = openSync(directory, 'r')
  fsyncSync(folder)
  closeSync(folder)
}
