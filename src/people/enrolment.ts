/**
 * One-time links by which a holder registers a first passkey. The token stands in the fragment, so that it is in no
 * request line, log or referrer; only its hash is stored; it is taken with the credential it brings, in one statement.
 */

import type { EventHead, Holder } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { hours, minutes, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { findEnrolmentRow, insertEnrolment, takeEnrolmentRow, voidEnrolments } from './enrolment-store.ts'
import { findHolder, type HolderCard } from './holder.ts'
import type { Needs } from './needs.ts'

export type EnrolmentPurpose = 'enrol' | 'setup'

export const enrolmentLifetime = { shortest: minutes(15), longest: hours(24) } as const

export interface Enrolment {
  linkHash: string
  holder: Holder
  purpose: EnrolmentPurpose
  expiresAt: Seconds
}

/**
 * The link, once. An earlier link of the same holder that nobody used dies with it. Refuses `malformed_request` for a
 * lifetime outside 15 min to 24 h, `not_found` for an unknown or disabled holder.
 */
export async function inviteHolder(
  needs: Pick<Needs, 'db' | 'primitives' | 'config'>,
  invitation: { holder: Holder; purpose: EnrolmentPurpose; lifetimeSeconds: Seconds },
  head: EventHead,
): Promise<{ url: string; expiresAt: Seconds }> {
  const { holder, purpose, lifetimeSeconds } = invitation
  if (
    !Number.isInteger(lifetimeSeconds) ||
    lifetimeSeconds < enrolmentLifetime.shortest ||
    lifetimeSeconds > enrolmentLifetime.longest
  )
    throw new Refusal('malformed_request', { lifetimeSeconds })
  const token = mintSecret()
  const expiresAt = head.at + lifetimeSeconds
  await needs.db.transaction(async (tx) => {
    const card = await findHolder({ db: tx }, holder)
    if (!card || card.disabled) throw new Refusal('not_found', { holder: holder.id })
    await voidEnrolments(tx, holder, head.at)
    const linkHash = hashSecret(needs.primitives, token)
    await insertEnrolment(tx, { linkHash, holder, purpose, createdAt: head.at, expiresAt })
    await record(tx, { ...head, kind: 'enrolment.invited', holder, purpose, expiresAt })
  })
  return { url: `${needs.config.issuer}/signin/enrol#${token}`, expiresAt }
}

/** What a link would open. Refuses `enrolment_unknown`, `enrolment_spent`, `enrolment_expired`: one text for all. */
export async function requireEnrolment(
  needs: Pick<Needs, 'db' | 'primitives' | 'clock'>,
  token: string,
): Promise<Enrolment & { card: HolderCard }> {
  const linkHash = hashSecret(needs.primitives, token)
  const enrolment = await findEnrolmentRow(needs.db, linkHash)
  if (!enrolment) throw new Refusal('enrolment_unknown')
  if (enrolment.takenAt !== undefined) throw new Refusal('enrolment_spent', { holder: enrolment.holder.id })
  if (needs.clock.now() >= enrolment.expiresAt)
    throw new Refusal('enrolment_expired', { holder: enrolment.holder.id })
  const card = await findHolder(needs, enrolment.holder)
  if (!card || card.disabled) throw new Refusal('enrolment_unknown', { holder: enrolment.holder.id })
  return { ...enrolment, card }
}

/** In the transaction that adds the credential. Of two who use one link at once, one gets it. Refuses `enrolment_spent`. */
export async function takeEnrolment(db: Db, enrolment: Enrolment, head: EventHead): Promise<void> {
  if (!(await takeEnrolmentRow(db, enrolment.linkHash, head.at)))
    throw new Refusal('enrolment_spent', { holder: enrolment.holder.id })
  const { holder, purpose } = enrolment
  await record(db, { ...head, kind: 'enrolment.used', holder, purpose })
}
