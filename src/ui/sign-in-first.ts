/** Pages for somebody signed in: a browser without a session is sent to sign in and comes back; all else is refused. */

import type { Context, MiddlewareHandler } from 'hono'
import { requireSession } from '../people/session-cookie.ts'
import type { Env } from '../web.ts'

/** Refuses `session_required`, or `restricted` where the holder is denied: signing in again would not help. */
export const signInFirst: MiddlewareHandler<Env> = async (c, next) => {
  if (!c.get('session') && c.get('stopped')?.reason !== 'restricted' && looksAtPage(c))
    return c.redirect(`/signin?continue=${encodeURIComponent(c.get('context').address)}`, 303)
  requireSession(c)
  return next()
}

const looksAtPage = (c: Context<Env>): boolean =>
  c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html')
