/** The answer of the authorization endpoint: always 303, always with `iss` (RFC 9207), `state` byte for byte. */

import type { MiddlewareHandler } from 'hono'
import { Refusal, refusalRow } from '../core/refusal.ts'
import type { OauthEnv, Return } from './accepted.ts'
import { answerInstead, handOver } from './hand-over.ts'

/** Appended as text, so that what is registered stays as it is written. */
export function answerAddress(issuer: string, to: Return, parameters: Record<string, string>): string {
  const query = new URLSearchParams({
    ...parameters,
    ...(to.state !== undefined && { state: to.state }),
    iss: issuer,
  })
  return `${to.redirectUri}${to.redirectUri.includes('?') ? '&' : '?'}${query.toString()}`
}

/**
 * RFC 6749 §4.1.2.1: once the return address is proven, a refusal goes there; `app.ts` has recorded it by then. Before
 * that it stays the page it is.
 */
export const refusalsGoBack =
  (issuer: string): MiddlewareHandler<OauthEnv> =>
  async (c, next) => {
    await next()
    const to = c.get('answerTo')
    if (!to || !(c.error instanceof Refusal)) return
    const row = refusalRow(c.error.reason)
    if (!row.oauth) return
    const address = answerAddress(issuer, to, { error: row.oauth, error_description: row.en })
    answerInstead(c, await handOver(c, address))
  }
