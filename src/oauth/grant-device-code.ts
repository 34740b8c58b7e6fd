/** `device_code`: RFC 8628 §3.4, §3.5. The device asks until somebody has decided; what was approved is taken once. */

import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Seconds } from '../core/time.ts'
import { slowerBySeconds } from './accepted.ts'
import { findDeviceRequest, noteAsked, takeApproved, type DeviceRequest } from './device/store.ts'
import { requireField } from './fields.ts'
import { issueTokens, requireGround, type TokenAnswer } from './issue.ts'
import { endReused } from './reuse.ts'
import type { TokenRequest } from './token.ts'

/**
 * Refuses `authorization_pending`, `slow_down`, `device_code_expired`, `device_denied`, `device_code_invalid`,
 * `device_code_reused`, `proof_other_key`, and what `requireGround` refuses.
 */
export async function serveDevice(request: TokenRequest): Promise<TokenAnswer> {
  const { services, client, fields } = request
  const { db, clock } = services
  const deviceCodeHash = hashSecret(services.primitives, requireField(fields, 'device_code'))
  const answer = await db.transaction(async (tx) => {
    const taken = await takeApproved(tx, deviceCodeHash, client.id, clock.now())
    if (!taken?.grant) return undefined
    request.identify({ kind: 'client', id: client.id })
    // Thrown, so that it is not taken: a thief without the key must not keep the device from it.
    if (taken.jkt !== null && taken.jkt !== request.proof?.jkt)
      throw new Refusal('proof_other_key', { client: client.id, grant: taken.grant })
    return issueTokens(request, tx, await requireGround(services, tx, taken.grant), 'device')
  })
  if (answer) return answer
  const known = await findDeviceRequest(db, deviceCodeHash, client.id)
  if (known?.grant && known.takenAt !== null) return endReused(request, known.grant, 'device-code-reused')
  const { reason, intervalSeconds } = waitingOf(known, clock.now())
  if (intervalSeconds !== undefined) await noteAsked(db, deviceCodeHash, clock.now(), intervalSeconds)
  throw new Refusal(reason, { client: client.id })
}

interface Waiting {
  reason:
    'authorization_pending' | 'slow_down' | 'device_code_expired' | 'device_denied' | 'device_code_invalid'
  /** What it must wait from now on; absent where it need not ask again. */
  intervalSeconds?: Seconds
}

type Asked = Pick<DeviceRequest, 'expiresAt' | 'decision' | 'askedAt' | 'intervalSeconds'>

/** Why there is nothing to give yet, or ever. Pure. §3.5: whoever asks too soon waits 5 s longer from then on. */
export function waitingOf(known: Asked | undefined, now: Seconds): Waiting {
  if (!known) return { reason: 'device_code_invalid' }
  if (known.expiresAt <= now) return { reason: 'device_code_expired' }
  if (known.decision === 'denied') return { reason: 'device_denied' }
  const { askedAt, intervalSeconds } = known
  return askedAt !== null && now < askedAt + intervalSeconds
    ? { reason: 'slow_down', intervalSeconds: intervalSeconds + slowerBySeconds }
    : { reason: 'authorization_pending', intervalSeconds }
}
