/** Who calls the admin API: an operator, by an admin token or by the console's session. Nobody else reaches a row. */

import type { Context } from 'hono'
import { Refusal } from '../core/refusal.ts'
import { factsOfToken, requireAdminToken } from '../operators/admin-token-store.ts'
import { requireOperator } from '../people/session-cookie.ts'
import { factsOf } from '../people/session.ts'
import type { Facts } from '../restrictions/facts.ts'
import type { Services } from '../services.ts'
import type { Env } from '../web.ts'
import type { Needs } from './authority.ts'
import type { Caller } from './route.ts'

/**
 * Refuses `admin_token_invalid`, `slowed`, `session_required`, `operator_required`, `restricted`, `read_only`,
 * `step_up_required` and `session_ended`. A token, where one is sent, is all that counts: a cookie beside it adds nothing.
 */
export async function requireCaller(services: Services, c: Context<Env>, needs: Needs): Promise<Caller> {
  const header = c.req.header('authorization')
  if (header === undefined) return bySession(services, c, needs === 'read')
  const token = await tokenOf(services, c, header)
  const actor = { kind: 'operator', id: token.operator, via: 'token' } as const
  c.set('actor', actor)
  requireUnrestricted(services, factsOfToken(token, needs === 'read'))
  return { operator: token.operator, actor }
}

function bySession(services: Services, c: Context<Env>, safe: boolean): Caller {
  const session = requireOperator(c)
  requireUnrestricted(services, { ...factsOf(session), safe })
  const operator = session.holder.id
  return { operator, actor: { kind: 'operator', id: operator, via: 'console' }, session }
}

/** A failure costs the source a point: guesses are slowed, and those who hold a token never are. */
async function tokenOf(services: Services, c: Context<Env>, header: string) {
  try {
    const token = /^bearer ([A-Za-z0-9_-]{43})$/i.exec(header)?.[1]
    if (token === undefined) throw new Refusal('admin_token_invalid', { fault: 'shape' })
    return await requireAdminToken(services, token)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    c.set('actor', undefined)
    const taken = await services.throttle.take('admin-source', c.get('context').network)
    if (!taken.allowed) throw new Refusal('slowed', { retryAfterSeconds: taken.retryAfterSeconds })
    c.header('WWW-Authenticate', 'Bearer realm="admin", error="invalid_token"')
    throw error
  }
}

function requireUnrestricted(services: Services, facts: Facts): void {
  const verdict = services.restrictions.decide(facts, services.clock.now())
  if (!verdict.allow) throw new Refusal(verdict.reason, { by: verdict.by, message: verdict.message })
}
