/** What every route of the authorization server knows about its request, worked out once by `app.ts`. */

import type { EventHead, Actor } from './audit/event.ts'
import type { RequestId } from './core/ids.ts'
import type { Language } from './core/language.ts'
import type { Refusal, RefusalRow } from './core/refusal.ts'
import type { Seconds } from './core/time.ts'
import type { Session } from './people/session.ts'
import type { Markup } from './ui/layout.ts'

export interface RequestContext {
  id: RequestId
  at: Seconds
  language: Language
  /** Path and query as asked, for the language switch. */
  address: string
  /** The peer's network (IPv4 /24, IPv6 /48); forwarded addresses only from configured peers. */
  network: string
  userAgent: string
}

/** Hono's environment. `remote`: the socket's peer address, lent by the runtime. */
export interface Env {
  Bindings: { remote: string }
  Variables: {
    context: RequestContext
    session?: Session
    /** The session the cookie names, usable or not: for what only ends. */
    named?: Session
    actor?: Actor
    /** Why a session that was sent is not used; `requireSession` throws it. */
    stopped?: Refusal
    /** Draws a refusal inside the page it happened on; the bare refusal page where absent. */
    drawRefusal?: (row: RefusalRow, request: RequestId) => Markup
  }
}

export const eventHead = (context: RequestContext, actor: Actor): EventHead => ({
  at: context.at,
  request: context.id,
  network: context.network,
  actor,
})
