/** What a holder ends of their own. */

import type { EventHead, Holder } from '../audit/event.ts'
import type { GrantId, SessionId } from '../core/ids.ts'
import { endGrant } from '../grants/store.ts'
import type { Message } from '../restrictions/restriction.ts'
import type { Services } from '../services.ts'
import { endAllSessions, endSession, type EndCause, type Session } from './session.ts'
import { stopEnded, stopTokens } from './stop.ts'

/** `message`: for the journal and the desk, and for whoever holds what was ended. */
export interface Why {
  cause: Extract<EndCause, 'not-me' | 'signed-out'>
  message: Message
}

const signedOut: Message = { fr: 'Déconnexion.', en: 'Signed out.' }

/** The plain way out, whoever asked for it: here, at an application, or by signing in as somebody else. */
export async function signOut(
  services: Services,
  session: Pick<Session, 'id' | 'holder'>,
  head: EventHead,
): Promise<void> {
  if (await endSession(services, session, 'signed-out', head))
    await stopEnded(services, session.holder, [session.id], signedOut, head)
}

/** One session of the holder's own. */
export async function disownSession(
  services: Services,
  session: Session,
  why: Why,
  head: EventHead,
): Promise<void> {
  if (await endSession(services, session, why.cause, head))
    await stopTokens(services, session.holder, { session: session.id }, why.message, head)
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
  for (const session of ended) await stopTokens(services, holder, { session }, why.message, head)
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
    await stopTokens(services, holder, { grant }, why.message, head)
}
