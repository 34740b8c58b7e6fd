/** "This was not me": sessions end here, and what they had already been given stops at every enforcement point. */

import type { EventHead, Holder } from '../audit/event.ts'
import type { SessionId } from '../core/ids.ts'
import { minutes } from '../core/time.ts'
import { restrict } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import { endAllSessions, endSession, type Session } from './session.ts'

/** An access token outlives its session by 300 s at most; the restriction by a little more. */
const outliveSeconds = minutes(10)

/** One session of the holder's own. */
export async function disownSession(services: Services, session: Session, head: EventHead): Promise<void> {
  if (await endSession(services, session, 'not-me', head))
    await stopTokens(services, session.holder, session.id, head)
}

/** Every session but `except`. Answers those that were ended. */
export async function disownSessions(
  services: Services,
  holder: Holder,
  head: EventHead,
  except?: SessionId,
): Promise<SessionId[]> {
  const ended = await endAllSessions(services, holder, 'not-me', head, except)
  for (const session of ended) await stopTokens(services, holder, session, head)
  return ended
}

async function stopTokens(
  services: Services,
  holder: Holder,
  session: SessionId,
  { request, network, actor, at }: EventHead,
): Promise<void> {
  if (holder.kind !== 'practitioner') return
  await restrict(
    services,
    holder,
    {
      selector: { session },
      effect: { kind: 'deny' },
      endsSessions: true,
      reason: 'session disowned by its holder',
      expiresAt: at + outliveSeconds,
    },
    { actor, ...(request && { request }), ...(network && { network }) },
  )
}
