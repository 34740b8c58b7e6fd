/** When to try again, and when to stop. Pure. */

import { hours, minutes, type Seconds } from '../core/time.ts'

/** After the first failure, the second, and so on; then the last of them again and again. */
const waits: readonly Seconds[] = [5, 30, minutes(2), minutes(10), hours(1), hours(3), hours(6)]

/** Then it waits for an operator: whatever the session let an application keep is over by itself by now (12 h). */
export const givenUpAfter: Seconds = hours(24)

/** `chance` in 0..1 spreads what failed together over ± 20 %. Undefined: no more. */
export function nextAttempt(
  { attempts, createdAt }: { attempts: number; createdAt: Seconds },
  now: Seconds,
  chance: number,
): Seconds | undefined {
  const wait = waits[Math.min(attempts, waits.length) - 1] ?? hours(6)
  const next = now + Math.max(1, Math.round(wait * (0.8 + 0.4 * chance)))
  return next < createdAt + givenUpAfter ? next : undefined
}
