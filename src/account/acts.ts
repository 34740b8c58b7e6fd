/** What a person can end of their own, and the one act for when somebody else was there. */

import type { EventHead, Holder } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type ClientId, type SessionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { findConsent, forgetConsent, forgetConsents } from '../grants/consent-store.ts'
import { grantsToEnd } from '../grants/store.ts'
import { disownGrant, disownSession, disownSessions, type Why } from '../people/disown.ts'
import { notify } from '../people/notice-store.ts'
import { insertFinding } from '../people/passkey-store.ts'
import { findLiveSession, type Session } from '../people/session.ts'
import type { Services } from '../services.ts'

const ended: Why = {
  cause: 'signed-out',
  message: { fr: 'Fermée par la personne depuis son compte.', en: 'Ended by the person from their account.' },
}
const forgotten: Why = {
  cause: 'signed-out',
  message: {
    fr: 'Application oubliée par la personne depuis son compte.',
    en: 'Application forgotten by the person from their account.',
  },
}
const notMe: Why = {
  cause: 'not-me',
  message: {
    fr: 'Signalé par la personne : « Ce n’était pas moi ».',
    en: 'Reported by the person: “This was not me”.',
  },
}

/** One that is denied ends as well. Refuses `not_found` for a session that is not theirs or has ended. */
export async function endOwnSession(
  services: Services,
  own: Session,
  id: SessionId,
  head: EventHead,
): Promise<void> {
  const session = await findLiveSession(services, id)
  const theirs = session?.holder.kind === own.holder.kind && session.holder.id === own.holder.id
  if (!session || !theirs || id === own.id) throw new Refusal('not_found', { session: id })
  await disownSession(services, session, ended, head)
}

export async function endOtherSessions(services: Services, own: Session, head: EventHead): Promise<void> {
  await disownSessions(services, own.holder, ended, head, own.id)
}

/**
 * Forgets an application: all it was let have ends, here and on every other device, and it is asked about again. By the
 * name of the application and never of a grant, so that nobody else's can be named. Refuses `not_found` where there is
 * nothing to forget.
 */
export async function forgetApplication(
  services: Services,
  { holder }: Session,
  client: ClientId,
  head: EventHead,
): Promise<void> {
  if (holder.kind !== 'practitioner') throw new Refusal('not_found', { client })
  const consent = await findConsent(services.db, holder.id, client)
  const grants = await grantsToEnd(services.db, holder.id, client)
  if (!consent && grants.length === 0) throw new Refusal('not_found', { client })
  await forgetConsent(services.db, head, holder.id, client)
  for (const grant of grants) await disownGrant(services, holder, grant, forgotten, head)
}

/**
 * "This was not me": ends every other session and every grant of this person, forgets what somebody else may have
 * consented to, and tells the security desk.
 */
export async function reportNotMe(services: Services, own: Session, head: EventHead): Promise<void> {
  const { holder } = own
  const sessions = await disownSessions(services, holder, notMe, head, own.id)
  if (holder.kind === 'practitioner') {
    await forgetConsents(services.db, head, holder.id)
    for (const grant of await grantsToEnd(services.db, holder.id))
      await disownGrant(services, holder, grant, notMe, head)
  }
  await tellDesk(services, holder, sessions.length, head)
}

async function tellDesk(services: Services, holder: Holder, count: number, head: EventHead): Promise<void> {
  const finding = {
    rule: 'not-me',
    value: count,
    threshold: 0,
    window: 'sessions',
    action: 'notice',
  } as const
  const id = mintId('finding')
  await services.db.transaction(async (tx) => {
    await insertFinding(tx, { id, holder, at: head.at, ...finding })
    await record(tx, { ...head, kind: 'finding', finding: id, holder, ...finding })
    await notify(tx, holder, head.at, 'not-me', { network: head.network ?? '' })
  })
}
