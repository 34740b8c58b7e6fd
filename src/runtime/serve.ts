/**
 * Serves until told to stop. A fault is one sentence on standard error and an exit code that a supervisor understands.
 * Whatever takes time to import is imported late, through quick-imports.
 */

import './quick-imports.ts'
import { readFileSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { ConfigurationFaults, parseConfig, serverSettings } from '../config.ts'
import type { Log } from '../core/ports.ts'
import { ensureDataDirectory } from './data-directory.ts'
import { createLog } from './log.ts'
import type { Garde } from './node.ts'
import { pgliteProgram } from './pglite-program.ts'
import { StartFault } from './start-fault.ts'

export async function serve(environment: Readonly<Record<string, string | undefined>>): Promise<void> {
  // The data directory, its files and its sockets are for their owner alone.
  process.umask(0o077)
  try {
    const config = parseConfig(serverSettings(environment), (path) => readFileSync(path, 'utf8'))
    const log = createLog(config.logLevel, (line) => process.stderr.write(line))
    // Where bin/compile-cache.js could keep nothing. It is its owner's alone: whoever writes there could do anything already.
    enableCompileCache(ensureDataDirectory(config.dataDirectory).compileCache)
    // Its threads work while this one imports.
    if (config.databaseUrl === undefined) void pgliteProgram()
    const { startGarde } = await import('./node.ts')
    const { announcement } = await import('./announce.ts')
    const garde = await startGarde(config, { log })
    stopWhenTold(garde, log)
    for (const line of await announcement(garde)) process.stdout.write(`${line}\n`)
    flushCompileCache()
  } catch (error) {
    fail(error)
  }
}

/** Longer than requests are given to end. */
const patienceMs = 30_000

/** The first signal drains; a second one does not wait. */
function stopWhenTold(garde: Garde, log: Log): void {
  let stopping = false
  const stop = (exitCode: number) => {
    if (stopping) process.exit(exitCode)
    stopping = true
    // A disk or database that is gone must not keep the process: what was acknowledged is durable already.
    setTimeout(() => process.exit(1), patienceMs).unref()
    garde.stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        log('error', 'not everything could be closed', { error })
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop(0))
  process.on('SIGINT', () => stop(0))
  process.on('uncaughtException', (error) => {
    log('error', 'bug', { error })
    stop(1)
  })
}

function fail(error: unknown): never {
  if (error instanceof ConfigurationFaults) {
    process.stderr.write(`Garde does not start: ${error.message}\n`)
    process.exit(78)
  }
  if (error instanceof StartFault) {
    process.stderr.write(`Garde does not start. ${error.message}\n`)
    process.exit(error.exitCode)
  }
  throw error
}
