/** Serves until told to stop. A fault is one sentence on standard error and an exit code that a supervisor understands. */

import { readFileSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { ConfigurationFaults, parseConfig } from '../config.ts'
import type { Log } from '../core/ports.ts'
import { ensureDataDirectory } from './data-directory.ts'
import { createLog } from './log.ts'
import type { Garde } from './node.ts'
import { StartFault } from './start-fault.ts'

export async function serve(environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const config = parseConfig(environment, (path) => readFileSync(path, 'utf8'))
    const log = createLog(config.logLevel, (line) => process.stderr.write(line))
    // Its directory is its owner's alone: whoever can write there could do anything already.
    enableCompileCache(ensureDataDirectory(config.dataDirectory).compileCache)
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

/** The first signal drains; a second one does not wait. */
function stopWhenTold(garde: Garde, log: Log): void {
  let stopping = false
  const stop = (exitCode: number) => {
    if (stopping) process.exit(exitCode)
    stopping = true
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
