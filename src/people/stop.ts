/**
 * Whatever ends ends at every enforcement point: tokens live on for minutes and are looked up nowhere, so the journal
 * tells. Its rows are short-lived, and a plain end writes none where nothing was given that could live on.
 */

import type { Actor, EventHead, Holder } from '../audit/event.ts'
import type { ClientId, GrantId, PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import { minutes } from '../core/time.ts'
import { holdsGrant } from '../grants/store.ts'
import {
  ownWords,
  type Author,
  type Effect,
  type Message,
  type Selector,
} from '../restrictions/restriction.ts'
import { restrict } from '../restrictions/store.ts'
import type { Services } from '../services.ts'

/** An access token outlives its session or grant by 300 s at most; the restriction by a little more. */
const outliveSeconds = minutes(10)

/** Of sessions that were ended just now: those that had let an application have something. */
export async function stopEnded(
  services: Services,
  holder: Holder,
  sessions: readonly SessionId[],
  why: Message,
  head: EventHead,
): Promise<void> {
  for (const session of sessions) {
    if (await holdsGrant(services.db, { session }, head.at))
      await stopTokens(services, holder, { session }, why, head)
  }
}

/** Every session of one who was disabled; one who is enabled again signs in again. */
export async function stopPractitioner(
  services: Services,
  practitioner: PractitionerId,
  head: EventHead,
): Promise<void> {
  if (!(await holdsGrant(services.db, { practitioner }, head.at))) return
  await stop(
    services,
    authorOf(head.actor),
    { selector: { practitioner }, effect: { kind: 'step-up' }, endsSessions: true },
    { fr: 'Praticien désactivé.', en: 'Practitioner disabled.' },
    head,
  )
}

/** What was proven before a membership ended opens that practice no more; another membership there asks for a proof. */
export async function stopMember(
  services: Services,
  { practitioner, practice }: { practitioner: PractitionerId; practice: PracticeId },
  head: EventHead,
): Promise<void> {
  if (!(await holdsGrant(services.db, { practitioner, practice }, head.at))) return
  await stop(
    services,
    authorOf(head.actor),
    { selector: { practitioner, practice }, effect: { kind: 'step-up' }, endsSessions: false },
    { fr: 'Fin d’un rattachement.', en: 'A membership ended.' },
    head,
  )
}

/** Every token of a client that was disabled, of people and its own. A client that is disabled never comes back. */
export const stopClient = (services: Services, client: ClientId, head: EventHead): Promise<void> =>
  stop(
    services,
    authorOf(head.actor),
    { selector: { client }, effect: { kind: 'deny' }, endsSessions: false },
    { fr: 'Application désactivée.', en: 'Client disabled.' },
    head,
  )

export async function stopTokens(
  services: Services,
  holder: Holder,
  selector: { session: SessionId } | { grant: GrantId },
  why: Message,
  head: EventHead,
): Promise<void> {
  // Operators have no tokens.
  if (holder.kind !== 'practitioner') return
  // Of a session the end is what counts: the effect itself asks nothing more, and its application hears 401, not 423.
  const act =
    'session' in selector
      ? { selector, effect: { kind: 'step-up' } as const, endsSessions: true }
      : { selector, effect: { kind: 'deny' } as const, endsSessions: false }
  await stop(services, holder, act, why, head)
}

async function stop(
  services: Services,
  author: Author,
  act: { selector: Selector; effect: Effect; endsSessions: boolean },
  why: Message,
  { request, network, actor }: EventHead,
): Promise<void> {
  await restrict(
    services,
    author,
    { ...act, ...ownWords(why), expiresAt: services.clock.now() + outliveSeconds },
    { actor, ...(request && { request }), ...(network && { network }) },
  )
}

const authorOf = (actor: Actor): Author =>
  actor.kind === 'operator' || actor.kind === 'practitioner'
    ? ({ kind: actor.kind, id: actor.id } as Author)
    : { kind: 'rule', rule: 'id' in actor ? actor.id : actor.kind }
