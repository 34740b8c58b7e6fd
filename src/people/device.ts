/**
 * Browsers in which a holder has signed in before. One cookie may be known for several holders (a shared desk): knowing
 * the browser never says who sits at it, only that a stranger elsewhere is not.
 */

import type { Holder } from '../audit/event.ts'
import { mintId, type DeviceId } from '../core/ids.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { findDeviceRow, holdersOfDevice, insertDevice, seeDevice } from './device-store.ts'
import type { Needs } from './needs.ts'

type DeviceNeeds = Pick<Needs, 'db' | 'primitives' | 'clock'>

/** Is this browser known for this holder? */
export async function findDevice(
  needs: DeviceNeeds,
  holder: Holder,
  cookie: string | undefined,
): Promise<DeviceId | undefined> {
  return cookie === undefined
    ? undefined
    : findDeviceRow(needs.db, hashSecret(needs.primitives, cookie), holder)
}

/** After a successful sign-in: the browser is known from now on. Keeps the cookie a browser already has. */
export async function recogniseDevice(
  needs: DeviceNeeds,
  holder: Holder,
  sent: string | undefined,
): Promise<{ id: DeviceId; cookie: string; isNew: boolean }> {
  const now = needs.clock.now()
  // Anything but our own shape is replaced: a value somebody chose must not become a key of ours.
  const cookie = sent !== undefined && /^[A-Za-z0-9_-]{43}$/.test(sent) ? sent : mintSecret()
  const tokenHash = hashSecret(needs.primitives, cookie)
  const known = await seeDevice(needs.db, tokenHash, holder, now)
  if (known) return { id: known, cookie, isNew: false }
  const id = mintId('device')
  await insertDevice(needs.db, { id, tokenHash, holder, now })
  return { id, cookie, isNew: true }
}

/** A browser in which anybody has signed in, by a short name, and whether an operator has; undefined for any other. */
export async function standingOfBrowser(
  needs: Pick<Needs, 'db' | 'primitives'>,
  cookie: string | undefined,
): Promise<{ name: string; operator: boolean } | undefined> {
  if (cookie === undefined) return undefined
  const tokenHash = hashSecret(needs.primitives, cookie)
  const kinds = await holdersOfDevice(needs.db, tokenHash)
  return kinds.length > 0
    ? { name: `browser:${tokenHash.slice(0, 16)}`, operator: kinds.includes('operator') }
    : undefined
}
