/**
 * Cloudflare Workers: the authorization server and the gateway over PostgreSQL through Hyperdrive. A socket may not outlive
 * the request that opened it, so each request has its own; what an isolate keeps is said in `workers-isolate.ts`.
 */

import type { ExecutionContext, Fetcher, Hyperdrive } from '@cloudflare/workers-types'
import { createApp } from '../app.ts'
import { strangerSums } from '../audit/stranger-sums.ts'
import { saveStranger } from '../audit/strangers.ts'
import { ConfigurationFaults, parseConfig, settings, type Config } from '../config.ts'
import { mintId } from '../core/ids.ts'
import type { AssetSource, Log } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import type { Database } from '../db/db.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import type { Services } from '../services.ts'
import { answerByGateway, type Sent } from './fetch-gateway.ts'
import { createLog } from './log.ts'
import { isolateFor, type Isolate } from './workers-isolate.ts'
import { runJobs } from './workers-jobs.ts'
import { openHyperdrive } from './workers-postgres.ts'
import { gatewayServices, openServices, type OpenServices } from './workers-services.ts'

/** Further string bindings are settings of `config.ts`; GARDE_KEY_ENCRYPTION_KEY MUST be a secret. */
export interface Bindings {
  HYPERDRIVE: Hyperdrive
  ASSETS: Fetcher
}

export default {
  async fetch(request: Request, bindings: Bindings, context: ExecutionContext): Promise<Response> {
    const opened: Opened = {}
    try {
      const sent = await answer(request, bindings, opened)
      context.waitUntil(closeAfter(sent.done, opened))
      return sent.response
    } catch (error) {
      context.waitUntil(close(opened))
      return unavailable(error)
    }
  },

  /** By the clock: what `workers-jobs.ts` lists. */
  async scheduled(_event: unknown, bindings: Bindings): Promise<void> {
    const opened: Opened = {}
    try {
      await runJobs(await open(bindings, opened))
    } finally {
      await close(opened)
    }
  },
}

/** What has to be closed, as far as it came. */
interface Opened {
  database?: Database
  services?: Services
}

async function close({ database, services }: Opened): Promise<void> {
  await services?.restrictions.stop()
  await database?.close()
}

async function closeAfter(done: Promise<unknown>, opened: Opened): Promise<void> {
  try {
    await done
  } finally {
    await close(opened)
  }
}

async function answer(request: Request, bindings: Bindings, opened: Opened): Promise<Sent> {
  const services = await open(bindings, opened)
  // Set by Cloudflare on every request and not to be forged from outside.
  const remote = request.headers.get('cf-connecting-ip') ?? ''
  const isolate = isolateOf(bindings)
  return (
    (await throughGateway(services, isolate, request, remote)) ??
    (await throughApp(services, isolate, request, remote))
  )
}

/** A page may ask the records API: the gateway beside it is made when it does. */
async function throughApp(
  services: OpenServices,
  isolate: Isolate,
  request: Request,
  remote: string,
): Promise<Sent> {
  const strangers = strangerSums()
  const later = afterwards(services.log)
  let beside: Gateway | undefined
  services.records.open(async () => {
    beside ??= createGateway(await gatewayServices(services, isolate, { strangers, afterwards: later.add }))
    return beside
  })
  const { response, done } = whenSent(await createApp(services).fetch(request, { remote }))
  const settled = async (): Promise<void> => {
    await done
    beside?.close()
    for (const sum of strangers.take()) later.add(saveStranger(services.db, sum))
    await later.done()
  }
  return { response, done: settled() }
}

/** Nothing could be asked, or the configuration is wrong: said in the log, and outside only under which name. */
function unavailable(error: unknown): Response {
  const request = mintId('request')
  const cause = error instanceof Refusal ? error.detail : String(error instanceof Error ? error.stack : error)
  createLog('error', writeLine)('error', 'not served', { request, cause })
  return Response.json(
    { error: 'server_error', request },
    { status: 503, headers: { 'Retry-After': '5', 'Cache-Control': 'no-store' } },
  )
}

const isolateOf = (bindings: Bindings) =>
  isolateFor(JSON.stringify([textsOf(bindings), bindings.HYPERDRIVE.connectionString]))

async function open(bindings: Bindings, opened: Opened): Promise<OpenServices> {
  const config = parseConfig(textsOf(bindings), () => {
    throw new Error('there are no files here')
  })
  opened.database = openHyperdrive(bindings.HYPERDRIVE.connectionString)
  const log = createLog(config.logLevel, writeLine)
  const ports = { config, log, database: opened.database, keyEncryptionKey: requireKey(config) }
  const services = await openServices({ ...ports, assets: boundAssets(bindings.ASSETS) }, isolateOf(bindings))
  opened.services = services
  return services
}

/** Undefined: not the gateway's address. */
async function throughGateway(
  services: Services,
  isolate: Isolate,
  request: Request,
  remote: string,
): Promise<Sent | undefined> {
  const { base } = services.resources.all().find((each) => pathOf(request).startsWith(each.base)) ?? {}
  if (base === undefined && !pathOf(request).startsWith('/.well-known/')) return undefined
  const strangers = strangerSums()
  const later = afterwards(services.log)
  const gateway = createGateway(
    await gatewayServices(services, isolate, { strangers, afterwards: later.add }),
  )
  const sent = await answerByGateway(gateway, request, remote)
  if (!sent) return undefined
  const settled = async (): Promise<void> => {
    await sent.done
    gateway.close()
    for (const sum of strangers.take()) later.add(saveStranger(services.db, sum))
    await later.done()
  }
  return { response: sent.response, done: settled() }
}

/** What was begun and is not waited for by the answer. */
function afterwards(log: Log) {
  const going = new Set<Promise<unknown>>()
  return {
    add: (work: Promise<unknown>): void => {
      const heard = work
        .catch((error: unknown) => log('error', 'not done after the answer', { error: String(error) }))
        .finally(() => going.delete(heard))
      going.add(heard)
    },
    done: async (): Promise<void> => {
      while (going.size > 0) await Promise.all(going)
    },
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

const writeLine = (line: string): void => console.log(line.trimEnd())

const textsOf = (bindings: Bindings): Record<string, string> =>
  Object.fromEntries(
    Object.entries(bindings).filter((binding): binding is [string, string] => typeof binding[1] === 'string'),
  )

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
