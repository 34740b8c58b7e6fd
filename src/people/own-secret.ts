/** Adding or changing the lesser way in from the account page, under a fresh proof. */

import type { EventHead, Holder } from '../audit/event.ts'
import { Refusal } from '../core/refusal.ts'
import type { PractitionerId } from '../core/ids.ts'
import { findHolder, type HolderCard } from './holder.ts'
import type { Needs } from './needs.ts'
import { listPasskeys, requireFresh } from './own-passkeys.ts'
import {
  isSecretOff,
  keepSecret,
  offerCode,
  prepareSecret,
  removeSecret,
  reopenOffer,
  type CodeOffer,
} from './secret.ts'
import { hasSecret } from './secret-store.ts'
import type { Session } from './session.ts'

/** Refuses `fresh_passkey_required`; `secret_sign_in_off` for operators. */
export async function offerOwnCode(needs: Needs, session: Session): Promise<CodeOffer> {
  await requireFresh(needs, session)
  return offerCode(needs, (await ownCard(needs, session)).email, session.id)
}

/** Refuses as `offerOwnCode`, `prepareSecret`, and `challenge_invalid` for a key offered to another session. */
export async function setOwnSecret(
  needs: Needs,
  session: Session,
  form: { secret: string; code: string; sealed: string },
  head: EventHead,
): Promise<void> {
  await requireFresh(needs, session)
  const card = await ownCard(needs, session)
  const offer = await reopenOffer(needs, card.email, session.id, form.sealed)
  const own = [card.email, card.name, ...card.name.split(' ')]
  const row = await prepareSecret(needs, card.holder.id, own, { ...form, offer })
  await needs.db.transaction((tx) => keepSecret(tx, session.holder, row, head))
}

/** Whoever holds a passkey can do without. Refuses `fresh_passkey_required`, and `last_credential` without one. */
export async function removeOwnSecret(needs: Needs, session: Session, head: EventHead): Promise<void> {
  await requireFresh(needs, session)
  if ((await listPasskeys(needs, session.holder)).length === 0) throw new Refusal('last_credential', {})
  await removeSecret(needs, session.holder, head)
}

/** `off`: one of their practices takes passkeys only. Undefined for operators. */
export async function ownSecretState(
  needs: Needs,
  holder: Holder,
): Promise<'set' | 'none' | 'off' | undefined> {
  if (holder.kind !== 'practitioner') return undefined
  if (await isSecretOff(needs, holder.id, needs.clock.now())) return 'off'
  return (await hasSecret(needs.db, holder)) ? 'set' : 'none'
}

async function ownCard(
  needs: Needs,
  session: Session,
): Promise<HolderCard & { holder: { kind: 'practitioner'; id: PractitionerId } }> {
  const card = await findHolder(needs, session.holder)
  if (!card) throw new Refusal('session_required')
  if (card.holder.kind !== 'practitioner')
    throw new Refusal('secret_sign_in_off', { operator: card.holder.id })
  return { ...card, holder: card.holder }
}
