/** What clients were not told: the letters that wait for an operator, and whom each client lets us reach. */

import { and, asc, desc, eq, isNotNull, isNull, or, sql, gt, lt } from 'drizzle-orm'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import type { ClientId, SessionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { deliveries } from '../db/schema.ts'

export interface Untold {
  id: number
  client: ClientId
  session: SessionId
  /** `failing`: tried, and tried again at `nextAt`; `dead`: given up. */
  state: 'failing' | 'dead'
  createdAt: Seconds
  attempts: number
  nextAt: Seconds
  fault: string
}

/** Tried and not delivered, newest first. */
export async function listUntold(
  db: Db,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<Untold[]> {
  const rows = await db
    .select()
    .from(deliveries)
    .where(
      and(
        isNull(deliveries.deliveredAt),
        or(isNotNull(deliveries.deadAt), gt(deliveries.attempts, 0)),
        before === undefined ? undefined : lt(deliveries.id, before),
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(limit)
  return rows.map(({ fields, deadAt, fault, id, client, createdAt, attempts, nextAt }) => ({
    id,
    client,
    session: (fields['sid'] ?? '') as SessionId,
    state: deadAt === null ? 'failing' : 'dead',
    createdAt,
    attempts,
    nextAt,
    fault: fault ?? '',
  }))
}

/** Does a client honour logout? Counts of the last month, which is how long they are kept. */
export interface Honour {
  client: ClientId
  told: number
  /** Put by or failing. */
  waiting: number
  dead: number
  lastToldAt: Seconds | null
}

export const listHonours = (db: Db): Promise<Honour[]> =>
  db
    .select({
      client: deliveries.client,
      told: sql`count(${deliveries.deliveredAt})`.mapWith(Number),
      waiting:
        sql`count(*) filter (where ${deliveries.deliveredAt} is null and ${deliveries.deadAt} is null)`.mapWith(
          Number,
        ),
      dead: sql`count(*) filter (where ${deliveries.deliveredAt} is null and ${deliveries.deadAt} is not null)`.mapWith(
        Number,
      ),
      lastToldAt: sql<Seconds | null>`max(${deliveries.deliveredAt})`.mapWith((at: unknown) =>
        at === null ? null : Number(at),
      ),
    })
    .from(deliveries)
    .groupBy(deliveries.client)
    .orderBy(asc(deliveries.client))

export interface Chosen {
  delivery?: number | undefined
  client?: ClientId | undefined
}

/** Those that were given up are due again, with a day of their own; one, one client's, or all. Answers how many. */
export async function retryDead(db: Db, head: EventHead, { delivery, client }: Chosen): Promise<number> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .update(deliveries)
      .set({ deadAt: null, attempts: 0, createdAt: head.at, nextAt: head.at })
      .where(
        and(
          isNotNull(deliveries.deadAt),
          isNull(deliveries.deliveredAt),
          delivery === undefined ? undefined : eq(deliveries.id, delivery),
          client && eq(deliveries.client, client),
        ),
      )
      .returning({ id: deliveries.id })
    if (rows.length > 0)
      await record(tx, {
        ...head,
        kind: 'logout.retried',
        ...(client && { client }),
        deliveries: rows.length,
      })
    return rows.length
  })
}

/** An operator has seen to it otherwise, and says how. The log keeps that; the row goes. Refuses `not_found`. */
export async function dismissDead(db: Db, head: EventHead, id: number, reason: string): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx
      .delete(deliveries)
      .where(and(eq(deliveries.id, id), isNotNull(deliveries.deadAt), isNull(deliveries.deliveredAt)))
      .returning()
    if (!row) throw new Refusal('not_found', { delivery: id })
    const session = (row.fields['sid'] ?? '') as SessionId
    await record(tx, { ...head, kind: 'logout.dismissed', client: row.client, session, reason })
  })
}
