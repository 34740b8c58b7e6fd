/** Known browsers in SQL. */

import { and, eq } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { DeviceId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { devices } from '../db/schema.ts'

const isRow = (tokenHash: string, holder: Holder) =>
  and(eq(devices.tokenHash, tokenHash), eq(devices.holderKind, holder.kind), eq(devices.holder, holder.id))

export async function findDeviceRow(
  db: Db,
  tokenHash: string,
  holder: Holder,
): Promise<DeviceId | undefined> {
  const [row] = await db.select({ id: devices.id }).from(devices).where(isRow(tokenHash, holder))
  return row?.id
}

export async function seeDevice(
  db: Db,
  tokenHash: string,
  holder: Holder,
  now: Seconds,
): Promise<DeviceId | undefined> {
  const [row] = await db
    .update(devices)
    .set({ lastSeenAt: now })
    .where(isRow(tokenHash, holder))
    .returning({ id: devices.id })
  return row?.id
}

export async function insertDevice(
  db: Db,
  device: { id: DeviceId; tokenHash: string; holder: Holder; now: Seconds },
): Promise<void> {
  await db.insert(devices).values({
    id: device.id,
    tokenHash: device.tokenHash,
    holderKind: device.holder.kind,
    holder: device.holder.id,
    firstSeenAt: device.now,
    lastSeenAt: device.now,
  })
}

/** Whoever has signed in there; empty for a browser that nobody knows. */
export async function holdersOfDevice(db: Db, tokenHash: string): Promise<Holder['kind'][]> {
  const rows = await db
    .select({ kind: devices.holderKind })
    .from(devices)
    .where(eq(devices.tokenHash, tokenHash))
    .limit(100)
  return rows.map(({ kind }) => kind)
}
