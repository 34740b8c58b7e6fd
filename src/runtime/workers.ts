/**
 * Cloudflare Workers: the authorization server and the gateway over PostgreSQL through Hyperdrive. Services are built for
 * each request, because a socket may not outlive the request that opened it; each request reads the journal it decides on.
 */

import type { ExecutionContext, Fetcher, Hyperdrive } from '@cloudflare/workers-types'
import { createApp } from '../app.ts'
import { strangerSums } from '../audit/stranger-sums.ts'
import { saveStranger } from '../audit/strangers.ts'
import { ConfigurationFaults, parseConfig, settings, type Config } from '../config.ts'
import type { AssetSource } from '../core/ports.ts'
import { systemClock } from '../core/time.ts'
import type { Database } from '../db/db.ts'
import { createGateway } from '../gateway/gateway.ts'
import type { Services } from '../services.ts'
import { composeGateway } from './compose-gateway.ts'
import { compose } from './compose.ts'
import { fetchForwarder } from './fetch-forwarder.ts'
import { answerByGateway, type Sent } from './fetch-gateway.ts'
import { createLog } from './log.ts'
import { databaseSpool } from './spool-db.ts'
import { databaseThrottle } from './throttle.ts'
import { runJobs } from './workers-jobs.ts'
import { openHyperdrive } from './workers-postgres.ts'

/** Further string bindings are settings of `config.ts`; GARDE_KEY_ENCRYPTION_KEY MUST be a secret. */
export interface Bindings {
  HYPERDRIVE: Hyperdrive
  ASSETS: Fetcher
}

export default {
  async fetch(request: Request, bindings: Bindings, context: ExecutionContext): Promise<Response> {
    const config = configOf(bindings)
    const database = openHyperdrive(bindings.HYPERDRIVE.connectionString)
    const closeAfter = (done: Promise<unknown>) => context.waitUntil(done.then(() => database.close()))
    try {
      const services = await open(config, database, bindings.ASSETS)
      // Set by Cloudflare on every request and not to be forged from outside.
      const remote = request.headers.get('cf-connecting-ip') ?? ''
      const sent =
        (await throughGateway(services, request, remote)) ??
        whenSent(await createApp(services).fetch(request, { remote }))
      closeAfter(sent.done)
      return sent.response
    } catch (error) {
      closeAfter(Promise.resolve())
      logOf(config)('error', 'bug', { error })
      return Response.json({ error: 'server_error' }, { status: 503, headers: { 'Retry-After': '5' } })
    }
  },

  /** By the clock: what `workers-jobs.ts` lists. */
  async scheduled(_event: unknown, bindings: Bindings): Promise<void> {
    const database = openHyperdrive(bindings.HYPERDRIVE.connectionString)
    try {
      await runJobs(await open(configOf(bindings), database, bindings.ASSETS))
    } finally {
      await database.close()
    }
  },
}

const open = (config: Config, database: Database, assets: Fetcher): Promise<Services> =>
  compose({
    config,
    database,
    keyEncryptionKey: requireKey(config),
    log: logOf(config),
    clock: systemClock,
    assets: boundAssets(assets),
    throttle: databaseThrottle(database.db),
  })

/** Undefined: not the gateway's address. What streams is judged again every second, as the journal grows. */
async function throughGateway(
  services: Services,
  request: Request,
  remote: string,
): Promise<Sent | undefined> {
  const { base } = services.resources.all().find((each) => pathOf(request).startsWith(each.base)) ?? {}
  if (base === undefined && !pathOf(request).startsWith('/.well-known/')) return undefined
  const strangers = strangerSums()
  const gateway = createGateway(
    await composeGateway(services, {
      spool: databaseSpool({ db: services.db, log: services.log }),
      strangers,
      forwarder: fetchForwarder(),
      node: 'workers',
      remembered: 0,
    }),
  )
  const sent = await answerByGateway(gateway, request, remote)
  if (!sent) return undefined
  await services.restrictions.follow()
  return {
    response: sent.response,
    done: settled(sent),
  }

  async function settled({ done }: Sent): Promise<void> {
    await done
    gateway.close()
    await services.restrictions.stop()
    for (const sum of strangers.take()) await saveStranger(services.db, sum)
  }
}

const pathOf = (request: Request): string => new URL(request.url).pathname

/** The database stays open until the last byte has left. */
function whenSent(response: Response): Sent {
  if (!response.body) return { response, done: Promise.resolve() }
  const through = new TransformStream<Uint8Array, Uint8Array>()
  const done = response.body.pipeTo(through.writable).catch(() => undefined) // the caller went away: nothing left to send
  return { response: new Response(through.readable, response), done }
}

const logOf = (config: Config) => createLog(config.logLevel, (line) => console.log(line.trimEnd()))

function configOf(bindings: Bindings): Config {
  const named = Object.entries(bindings).filter(([, value]) => typeof value === 'string')
  return parseConfig(Object.fromEntries(named), () => {
    throw new Error('there are no files here')
  })
}

function requireKey(config: Config): NonNullable<Config['keyEncryptionKey']> {
  if (config.keyEncryptionKey) return config.keyEncryptionKey
  throw new ConfigurationFaults([
    `GARDE_KEY_ENCRYPTION_KEY: ${settings.GARDE_KEY_ENCRYPTION_KEY.split(';')[0]}; bind it as a secret`,
  ])
}

/** Static assets of the deployment; the app decides which names are ours and which headers they bear. */
const boundAssets = (assets: Fetcher): AssetSource => ({
  async find(name) {
    const response = await assets.fetch(`https://assets.invalid/${name}`)
    if (response.status === 200) return new Uint8Array(await response.arrayBuffer())
    await response.body?.cancel()
    return undefined
  },
})
