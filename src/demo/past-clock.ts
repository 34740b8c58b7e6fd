/** Acts that are dated back: the product's own functions, given a clock that stands in the past. */

import type { EventHead } from '../audit/event.ts'
import type { Seconds } from '../core/time.ts'
import type { Services } from '../services.ts'

export const withClock = (services: Services, at: Seconds): Services => ({
  ...services,
  clock: { now: () => at, monotonicMs: () => services.clock.monotonicMs() },
})

export const demoHead = (services: Services): EventHead => ({
  at: services.clock.now(),
  actor: { kind: 'system', id: 'demo' },
})
