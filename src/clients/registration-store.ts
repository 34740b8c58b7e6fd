/** Clients that registered themselves (RFC 7591), each under the hash of the token that manages it (RFC 7592). */

import { and, eq, isNull, sql } from 'drizzle-orm'
import type { ClientId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { clientRegistrations, clients } from '../db/schema.ts'

export async function insertRegistration(
  db: Db,
  registration: { client: ClientId; tokenHash: string; createdAt: Seconds },
): Promise<void> {
  await db.insert(clientRegistrations).values(registration)
}

/** Does this token manage this client? */
export async function managesClient(db: Db, client: ClientId, tokenHash: string): Promise<boolean> {
  const rows = await db
    .select({ client: clientRegistrations.client })
    .from(clientRegistrations)
    .where(and(eq(clientRegistrations.client, client), eq(clientRegistrations.tokenHash, tokenHash)))
  return rows.length > 0
}

/** The client is managed by operators only from now on. */
export async function deleteRegistration(db: Db, client: ClientId): Promise<void> {
  await db.delete(clientRegistrations).where(eq(clientRegistrations.client, client))
}

/** Whatever its case and spelling: people tell applications apart by their names alone. */
export async function isNameTaken(db: Db, name: string): Promise<boolean> {
  const plain = sql`lower(normalize(${name}::text, NFKC))`
  const rows = await db
    .select({ id: clients.id })
    .from(clients)
    .where(and(isNull(clients.disabledAt), sql`lower(normalize(${clients.name}, NFKC)) = ${plain}`))
    .limit(1)
  return rows.length > 0
}
