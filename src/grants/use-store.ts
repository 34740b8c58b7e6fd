/** How much each client is used: counted over grants, which stay a month beyond their session. */

import { and, count, eq, gt, isNull, max, sql } from 'drizzle-orm'
import type { ClientId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { grants, sessions } from '../db/schema.ts'

export interface ClientUse {
  /** Grants that have not ended, of sessions that have not either. */
  alive: number
  /** When somebody last authorised it. */
  lastAt?: Seconds
}

/** One query; of one client, or of all that have any. */
export async function usesOfClients(
  db: Db,
  now: Seconds,
  client?: ClientId,
): Promise<Map<ClientId, ClientUse>> {
  const living = and(isNull(grants.endedAt), isNull(sessions.endedAt), gt(sessions.endsAt, now))
  const rows = await db
    .select({
      client: grants.client,
      alive: sql`${count()} filter (where ${living})`.mapWith(Number),
      lastAt: max(grants.createdAt),
    })
    .from(grants)
    .innerJoin(sessions, eq(sessions.id, grants.session))
    .where(client === undefined ? undefined : eq(grants.client, client))
    .groupBy(grants.client)
  return new Map(
    rows.map((row) => [row.client, { alive: row.alive, ...(row.lastAt !== null && { lastAt: row.lastAt }) }]),
  )
}

export const useOf = (uses: ReadonlyMap<ClientId, ClientUse>, client: ClientId): ClientUse =>
  uses.get(client) ?? { alive: 0 }
