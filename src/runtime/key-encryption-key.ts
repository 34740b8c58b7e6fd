/** The key that seals private keys at rest: from configuration, or generated once into the data directory. */

import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { base64url, fromBase64url, randomBytes } from '../core/bytes.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import { StartFault, systemCode } from './start-fault.ts'

/** `mayCreate` is false when the database holds sealed keys already: a new key could not open them. */
export function openKeyEncryptionKey(path: string, mayCreate: boolean): KeyEncryptionKey {
  try {
    return readKey(path)
  } catch (error) {
    if (error instanceof StartFault) throw error
    if (systemCode(error) !== 'ENOENT') throw unreadable(path, systemCode(error) ?? 'unknown', error)
    if (!mayCreate) throw missing(path)
  }
  createKey(path)
  return readKey(path)
}

function readKey(path: string): KeyEncryptionKey {
  const text = readFileSync(path, 'utf8').trim()
  if ((statSync(path).mode & 0o077) !== 0) throw unreadable(path, 'others can read it: chmod 600')
  let key: KeyEncryptionKey | undefined
  try {
    key = fromBase64url(text)
  } catch {
    key = undefined
  }
  if (key?.length !== 32) throw unreadable(path, 'it is not 32 bytes in base64url')
  return key
}

/** Whole or not at all: written aside, synced, then linked; a link never replaces a key that is there already. */
function createKey(path: string): void {
  const aside = `${path}.${process.pid}.new`
  const file = openSync(aside, 'wx', 0o600)
  try {
    writeSync(file, `${base64url(randomBytes(32))}\n`)
    fsyncSync(file)
    linkSync(aside, path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  } finally {
    closeSync(file)
    rmSync(aside, { force: true })
  }
}

const unreadable = (path: string, why: string, cause?: unknown): StartFault =>
  new StartFault(
    'configuration',
    `The key-encryption key ${path} cannot be read (${why}): put the right key back with mode 600, or give it as GARDE_KEY_ENCRYPTION_KEY.`,
    { cause },
  )

const missing = (path: string): StartFault =>
  new StartFault(
    'configuration',
    `The key-encryption key ${path} of this database is missing: put it back from your backup, or give it as GARDE_KEY_ENCRYPTION_KEY.`,
  )
