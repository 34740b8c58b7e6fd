/** Authorization requests that wait for somebody, bound to one browser; and consents given. */

import { and, eq, gt, lte } from 'drizzle-orm'
import type { ClientId, PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { consents, interactions } from '../db/schema.ts'
import type { Fields } from './fields.ts'

export interface Waiting {
  idHash: string
  /** Hash of the browser's cookie. */
  browserHash: string
}

export interface Interaction extends Waiting {
  parameters: Fields
  createdAt: Seconds
  expiresAt: Seconds
}

/** Sweeps what has expired: nobody can end it any more. */
export async function storeInteraction(db: Db, interaction: Interaction): Promise<void> {
  await db.delete(interactions).where(lte(interactions.expiresAt, interaction.createdAt))
  await db.insert(interactions).values({ ...interaction, parameters: { ...interaction.parameters } })
}

const isIt = ({ idHash, browserHash }: Waiting, now: Seconds) =>
  and(
    eq(interactions.idHash, idHash),
    eq(interactions.browserHash, browserHash),
    gt(interactions.expiresAt, now),
  )

/** Undefined when it is unknown, over, taken, or of another browser. */
export async function findInteraction(
  db: Db,
  waiting: Waiting,
  now: Seconds,
): Promise<Interaction | undefined> {
  const [row] = await db.select().from(interactions).where(isIt(waiting, now))
  return row
}

/** Single use. False when somebody was faster. */
export async function takeInteraction(db: Db, waiting: Waiting, now: Seconds): Promise<boolean> {
  const rows = await db
    .delete(interactions)
    .where(isIt(waiting, now))
    .returning({ idHash: interactions.idHash })
  return rows.length > 0
}

export async function findConsent(
  db: Db,
  practitioner: PractitionerId,
  client: ClientId,
): Promise<string | undefined> {
  const [row] = await db
    .select({ scope: consents.scope })
    .from(consents)
    .where(and(eq(consents.practitioner, practitioner), eq(consents.client, client)))
  return row?.scope
}

export async function saveConsent(
  db: Db,
  consent: { practitioner: PractitionerId; client: ClientId; scope: string; givenAt: Seconds },
): Promise<void> {
  const { scope, givenAt } = consent
  await db
    .insert(consents)
    .values(consent)
    .onConflictDoUpdate({ target: [consents.practitioner, consents.client], set: { scope, givenAt } })
}
