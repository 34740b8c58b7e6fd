/** What an invitation leads to: a first passkey, or secret and code. The link is spent in the transaction that keeps them. */

import { z } from 'zod'
import type { EventHead } from '../audit/event.ts'
import { parse } from '../core/parse.ts'
import { takeEnrolment, type requireEnrolment } from '../people/enrolment.ts'
import type { HolderCard } from '../people/holder.ts'
import { emailShape, nameShape } from '../people/identifiers.ts'
import type { Needs } from '../people/needs.ts'
import { nameOperator } from '../people/operators.ts'
import { keepPasskey, registrationOptions, verifyRegistration } from '../people/passkey.ts'
import { keepSecret, prepareSecret, reopenOffer, secretProof } from '../people/secret.ts'
import type { Proof } from '../people/session.ts'

type Open = Awaited<ReturnType<typeof requireEnrolment>>

/** The first operator says who they are. */
const setupShape = z.object({ name: nameShape, email: emailShape })

const cardOf = (open: Open, fields: unknown): HolderCard =>
  open.purpose === 'setup' ? { ...open.card, ...parse(setupShape, fields) } : open.card

const purposeOf = (open: Open) => ({ for: 'enrol', link: open.linkHash }) as const

export const enrolOptions = (needs: Needs, open: Open, browserHash: string, fields: unknown) =>
  registrationOptions(needs, cardOf(open, fields), browserHash, purposeOf(open))

/** Refuses as `verifyRegistration`, `enrolment_spent` for the second of two, `passkey_known`, `conflict`. */
export async function enrolPasskey(
  needs: Needs,
  open: Open,
  browser: { hash: string; userAgent: string },
  fields: { answer?: unknown },
  head: EventHead,
): Promise<Proof> {
  const card = cardOf(open, fields)
  const registered = await verifyRegistration(needs, fields.answer, browser.hash, purposeOf(open))
  const { holder } = open
  const passkey = await needs.db.transaction(async (tx) => {
    await takeEnrolment(tx, open, head)
    if (open.purpose === 'setup' && holder.kind === 'operator')
      await nameOperator(tx, holder.id, { name: card.name, email: card.email }, head)
    return keepPasskey(needs, tx, holder, registered, browser.userAgent, head)
  })
  return { acr: 'garde:passkey', amr: ['user', 'mfa', 'phr'], credential: passkey.id }
}

/** Practitioners only. Refuses as `prepareSecret`, `challenge_invalid` for a key offered elsewhere, `enrolment_spent`. */
export async function enrolSecret(
  needs: Needs,
  open: Open & { holder: { kind: 'practitioner' } },
  form: { secret: string; code: string; sealed: string },
  head: EventHead,
): Promise<Proof> {
  const { card, holder } = open
  const offer = await reopenOffer(needs, card.email, open.linkHash, form.sealed)
  const own = [card.email, card.name, ...card.name.split(' ')]
  const row = await prepareSecret(needs, holder.id, own, { ...form, offer })
  await needs.db.transaction(async (tx) => {
    await takeEnrolment(tx, open, head)
    await keepSecret(tx, holder, row, head)
  })
  return secretProof
}
