/**
 * GET /assets/*: style sheet, mark and small modules, byte for byte. A strong validator and `no-cache` rather than
 * hashed names: modules import each other by name, and an upgrade is seen at the next page.
 */

import { Hono } from 'hono'
import { base64url } from '../core/bytes.ts'
import type { AssetSource, Primitives } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import type { Env } from '../web.ts'

const types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const

const assetName = /^[a-z][a-z0-9-]{0,40}\.(css|js|svg)$/

/** Refuses `not_found` for every name that is not plainly one of ours. */
export function assetRoutes(source: AssetSource, primitives: Pick<Primitives, 'sha256'>): Hono<Env> {
  const routes = new Hono<Env>()
  routes.get('/assets/:name', async (c) => {
    const name = c.req.param('name')
    const extension = assetName.exec(name)?.[1] as keyof typeof types | undefined
    const bytes = extension && (await source.find(name))
    if (!extension || !bytes) throw new Refusal('not_found')
    const etag = `"${base64url(primitives.sha256(bytes))}"`
    const headers = { ETag: etag, 'Cache-Control': 'public, no-cache' }
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
    return c.body(bytes, 200, { ...headers, 'Content-Type': types[extension] })
  })
  return routes
}
