/**
 * What people let clients have, kept beyond the session, so that the same is not asked twice. Forgetting empties the row:
 * a first-party client, which is not asked about, is once it was forgotten.
 */

import { and, eq, ne } from 'drizzle-orm'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import type { ClientId, PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { clients, consents } from '../db/schema.ts'

/** Space-separated; empty where it was forgotten, undefined where there never was one. */
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

export interface Consent {
  practitioner: PractitionerId
  client: ClientId
  scope: string
  givenAt: Seconds
}

export async function saveConsent(db: Db, consent: Consent): Promise<void> {
  const { scope, givenAt } = consent
  await db
    .insert(consents)
    .values(consent)
    .onConflictDoUpdate({ target: [consents.practitioner, consents.client], set: { scope, givenAt } })
}

export interface ListedConsent extends Consent {
  clientName: string
}

export async function listConsents(db: Db, practitioner: PractitionerId): Promise<ListedConsent[]> {
  const rows = await db
    .select({ consent: consents, clientName: clients.name })
    .from(consents)
    .innerJoin(clients, eq(clients.id, consents.client))
    .where(and(eq(consents.practitioner, practitioner), ne(consents.scope, '')))
    .orderBy(clients.name, clients.id)
    .limit(500)
  return rows.map(({ consent, clientName }) => ({ ...consent, clientName }))
}

/** Of one client, whether it was ever asked about or not. */
export async function forgetConsent(
  db: Db,
  head: EventHead,
  practitioner: PractitionerId,
  client: ClientId,
): Promise<void> {
  await db.transaction(async (tx) => {
    await saveConsent(tx, { practitioner, client, scope: '', givenAt: head.at })
    await record(tx, { ...head, kind: 'consent.forgotten', practitioner, client })
  })
}

/** Of all that were given. */
export async function forgetConsents(db: Db, head: EventHead, practitioner: PractitionerId): Promise<void> {
  await db.transaction(async (tx) => {
    const forgotten = await tx
      .update(consents)
      .set({ scope: '', givenAt: head.at })
      .where(and(eq(consents.practitioner, practitioner), ne(consents.scope, '')))
      .returning({ client: consents.client })
    const kind = 'consent.forgotten' as const
    await record(tx, ...forgotten.map(({ client }) => ({ ...head, kind, practitioner, client })))
  })
}
