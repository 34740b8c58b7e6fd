/** Which authorization requests have been answered; and consents given. */

import { and, eq } from 'drizzle-orm'
import type { ClientId, PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { answeredRequests, consents } from '../db/schema.ts'
import type { Interaction } from './interaction.ts'

/** Of two answers to one request one counts. False for the other. */
export async function takeInteraction(
  db: Db,
  { idHash, expiresAt }: Pick<Interaction, 'idHash' | 'expiresAt'>,
): Promise<boolean> {
  const rows = await db
    .insert(answeredRequests)
    .values({ idHash, expiresAt })
    .onConflictDoNothing()
    .returning({ idHash: answeredRequests.idHash })
  return rows.length > 0
}

export async function isAnswered(db: Db, idHash: string): Promise<boolean> {
  const rows = await db
    .select({ idHash: answeredRequests.idHash })
    .from(answeredRequests)
    .where(eq(answeredRequests.idHash, idHash))
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
