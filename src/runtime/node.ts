/**
 * One Node process: the authorization server and the gateway on one port. The data directory is locked and
 * the port taken before anything is written; whatever fails, what was opened before it is closed again.
 */

import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { createApp } from '../app.ts'
import { record } from '../audit/store.ts'
import type { Config } from '../config.ts'
import type { Log, Throttle } from '../core/ports.ts'
import { systemClock, type Clock } from '../core/time.ts'
import type { Database } from '../db/db.ts'
import type { Services } from '../services.ts'
import { findKeys } from '../tokens/keys-store.ts'
import type { Env } from '../web.ts'
import { fileAssets } from './assets-node.ts'
import { compose } from './compose.ts'
import { controlActs } from './control-acts.ts'
import { followKeys } from './control-keys.ts'
import { openControl } from './control.ts'
import { ensureDataDirectory } from './data-directory.ts'
import { lockDataDirectory } from './data-lock.ts'
import { openGatewayNode } from './gateway-node.ts'
import { listen } from './http-server.ts'
import { openKeyEncryptionKey } from './key-encryption-key.ts'
import { keepKeysTurned } from './keep-keys-turned.ts'
import { keepSwept } from './keep-swept.ts'
import { keepTold } from './keep-told.ts'
import { createLog } from './log.ts'
import { openDatabase } from './open-database.ts'
import { databaseThrottle, memoryThrottle } from './throttle.ts'
import { createUndo, type Undo } from './undo.ts'
import { version } from './version.ts'

export interface StartOptions {
  log?: Log
  clock?: Clock
  /** What stands around the app on the same origin (the demo's own routes); the app itself otherwise. */
  around?: (app: Hono<Env>, services: Services) => Hono<Env>
  /** How long requests that have begun may go on after `stop`; 10 s. */
  graceMs?: number
}

export interface Garde {
  /** Where it listens; the port is the one that was really taken. */
  address: { host: string; port: number }
  services: Services
  /** Drains, then closes everything and gives the data directory back. */
  stop(): Promise<void>
}

/** Resolves when requests are served. Throws StartFault with nothing left open. */
export async function startGarde(config: Config, options: StartOptions = {}): Promise<Garde> {
  const undo = createUndo()
  try {
    return await start(config, options, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}

async function start(config: Config, options: StartOptions, undo: Undo): Promise<Garde> {
  const log = options.log ?? createLog(config.logLevel, (line) => process.stderr.write(line))
  const clock = options.clock ?? systemClock
  const directory = ensureDataDirectory(config.dataDirectory)
  const lock = lockDataDirectory(directory)
  undo.add(() => lock.release())
  const server = await listen(config.listen)
  undo.add(() => server.drain(0))

  const database = await openDatabase(config, directory)
  undo.add(() => database.close())
  const keyEncryptionKey =
    config.keyEncryptionKey ??
    openKeyEncryptionKey(directory.keyEncryptionKey, (await findKeys(database.db)).length === 0)
  const services = await compose({
    config,
    database,
    keyEncryptionKey,
    log,
    clock,
    assets: fileAssets(),
    throttle: throttleFor(config, database),
  })
  await services.restrictions.follow()
  undo.add(() => services.restrictions.stop())
  undo.add(await followKeys(services))

  const gateway = await openGatewayNode(services, directory, undo)
  await keepRunRecorded(services, undo)
  undo.add(keepSwept(services))
  undo.add(keepKeysTurned(services))
  undo.add(keepTold(services))
  const inner = createApp(services)
  const app = options.around?.(inner, services) ?? inner
  const answer = getRequestListener((request, { incoming }) =>
    app.fetch(request, { remote: incoming.socket.remoteAddress ?? '' }),
  )
  server.serve((request, response) => {
    // Before any router: this is the path that calls of care take.
    if (!gateway.take(request, response)) void answer(request, response)
  })
  undo.add(() => server.drain(options.graceMs ?? 10_000))
  const control = await openControl(
    directory.control,
    controlActs(services, server.address, gateway.audit),
    log,
  )
  undo.add(() => control.close())
  return { address: server.address, services, stop: () => undo.run() }
}

/** Nodes that share a database count together. */
const throttleFor = ({ databaseUrl }: Config, { db }: Database): Throttle =>
  databaseUrl ? databaseThrottle(db) : memoryThrottle()

/** That it ran, from when to when, is part of the log; a run without its end was cut short. */
async function keepRunRecorded({ db, clock }: Services, undo: Undo): Promise<void> {
  const recordRun = (kind: 'server.started' | 'server.stopped') =>
    record(db, { at: clock.now(), actor: { kind: 'system', id: `process-${process.pid}` }, kind, version })
  await recordRun('server.started')
  undo.add(() => recordRun('server.stopped'))
}
