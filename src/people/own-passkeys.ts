/** What a person signed in does with their own passkeys: look, add, remove. Changing them asks for a fresh proof. */

import type { EventHead, Holder } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import type { CredentialId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { minutes, type Seconds } from '../core/time.ts'
import type { Services } from '../services.ts'
import { tellOfSessions } from '../deliveries/tell-store.ts'
import { stopEnded } from './stop.ts'
import { findHolder } from './holder.ts'
import type { Needs } from './needs.ts'
import { notify } from './notice-store.ts'
import { keepPasskey, registrationOptions, verifyRegistration, type Passkey } from './passkey.ts'
import { listPasskeyRows, lockPasskeys, markRemoved, relabel } from './passkey-store.ts'
import { owesProof, type Session } from './session.ts'
import { markCredentialEnded } from './session-store.ts'

/** How long a proof counts as fresh. */
export const freshSeconds: Seconds = minutes(5)

const keyRemoved = { fr: 'Clé d’accès supprimée.', en: 'Passkey removed.' }

/** Oldest first. */
export const listPasskeys = (needs: Pick<Needs, 'db'>, holder: Holder): Promise<Passkey[]> =>
  listPasskeyRows(needs.db, holder)

/**
 * A session found open must not become a lasting way in. Whoever holds a passkey must have shown it in the last five
 * minutes; whoever holds none yet, secret and code. Refuses `fresh_passkey_required`.
 */
export async function requireFresh(
  needs: Pick<Needs, 'db' | 'clock' | 'restrictions'>,
  session: Session,
): Promise<void> {
  const now = needs.clock.now()
  const passkeys = await listPasskeys(needs, session.holder)
  // However young a proof is, one that the security desk asks to be given anew is none.
  if (!mayChangePasskeys(session, passkeys.length, now) || owesProof(needs, session, now))
    throw new Refusal('fresh_passkey_required', { session: session.id })
}

/** Pure, for pages that offer the proof before it is refused. */
export const mayChangePasskeys = (session: Session, passkeys: number, now: Seconds): boolean =>
  now - session.authTime < freshSeconds && (session.acr !== 'garde:secret-otp' || passkeys === 0)

/** A name of their own choosing. Refuses `not_found` for somebody else's. */
export async function renamePasskey(
  needs: Pick<Needs, 'db'>,
  holder: Holder,
  id: CredentialId,
  label: string,
  head: EventHead,
): Promise<void> {
  await needs.db.transaction(async (tx) => {
    if (!(await relabel(tx, holder, id, label))) throw new Refusal('not_found', { credential: id })
    await record(tx, { ...head, kind: 'credential.renamed', holder, credential: id })
  })
}

/** Refuses `fresh_passkey_required`. */
export async function addOptions(needs: Needs, session: Session, browserHash: string) {
  await requireFresh(needs, session)
  const card = await findHolder(needs, session.holder)
  if (!card) throw new Refusal('session_required')
  return registrationOptions(needs, card, browserHash, { for: 'add', session: session.id })
}

/** Refuses `fresh_passkey_required`, `passkey_known`, and as `verifyRegistration`. */
export async function addPasskey(
  needs: Needs,
  session: Session,
  browserHash: string,
  answer: unknown,
  userAgent: string,
  head: EventHead,
): Promise<Passkey> {
  await requireFresh(needs, session)
  const purpose = { for: 'add', session: session.id } as const
  const registered = await verifyRegistration(needs, answer, browserHash, purpose)
  return needs.db.transaction((tx) => keepPasskey(needs, tx, session.holder, registered, userAgent, head))
}

/**
 * The sessions it opened end with it, but for this one. Refuses `fresh_passkey_required`, `not_found` for somebody
 * else's, `last_credential` for the only one.
 */
export async function removePasskey(
  services: Services,
  session: Session,
  id: CredentialId,
  head: EventHead,
): Promise<void> {
  await requireFresh(services, session)
  const { holder } = session
  const sessions = await services.db.transaction(async (tx) => {
    const own = await lockPasskeys(tx, holder)
    const passkey = own.find((one) => one.id === id)
    if (!passkey) throw new Refusal('not_found', { credential: id })
    if (own.length === 1) throw new Refusal('last_credential', { credential: id })
    await markRemoved(tx, id, head.at)
    await record(tx, { ...head, kind: 'credential.removed', holder, credential: id, factor: 'passkey' })
    await notify(tx, holder, head.at, 'passkey-removed', { label: passkey.label })
    const ended = await markCredentialEnded(tx, id, head.at, session.id)
    const cause = 'signed-out' as const
    await record(
      tx,
      ...ended.map((one) => ({ ...head, kind: 'session.ended' as const, session: one, holder, cause })),
    )
    await tellOfSessions(tx, ended, head.at)
    return ended
  })
  await stopEnded(services, holder, sessions, keyRemoved, head)
}
