/**
 * Which pages of other origins may read which answers. Discovery, keys and userinfo hold nothing a cookie would open, so
 * they are for all; the token endpoint answers the origins a public client has registered as return addresses.
 */

import type { MiddlewareHandler } from 'hono'
import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { isPublicClientOrigin } from '../clients/store.ts'
import type { Services } from '../services.ts'
import type { OauthEnv } from './accepted.ts'

/** RFC 9449 §8.2, RFC 6750 §3. */
const readable = 'WWW-Authenticate, DPoP-Nonce'

const preflight = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, DPoP',
  'Access-Control-Max-Age': '600',
}

export const readableByAll: MiddlewareHandler<OauthEnv> = async (c, next) => {
  if (c.req.method === 'OPTIONS') c.res = c.body(null, 204, preflight)
  else await next()
  c.res.headers.set('Access-Control-Allow-Origin', '*')
  c.res.headers.set('Access-Control-Expose-Headers', readable)
}

export const readableByItsClient =
  ({ db }: Pick<Services, 'db'>): MiddlewareHandler<OauthEnv> =>
  async (c, next) => {
    const origin = c.req.header('origin')
    const asked = c.req.method === 'OPTIONS'
    if (asked) c.res = c.body(null, 204, preflight)
    else await next()
    // A cached answer for one origin must not be given to another.
    c.res.headers.append('Vary', 'Origin')
    if (origin === undefined) return
    const client = c.get('client')
    const known = asked ? await isPublicClientOrigin(db, origin) : client && returnsTo(client, origin)
    if (!known) return
    c.res.headers.set('Access-Control-Allow-Origin', origin)
    c.res.headers.set('Access-Control-Expose-Headers', readable)
  }

const returnsTo = (client: Client, origin: string): boolean =>
  profileRow(client.profile).kind === 'public' &&
  client.redirectUris.some((uri) => uri === origin || uri.startsWith(`${origin}/`))
