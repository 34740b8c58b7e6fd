/** What every route of the security desk does first: the operator, the frame of the page, the head of its events. */

import type { Context } from 'hono'
import type { EventHead } from '../audit/event.ts'
import { requireConfirmedOperator, type ProvenOperator } from '../operators/fresh-passkey.ts'
import type { Act } from '../people/confirmation.ts'
import { findNames } from '../people/directory-store.ts'
import { browserHash, requireOperator } from '../people/session-cookie.ts'
import type { Author } from '../restrictions/restriction.ts'
import type { Services } from '../services.ts'
import { eventHead, type Env } from '../web.ts'
import type { ConsoleFrame } from './pages.ts'

/** Refuses `session_required`, `operator_required`. `ids`: whatever the page names. */
export async function deskFrame(
  services: Services,
  c: Context<Env>,
  ids: Iterable<string>,
): Promise<ConsoleFrame> {
  const session = requireOperator(c)
  const { language, address, at } = c.get('context')
  const names = await findNames(services.db, [session.holder.id, ...ids])
  const name = names.get(session.holder.id) ?? session.holder.id
  return {
    language,
    now: at,
    names,
    operator: { id: session.holder.id, name, session: session.id },
    // A page that answers a POST cannot be asked for again by a link.
    ...(c.req.method === 'GET' && { address }),
  }
}

export const deskHead = (c: Context<Env>): EventHead =>
  eventHead(c.get('context'), { ...requireOperator(c).holder, via: 'console' })

export const deskAuthor = (c: Context<Env>): Author => requireOperator(c).holder

/** A passkey's touch for one act of the desk. Refuses as `requireConfirmedOperator`. */
export const requireTouch = (
  services: Services,
  c: Context<Env>,
  act: Act,
  assertion: string | undefined,
): Promise<ProvenOperator> =>
  requireConfirmedOperator(
    services,
    requireOperator(c),
    browserHash(services, c),
    act,
    assertion,
    deskHead(c),
  )
