/** Device authorization requests in SQL: both codes as hashes, decided once, taken once. */

import { and, eq, gt, isNull } from 'drizzle-orm'
import type { ClientId, GrantId } from '../../core/ids.ts'
import type { Seconds } from '../../core/time.ts'
import type { Db } from '../../db/db.ts'
import { deviceRequests } from '../../db/schema.ts'

export type DeviceRequest = typeof deviceRequests.$inferSelect

/** False where the user code is in use: draw another. */
export async function insertDeviceRequest(
  db: Db,
  request: Omit<DeviceRequest, 'askedAt' | 'decision' | 'grant' | 'takenAt'>,
): Promise<boolean> {
  const rows = await db
    .insert(deviceRequests)
    .values(request)
    .onConflictDoNothing()
    .returning({ hash: deviceRequests.userCodeHash })
  return rows.length > 0
}

const undecided = (userCodeHash: string, now: Seconds) =>
  and(
    eq(deviceRequests.userCodeHash, userCodeHash),
    isNull(deviceRequests.decision),
    gt(deviceRequests.expiresAt, now),
  )

/** What still waits for somebody; undefined once it was decided or is over. */
export async function findUndecided(
  db: Db,
  userCodeHash: string,
  now: Seconds,
): Promise<DeviceRequest | undefined> {
  const [row] = await db.select().from(deviceRequests).where(undecided(userCodeHash, now))
  return row
}

/** Of several who decide, one does; false for the others. */
export async function decideDevice(
  db: Db,
  userCodeHash: string,
  decided: { decision: 'approved'; grant: GrantId } | { decision: 'denied' },
  now: Seconds,
): Promise<boolean> {
  const rows = await db
    .update(deviceRequests)
    .set(decided)
    .where(undecided(userCodeHash, now))
    .returning({ hash: deviceRequests.userCodeHash })
  return rows.length > 0
}

/** Of parallel takers exactly one is answered: the others wait for its row and find it taken. */
export async function takeApproved(
  db: Db,
  deviceCodeHash: string,
  client: ClientId,
  now: Seconds,
): Promise<{ grant: GrantId | null; jkt: string | null } | undefined> {
  const [row] = await db
    .update(deviceRequests)
    .set({ takenAt: now })
    .where(
      and(
        eq(deviceRequests.deviceCodeHash, deviceCodeHash),
        eq(deviceRequests.client, client),
        eq(deviceRequests.decision, 'approved'),
        isNull(deviceRequests.takenAt),
        gt(deviceRequests.expiresAt, now),
      ),
    )
    .returning({ grant: deviceRequests.grant, jkt: deviceRequests.jkt })
  return row
}

export async function findDeviceRequest(
  db: Db,
  deviceCodeHash: string,
  client: ClientId,
): Promise<DeviceRequest | undefined> {
  const [row] = await db
    .select()
    .from(deviceRequests)
    .where(and(eq(deviceRequests.deviceCodeHash, deviceCodeHash), eq(deviceRequests.client, client)))
  return row
}

/** It asked, and may ask again in so many seconds. */
export async function noteAsked(
  db: Db,
  deviceCodeHash: string,
  askedAt: Seconds,
  intervalSeconds: Seconds,
): Promise<void> {
  await db
    .update(deviceRequests)
    .set({ askedAt, intervalSeconds })
    .where(eq(deviceRequests.deviceCodeHash, deviceCodeHash))
}
