/** The authorization server: mounts the features, works out the request's context, answers every refusal in one place. */

import { Hono, type Context, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { accountRoutes } from './account/routes.ts'
import { adminRoutes } from './admin/routes.ts'
import { record } from './audit/store.ts'
import { countStranger } from './audit/strangers.ts'
import type { Protocol } from './clients/protocol.ts'
import { consoleRoutes } from './console/routes.ts'
import { mintId, type ClientId } from './core/ids.ts'
import { clientAddress, networkOf } from './core/network.ts'
import { Refusal, refusalRow, type RefusalRow } from './core/refusal.ts'
import { paths } from './oauth/accepted.ts'
import { explainAddress } from './oauth/explain.ts'
import { oauthRoutes } from './oauth/routes.ts'
import type { Message } from './restrictions/restriction.ts'
import type { Services } from './services.ts'
import { signInRoutes } from './signin/routes.ts'
import { assetRoutes } from './ui/assets.ts'
import { languageOf, switchLanguage } from './ui/language.ts'
import { bugPage, refusalPage } from './ui/refusal-page.ts'
import { supportCode } from './ui/support-code.ts'
import { recogniseSession } from './people/session-cookie.ts'
import { eventHead, type Env, type RequestContext } from './web.ts'

export function createApp(services: Services): Hono<Env> {
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    c.set('context', requestContext(services, c))
    const switched = switchLanguage(c, services.config.issuer)
    if (switched) c.res = switched
    else await next()
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
  })
  const protocol: Protocol = {
    endpoints: paths,
    explain: (address, client) => explainAddress(services, address, client),
  }
  app.use(smallBodies)
  app.use(recogniseSession(services))
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    await services.database.ping()
    return c.json({ status: 'ready', basis: services.restrictions.basis() })
  })
  app.route('/', assetRoutes(services.assets, services.primitives))
  app.route('/', signInRoutes(services))
  app.route('/', accountRoutes(services))
  app.route('/', consoleRoutes(services, protocol))
  app.route('/', oauthRoutes(services))
  app.route('/admin/v1', adminRoutes(services, protocol))
  app.notFound(() => {
    throw new Refusal('not_found')
  })
  app.onError((error, c) => answerError(services, error, c))
  return app
}

/** No form and no JSON document of ours is larger; what the gateway passes on never comes here. */
const smallBodies: MiddlewareHandler<Env> = (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  const length = c.req.header('content-length')
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return countedBodies(c, next)
  // The server hands over no more than was announced. Looking at the body itself would cost a stream each time.
  if (!(Number(length) <= maximumBytes)) throw new Refusal('too_large')
  return next()
}
const maximumBytes = 64 * 1024
const countedBodies = bodyLimit({
  maxSize: maximumBytes,
  onError: () => {
    throw new Refusal('too_large')
  },
})

/** Pages add what they need; nothing may be framed, sniffed, cached or scripted inline. */
const securityHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'Strict-Transport-Security': 'max-age=63072000',
  'Cache-Control': 'no-store',
}

function requestContext(services: Services, c: Context<Env>): RequestContext {
  const peer = clientAddress(c.env.remote, c.req.header('x-forwarded-for'), services.config.trustedProxies)
  return {
    id: mintId('request'),
    at: services.clock.now(),
    language: languageOf(c),
    address: pathAndQuery(c.req.url),
    network: networkOf(peer),
    userAgent: (c.req.header('user-agent') ?? '').slice(0, 200),
  }
}

/** Refusals are audited and answered in the caller's form; anything else is a bug: a bare 500 with the request id. */
async function answerError(services: Services, error: Error, c: Context<Env>): Promise<Response> {
  const context = c.get('context')
  if (!(error instanceof Refusal)) {
    services.log('error', 'bug', {
      request: context.id,
      support: supportCode(context.id),
      path: c.req.path,
      error: error.stack,
    })
    if (wantsPage(c)) return c.html(bugPage(context.language, context.id), 500)
    return c.json({ error: 'server_error', request: context.id }, 500)
  }
  services.log('info', 'refused', {
    request: context.id,
    support: supportCode(context.id),
    reason: error.reason,
    path: c.req.path,
    detail: error.detail,
  })
  await auditRefusal(services, error, c)
  const row = shownRow(error)
  const status = row.status as ContentfulStatusCode
  if (row.status === 429 || row.status === 503)
    c.header('Retry-After', String(Number(error.detail['retryAfterSeconds'] ?? 5)))
  if (c.req.path.startsWith('/oauth/') && row.oauth && !wantsPage(c)) {
    c.header('Pragma', 'no-cache')
    return c.json({ error: row.oauth, error_description: row.en, request: context.id }, status)
  }
  if (wantsPage(c)) {
    const draw = c.get('drawRefusal')
    return c.html(draw ? draw(row, context.id) : refusalPage(row, context.language, context.id), status)
  }
  return c.body(
    JSON.stringify({
      type: 'about:blank',
      title: row[context.language],
      status: row.status,
      request: context.id,
      ...faultsFor(c, error),
    }),
    status,
    { 'Content-Type': 'application/problem+json' },
  )
}

/** Whoever is restricted reads what the operator wrote for them; everybody else the row's own text. */
function shownRow({ reason, detail }: Refusal): RefusalRow {
  const row = refusalRow(reason)
  const message = detail['message'] as Message | undefined
  return row.status === 423 && message ? { ...row, ...message } : row
}

/** An operator is told which fields were wrong: names and rules, never what was sent. Nobody else learns more than the row. */
function faultsFor(c: Context<Env>, { detail }: Refusal): { faults?: unknown } {
  const operator = c.get('actor')?.kind === 'operator' && c.req.path.startsWith('/admin/')
  return operator && Array.isArray(detail['faults']) ? { faults: detail['faults'] } : {}
}

async function auditRefusal(services: Services, refusal: Refusal, c: Context<Env>): Promise<void> {
  if (refusalRow(refusal.reason).routine) return
  const context = c.get('context')
  const actor = c.get('actor')
  const { client } = refusal.detail
  try {
    if (actor)
      await record(services.db, {
        ...eventHead(context, actor),
        kind: 'refused',
        reason: refusal.reason,
        path: c.req.path,
        ...(typeof client === 'string' && { client: client as ClientId }),
      })
    else await countStranger(services.db, context.network, refusal.reason, context.at)
  } catch (error) {
    // The answer is a refusal either way; that it could not be recorded is an alarm, not a reason to say yes.
    services.log('error', 'refusal not recorded', { request: context.id, error: String(error) })
  }
}

const wantsPage = (c: Context<Env>): boolean => (c.req.header('accept') ?? '').includes('text/html')

const pathAndQuery = (address: string): string => {
  const { pathname, search } = new URL(address)
  return `${pathname}${search}`
}
