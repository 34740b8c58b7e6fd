/**
 * Writes come from our own pages. A browser says where a request comes from (Fetch Metadata, `Sec-Fetch-Site`); one that
 * does not still names the origin of a form post (RFC 6454). Neither: refused. Together with SameSite cookies this needs
 * no token in forms.
 */

import type { MiddlewareHandler } from 'hono'
import { Refusal } from '../core/refusal.ts'
import type { Env } from '../web.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Refuses `cross_site`. For every prefix with pages; not for endpoints that other origins call. */
export const requireSameOrigin =
  (services: { config: { issuer: string } }): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (!safeMethods.has(c.req.method)) {
      const site = c.req.header('sec-fetch-site')
      const own =
        site === undefined ? c.req.header('origin') === services.config.issuer : site === 'same-origin'
      if (!own) throw new Refusal('cross_site', { site: site ?? 'absent' })
    }
    await next()
  }
