/**
 * Refusals in the form each endpoint's standard wants, whatever `Accept` says; `app.ts` has recorded them by then.
 * Token: RFC 6749 §5.2. Userinfo: RFC 6750 §3.
 */

import type { Context, MiddlewareHandler, Next } from 'hono'
import { Refusal, refusalRow, type Reason } from '../core/refusal.ts'
import { challengesTo } from '../tokens/dpop.ts'
import type { OauthEnv } from './accepted.ts'
import { answerInstead } from './hand-over.ts'

/**
 * Words that belong to resources or to the authorization endpoint. At the token endpoint all of them mean: this grant
 * gives nothing now, ask the person again.
 */
const grantGivesNothing: ReadonlySet<Reason> = new Set<Reason>([
  'restricted',
  'session_ended',
  'step_up_required',
  'redirect_uri_mismatch',
])

const otherStatus: Partial<Record<number, 429 | 503 | 413 | 415>> = { 429: 429, 503: 503, 413: 413, 415: 415 }

export const tokenErrors: MiddlewareHandler<OauthEnv> = (c, next) => answerAsJson(c, next, grantGivesNothing)

/** RFC 9126 §2.3: the words of the authorization endpoint, in the form of the token endpoint. */
export const pushErrors: MiddlewareHandler<OauthEnv> = (c, next) => answerAsJson(c, next, new Set())

async function answerAsJson(c: Context<OauthEnv>, next: Next, asGrant: ReadonlySet<Reason>): Promise<void> {
  await next()
  if (c.error instanceof Refusal) {
    const row = refusalRow(c.error.reason)
    const error = asGrant.has(c.error.reason) ? 'invalid_grant' : (row.oauth ?? 'invalid_request')
    const byHeader = error === 'invalid_client' && c.req.header('authorization') !== undefined
    const status = byHeader ? 401 : (otherStatus[row.status] ?? 400)
    const retryAfter = c.res.headers.get('retry-after')
    answerInstead(c, {
      body: JSON.stringify({ error, error_description: row.en, request: c.get('context').id }),
      status,
      headers: {
        'Content-Type': 'application/json',
        ...(byHeader && { 'WWW-Authenticate': 'Basic realm="Garde", charset="UTF-8"' }),
        ...(retryAfter !== null && { 'Retry-After': retryAfter }),
      },
    })
  }
  c.res.headers.set('Cache-Control', 'no-store')
  c.res.headers.set('Pragma', 'no-cache')
}

export const bearerErrors: MiddlewareHandler<OauthEnv> = async (c, next) => {
  await next()
  if (!(c.error instanceof Refusal) || (c.res.status !== 401 && c.res.status !== 403)) return
  const { oauth } = refusalRow(c.error.reason)
  // RFC 6750 §3: without a token, no error word.
  const parameters = oauth ? `realm="Garde", error="${oauth}"` : 'realm="Garde"'
  c.res.headers.delete('WWW-Authenticate')
  for (const challenge of challengesTo(c.req.header('authorization'), parameters))
    c.res.headers.append('WWW-Authenticate', challenge)
}
