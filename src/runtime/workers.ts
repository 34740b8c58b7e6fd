/**
 * Cloudflare Workers: the authorization server and the gateway over PostgreSQL through Hyperdrive. Services are built for
 * each request, because a socket may not outlive the request that opened it.
 */

import type { ExecutionContext, Fetcher, Hyperdrive } from '@cloudflare/workers-types'
import { createApp } from '../app.ts'
import { ConfigurationFaults, parseConfig, settings, type Config } from '../config.ts'
import type { AssetSource } from '../core/ports.ts'
import { systemClock } from '../core/time.ts'
import { compose } from './compose.ts'
import { createLog } from './log.ts'
import { databaseThrottle } from './throttle.ts'
import { openHyperdrive } from './workers-postgres.ts'

/** Further string bindings are settings of `config.ts`; GARDE_KEY_ENCRYPTION_KEY MUST be a secret. */
export interface Bindings {
  HYPERDRIVE: Hyperdrive
  ASSETS: Fetcher
}

export default {
  async fetch(request: Request, bindings: Bindings, context: ExecutionContext): Promise<Response> {
    const config = configOf(bindings)
    const log = createLog(config.logLevel, (line) => console.log(line.trimEnd()))
    const database = openHyperdrive(bindings.HYPERDRIVE.connectionString)
    const closeAfter = (done: Promise<unknown>) => context.waitUntil(done.then(() => database.close()))
    try {
      const services = await compose({
        config,
        database,
        keyEncryptionKey: requireKey(config),
        log,
        clock: systemClock,
        assets: boundAssets(bindings.ASSETS),
        throttle: databaseThrottle(database.db),
      })
      // Set by Cloudflare on every request and not to be forged from outside.
      const remote = request.headers.get('cf-connecting-ip') ?? ''
      return closedWhenSent(await createApp(services).fetch(request, { remote }), closeAfter)
    } catch (error) {
      closeAfter(Promise.resolve())
      log('error', 'bug', { error })
      return Response.json({ error: 'server_error' }, { status: 503, headers: { 'Retry-After': '5' } })
    }
  },
}

/** The database stays open until the last byte has left, because what is streamed may still be recorded. */
function closedWhenSent(response: Response, closeAfter: (done: Promise<unknown>) => void): Response {
  if (!response.body) {
    closeAfter(Promise.resolve())
    return response
  }
  const through = new TransformStream<Uint8Array, Uint8Array>()
  closeAfter(response.body.pipeTo(through.writable).catch(() => undefined)) // the caller went away: nothing left to send
  return new Response(through.readable, response)
}

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
