/** Refusals of registration: RFC 7591 §3.2.2 and RFC 7592 §2. Who registers is told which member is wrong; what was sent is not repeated. */

import type { MiddlewareHandler } from 'hono'
import { Refusal, refusalRow } from '../core/refusal.ts'
import type { OauthEnv } from './accepted.ts'
import { answerInstead, type PlainAnswer } from './hand-over.ts'

const statuses: Partial<Record<number, PlainAnswer['status']>> = {
  401: 401,
  413: 413,
  415: 415,
  429: 429,
  503: 503,
}

export const registrationErrors: MiddlewareHandler<OauthEnv> = async (c, next) => {
  await next()
  if (c.error instanceof Refusal) {
    const { oauth, en, status } = refusalRow(c.error.reason)
    const { faults } = c.error.detail
    const retryAfter = c.res.headers.get('retry-after')
    const told = Array.isArray(faults) ? { faults: faults as string[] } : {}
    const error = oauth ?? 'invalid_client_metadata'
    answerInstead(c, {
      body: JSON.stringify({ error, error_description: en, request: c.get('context').id, ...told }),
      status: statuses[status] ?? 400,
      headers: {
        'Content-Type': 'application/json',
        ...(status === 401 && { 'WWW-Authenticate': `Bearer realm="Garde", error="${error}"` }),
        ...(retryAfter !== null && { 'Retry-After': retryAfter }),
      },
    })
  }
  c.res.headers.set('Cache-Control', 'no-store')
  c.res.headers.set('Pragma', 'no-cache')
}
