/**
 * Whatever a holder ends of their own: sessions end here, and what they had already been given stops at every enforcement
 * point, because tokens live on for minutes.
 */

import type { EventHead, Holder } from '../audit/event.ts'
import type { GrantId, SessionId } from '../core/ids.ts'
import { minutes } from '../core/time.ts'
import { endGrant } from '../grants/store.ts'
import { restrict } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import { endAllSessions, endSession, type EndCause, type Session } from './session.ts'

/** An access token outlives its session or grant by 300 s at most; the restriction by a little more. */
const outliveSeconds = minutes(10)

/** `reason`: for the journal, where the security desk reads it. */
export interface Why {
  cause: Extract<EndCause, 'not-me' | 'signed-out'>
  reason: string
}

/** One session of the holder's own. */
export async function disownSession(
  services: Services,
  session: Session,
  why: Why,
  head: EventHead,
): Promise<void> {
  if (await endSession(services, session, why.cause, head))
    await stopTokens(services, session.holder, { session: session.id }, why, head)
}

/** Every session but `except`. Answers those that were ended. */
export async function disownSessions(
  services: Services,
  holder: Holder,
  why: Why,
  head: EventHead,
  except?: SessionId,
): Promise<SessionId[]> {
  const ended = await endAllSessions(services, holder, why.cause, head, except)
  for (const session of ended) await stopTokens(services, holder, { session }, why, head)
  return ended
}

/** What an application was let have. */
export async function disownGrant(
  services: Services,
  holder: Holder,
  grant: GrantId,
  why: Why,
  head: EventHead,
): Promise<void> {
  if (await endGrant(services.db, head, grant, 'revoked'))
    await stopTokens(services, holder, { grant }, why, head)
}

async function stopTokens(
  services: Services,
  holder: Holder,
  selector: { session: SessionId } | { grant: GrantId },
  { reason }: Why,
  { request, network, actor, at }: EventHead,
): Promise<void> {
  // Operators have no tokens.
  if (holder.kind !== 'practitioner') return
  await restrict(
    services,
    holder,
    {
      selector,
      effect: { kind: 'deny' },
      endsSessions: 'session' in selector,
      reason,
      expiresAt: at + outliveSeconds,
    },
    { actor, ...(request && { request }), ...(network && { network }) },
  )
}
