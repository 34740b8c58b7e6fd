/** The outbox, as whoever delivers sees it. A row is lent for a while and then due again: at least once, never twice at a time. */

import { and, asc, eq, inArray, isNull, lte, min, sql } from 'drizzle-orm'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import type { ClientId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { deliveries } from '../db/schema.ts'

export interface Delivery {
  id: number
  client: ClientId
  sub: string
  sid: SessionId
  createdAt: Seconds
  /** With this one. */
  attempts: number
}

/** Longer than any attempt: a node that died gives what it had back by the clock. */
export const lentSeconds: Seconds = 30

const due = (now: Seconds) =>
  and(isNull(deliveries.deliveredAt), isNull(deliveries.deadAt), lte(deliveries.nextAt, now))

/** Those who have waited longest first. */
export async function clientsDue(db: Db, now: Seconds): Promise<ClientId[]> {
  const rows = await db
    .select({ client: deliveries.client })
    .from(deliveries)
    .where(due(now))
    .groupBy(deliveries.client)
    .orderBy(asc(min(deliveries.nextAt)))
    .limit(1000)
  return rows.map(({ client }) => client)
}

/** Lends them: another node passes over what is lent, and over what is being lent. */
export async function takeDue(db: Db, client: ClientId, now: Seconds, limit: number): Promise<Delivery[]> {
  const rows = await db
    .update(deliveries)
    .set({ attempts: sql`${deliveries.attempts} + 1`, nextAt: now + lentSeconds })
    .where(
      inArray(
        deliveries.id,
        db
          .select({ id: deliveries.id })
          .from(deliveries)
          .where(and(eq(deliveries.client, client), due(now)))
          .orderBy(asc(deliveries.nextAt), asc(deliveries.id))
          .limit(limit)
          .for('update', { skipLocked: true }),
      ),
    )
    .returning()
  return rows.map(({ fields, ...row }) => ({
    ...row,
    sub: fields['sub'] ?? '',
    sid: (fields['sid'] ?? '') as SessionId,
  }))
}

/** Still as it was lent: whoever was late changes nothing. */
const lent = ({ id, attempts }: Delivery) =>
  and(eq(deliveries.id, id), eq(deliveries.attempts, attempts), isNull(deliveries.deliveredAt))

export async function markDelivered(db: Db, head: EventHead, delivery: Delivery): Promise<void> {
  await settle(db, delivery, { deliveredAt: head.at, deadAt: null, fault: null }, (tx) =>
    record(tx, { ...head, kind: 'logout.told', ...named(delivery) }),
  )
}

export async function markDead(db: Db, head: EventHead, delivery: Delivery, fault: string): Promise<void> {
  await settle(db, delivery, { deadAt: head.at, fault }, (tx) =>
    record(tx, { ...head, kind: 'logout.given-up', ...named(delivery), fault }),
  )
}

export async function postpone(db: Db, delivery: Delivery, nextAt: Seconds, fault: string): Promise<void> {
  await settle(db, delivery, { nextAt, fault }, async () => {})
}

const named = ({ client, sid, attempts }: Delivery) => ({ client, session: sid, attempts })

async function settle(
  db: Db,
  delivery: Delivery,
  change: Partial<typeof deliveries.$inferInsert>,
  then: (tx: Db) => Promise<void>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx
      .update(deliveries)
      .set(change)
      .where(lent(delivery))
      .returning({ id: deliveries.id })
    if (rows.length > 0) await then(tx)
  })
}
