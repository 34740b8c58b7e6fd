/**
 * `npm ci` runs this at its end: the database that first starts copy, and a start, so that what Node makes of the sources
 * is kept for every later one. A failure costs those starts seconds and nothing else, so it does not fail the install.
 */

import './quick-imports.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../config.ts'
import { prepareDatabase } from './prepared-database.ts'

try {
  await prepareDatabase()
  await startOnce()
} catch (error) {
  process.stderr.write(`The first start could not be prepared; it will take longer: ${String(error)}\n`)
}

async function startOnce(): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'garde-prepare-'))
  try {
    const { startGarde } = await import('./node.ts')
    const { announcement } = await import('./announce.ts')
    const config = parseConfig({ GARDE_DATA: place, GARDE_PORT: '0', GARDE_LOG_LEVEL: 'error' }, noFile)
    const garde = await startGarde(config)
    await announcement(garde)
    await garde.stop()
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function noFile(): never {
  throw new Error('nothing is configured by a file here')
}
