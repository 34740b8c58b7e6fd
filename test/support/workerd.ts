/** The product on real workerd, as wrangler would deploy it, over a database that is there already. */

import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'

export interface Workerd {
  /** Sends a request for `path` of the issuer, as if from `192.0.2.1`. Redirects are not followed. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** What the clock does every minute. */
  tick(): Promise<void>
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '../..')

/** What wrangler.toml says, read so that the test runs what is deployed. */
function deployed(name: string): string {
  const value = new RegExp(`^${name} = (.*)$`, 'm').exec(
    readFileSync(join(root, 'wrangler.toml'), 'utf8'),
  )?.[1]
  if (!value) throw new Error(`wrangler.toml has no ${name}`)
  return JSON.parse(value) as string
}

export async function startWorkerd(databaseUrl: string, settings: Record<string, string>): Promise<Workerd> {
  // miniflare and wrangler would write into the home directory otherwise.
  process.env['XDG_CONFIG_HOME'] = await mkdtemp(join(tmpdir(), 'garde-workerd-'))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [{ type: 'ESModule', path: 'workers.mjs', contents: await bundle() }],
      compatibilityDate: deployed('compatibility_date'),
      compatibilityFlags: ['nodejs_compat'],
      bindings: settings,
      hyperdrives: { HYPERDRIVE: withPassword(databaseUrl) },
      assets: {
        directory: join(root, 'src/ui/assets'),
        binding: 'ASSETS',
        routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      },
    }),
  )
  await miniflare.ready
  const issuer = settings['GARDE_ISSUER'] ?? ''
  return {
    fetch: async (path, init) => {
      const response = await miniflare.dispatchFetch(new URL(path, issuer).href, {
        redirect: 'manual',
        ...init,
        headers: { 'cf-connecting-ip': '192.0.2.1', ...Object.fromEntries(new Headers(init?.headers)) },
      } as never)
      return response
    },
    tick: async () => {
      const worker = await miniflare.getWorker()
      await worker.scheduled({ cron: '* * * * *' })
    },
    stop: () => miniflare.dispose(),
  }
}

/** As wrangler bundles, without its development server. */
async function bundle(): Promise<string> {
  const builtins = builtinModules.filter((name) => !name.startsWith('_') && !name.includes(':'))
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/runtime/workers.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'import'],
    external: ['node:*', 'cloudflare:*'],
    alias: Object.fromEntries(builtins.map((name) => [name, `node:${name}`])),
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** miniflare wants one; the test's PostgreSQL asks for none. */
function withPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.password ||= 'none'
  return url.href
}
