/** /admin/v1/*: the security desk's acts as JSON. Each row of the table becomes a route; the rest is the same for all. */

import { Hono, type Context, type MiddlewareHandler } from 'hono'
import type { Protocol } from '../clients/protocol.ts'
import { parseId } from '../core/ids.ts'
import { parse, parseParameters } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import { requireSameOrigin } from '../people/csrf.ts'
import type { Services } from '../services.ts'
import { eventHead, type Env } from '../web.ts'
import { requireCaller } from './caller.ts'
import { docsPage } from './pages.ts'
import { openApiDocument } from './openapi.ts'
import { byPerson } from './by-person.ts'
import type { AdminRoute, Answer, Call, Caller } from './route.ts'
import { adminTable } from './table.ts'

export function adminRoutes(services: Services, protocol: Protocol): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/openapi.json', (c) => c.json(openApiDocument(services.config.issuer)))
  app.get('/docs', (c) => c.html(docsPage(services.config.issuer, adminTable, c.get('context'))))
  for (const row of adminTable) {
    app.on(
      row.method.toUpperCase(),
      row.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      guard(services, row),
      async (c) => {
        const caller = await requireCaller(services, c, row.needs)
        const { status, body } = await answer(row, await callOf(services, protocol, c, row, caller))
        return c.json(body as object, status)
      },
    )
  }
  return app
}

/** What loosens is never handled here, whoever calls. */
async function answer(row: AdminRoute, call: Call): Promise<Answer> {
  const act = await row.loosens?.(call)
  if (act) return byPerson(call, row, act)
  if (!row.handle) throw new Error(`${row.operation} loosens always and named no act`)
  return row.handle(call)
}

/** What a session's cookie could be made to send from elsewhere; a token is never sent unasked. */
function guard(services: Services, { needs }: AdminRoute): MiddlewareHandler<Env> {
  const sameOrigin = requireSameOrigin(services)
  return (c, next) => {
    const bySession = c.req.header('authorization') === undefined && c.get('session') !== undefined
    return bySession && needs !== 'read' ? sameOrigin(c, next) : next()
  }
}

async function callOf(
  services: Services,
  protocol: Protocol,
  c: Context<Env>,
  row: AdminRoute,
  caller: Caller,
): Promise<Call> {
  const parameters = c.req.param() as Record<string, string>
  return {
    ...caller,
    services,
    protocol,
    language: c.get('context').language,
    head: eventHead(c.get('context'), caller.actor),
    query: row.query && parse(row.query, parseParameters(new URL(c.req.url).searchParams)),
    body: row.body && parse(row.body, await bodyOf(c)),
    id: (kind) => parseId(kind, parameters[kind]),
  }
}

async function bodyOf(c: Context<Env>): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw new Refusal('unsupported_media_type', { expected: 'application/json' })
  const sent = await c.req.text()
  try {
    return JSON.parse(sent) as unknown
  } catch {
    throw new Refusal('malformed_request', { faults: ['the body is not JSON'] })
  }
}
