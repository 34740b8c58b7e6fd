/**
 * What a person can end of their own. A session or a grant is stopped by a restriction first, so that tokens already out
 * are refused at the gateway at once, and then ended for good.
 */

import type { EventHead, Holder } from '../audit/event.ts'
import { mintId, type GrantId, type SessionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { minutes } from '../core/time.ts'
import { record } from '../audit/store.ts'
import { endGrant, listGrants } from '../grants/store.ts'
import { notify } from '../people/notice-store.ts'
import { insertFinding } from '../people/passkey-store.ts'
import { endAllSessions, endSession, listSessions, type EndCause, type Session } from '../people/session.ts'
import type { Author } from '../restrictions/restriction.ts'
import { restrict } from '../restrictions/store.ts'
import type { Services } from '../services.ts'

const reasons = {
  ended: 'Fermée par la personne depuis son compte.',
  notMe: 'Signalé par la personne : « Ce n’était pas moi ».',
} as const

const authorOf = (holder: Holder): Author => holder

/** Access tokens live five minutes: nothing of an ended grant outlives this. */
const grantStopSeconds = minutes(10)

async function stopSession(
  services: Services,
  session: Session,
  why: { reason: string; cause: EndCause },
  head: EventHead,
): Promise<void> {
  const act = {
    selector: { session: session.id },
    effect: { kind: 'deny' },
    endsSessions: true,
    reason: why.reason,
    expiresAt: session.endsAt,
  } as const
  await restrict(services, authorOf(session.holder), act, head)
  await endSession(services, session, why.cause, head)
}

async function stopGrant(
  services: Services,
  holder: Holder,
  grant: GrantId,
  reason: string,
  head: EventHead,
): Promise<void> {
  const expiresAt = services.clock.now() + grantStopSeconds
  const act = {
    selector: { grant },
    effect: { kind: 'deny' },
    endsSessions: false,
    reason,
    expiresAt,
  } as const
  await restrict(services, authorOf(holder), act, head)
  await endGrant(services.db, head, grant, 'revoked')
}

const othersOf = async (services: Services, own: Session): Promise<Session[]> =>
  (await listSessions(services, own.holder)).filter(({ id }) => id !== own.id)

/** Refuses `not_found` for a session that is not theirs or has ended. */
export async function endOwnSession(
  services: Services,
  own: Session,
  id: SessionId,
  head: EventHead,
): Promise<void> {
  const session = (await othersOf(services, own)).find((other) => other.id === id)
  if (!session) throw new Refusal('not_found', { session: id })
  await stopSession(services, session, { reason: reasons.ended, cause: 'signed-out' }, head)
}

export async function endOtherSessions(services: Services, own: Session, head: EventHead): Promise<void> {
  for (const session of await othersOf(services, own))
    await stopSession(services, session, { reason: reasons.ended, cause: 'signed-out' }, head)
  await endAllSessions(services, own.holder, 'signed-out', head, own.id)
}

/** Refuses `not_found` for a grant that is not theirs or has ended. */
export async function endOwnGrant(
  services: Services,
  own: Session,
  id: GrantId,
  head: EventHead,
): Promise<void> {
  const known = own.holder.kind === 'practitioner' && (await standingGrants(services, own.holder))
  if (!known || !known.includes(id)) throw new Refusal('not_found', { grant: id })
  await stopGrant(services, own.holder, id, reasons.ended, head)
}

const standingGrants = async (
  services: Services,
  holder: Holder & { kind: 'practitioner' },
): Promise<GrantId[]> => (await listGrants(services.db, holder.id, services.clock.now())).map(({ id }) => id)

/**
 * "This was not me": ends every other session and every grant of this person, and tells the security desk. Sessions that
 * begin while this runs are ended by the last statement or began with the person's own credential afterwards.
 */
export async function reportNotMe(services: Services, own: Session, head: EventHead): Promise<void> {
  const { holder } = own
  const others = await othersOf(services, own)
  for (const session of others)
    await stopSession(services, session, { reason: reasons.notMe, cause: 'not-me' }, head)
  const grants = holder.kind === 'practitioner' ? await standingGrants(services, holder) : []
  for (const grant of grants) await stopGrant(services, holder, grant, reasons.notMe, head)
  await endAllSessions(services, holder, 'not-me', head, own.id)
  await tellDesk(services, holder, others.length, head)
}

async function tellDesk(services: Services, holder: Holder, ended: number, head: EventHead): Promise<void> {
  const finding = {
    rule: 'not-me',
    value: ended,
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
