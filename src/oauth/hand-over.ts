/** Leaving for an application: 303, or from our own pages a page that moves on by itself (`pages.ts` says why). */

import type { Context } from 'hono'
import { paths, type OauthEnv } from './accepted.ts'
import { handOverPage } from './pages.ts'

export function handOver(c: Context<OauthEnv>, address: string): Response | Promise<Response> {
  const fromOurPages = c.req.path === paths.resume && (c.req.header('accept') ?? '').includes('text/html')
  if (!fromOurPages) return c.redirect(address, 303)
  c.header('Refresh', `0; url=${address}`)
  c.header('Referrer-Policy', 'no-referrer')
  return c.html(handOverPage(c.get('context').language, address))
}
