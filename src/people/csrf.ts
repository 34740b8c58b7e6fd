/**
 * Writes come from our own pages. A browser says where a request comes from (Fetch Metadata, `Sec-Fetch-Site`); one that
 * does not still names the origin of a form post (RFC 6454); a simple one, without scripts that could forge it, the page it
 * was on (`Referer`, RFC 9110 §10.1.3). None of them: refused. Together with SameSite cookies this needs no token in forms.
 */

import type { Context, MiddlewareHandler } from 'hono'
import { Refusal } from '../core/refusal.ts'
import type { Env } from '../web.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Refuses `cross_site`. For every prefix with pages; not for endpoints that other origins call. */
export const requireSameOrigin =
  (services: { config: { issuer: string } }): MiddlewareHandler<Env> =>
  async (c, next) => {
    if (!safeMethods.has(c.req.method)) {
      const site = c.req.header('sec-fetch-site')
      const own = site === undefined ? originOf(c) === services.config.issuer : site === 'same-origin'
      if (!own) throw new Refusal('cross_site', { site: site ?? 'absent' })
    }
    await next()
  }

/** The first that is there speaks: `Origin: null` hides something, and no other header makes up for it. */
function originOf(c: Context<Env>): string | undefined {
  const page = c.req.header('origin') ?? c.req.header('referer')
  return page !== undefined && URL.canParse(page) ? new URL(page).origin : undefined
}
