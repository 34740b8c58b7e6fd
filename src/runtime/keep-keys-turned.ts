/** Signing keys moved on by the clock in a Node process; on Workers it is one of the jobs. Nodes may do it at once. */

import { minutes } from '../core/time.ts'
import type { Services } from '../services.ts'
import type { Move } from '../tokens/key-states.ts'
import { tellOfKeys } from '../tokens/key-acts.ts'
import { turnKeys } from '../tokens/keys-store.ts'
import { byTimer, type Scheduler } from './keep-swept.ts'

const everyMs = minutes(10) * 1000

export const keepKeysTurned = (services: Services, schedule: Scheduler = byTimer): (() => Promise<void>) =>
  schedule(
    () =>
      turnKeysOnce(services).catch((error: unknown) =>
        services.log('error', 'keys not turned', { error: String(error) }),
      ),
    everyMs,
  )

/** Other nodes know a next key for a day before it signs; the notice only shortens their wait. */
export async function turnKeysOnce(services: Services): Promise<Move[]> {
  const moves = await turnKeys(services, services.config.keyPeriodSeconds, { kind: 'system', id: 'keys' })
  if (moves.length > 0) await tellOfKeys(services)
  return moves
}
