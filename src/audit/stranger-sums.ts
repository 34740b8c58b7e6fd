/** Strangers' refusals as an enforcement point counts them: in memory, bounded, taken out in sums by whoever saves them. */

import type { Reason } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { StrangerCount } from './spool.ts'

export interface StrangerSum {
  source: string
  reason: Reason
  minuteAt: Seconds
  count: number
}

export interface StrangerSums extends StrangerCount {
  /** All sums so far; they are forgotten here. */
  take(): StrangerSum[]
  /** Sums that were taken and could not be saved come back. */
  putBack(sums: readonly StrangerSum[]): void
}

/** Where everything goes that is beyond the bound. */
export const overflowSource = '*'

export const minuteOf = (at: Seconds): Seconds => at - (at % 60)

/** `limit`: sums held at once, apart from the overflow's own. */
export function strangerSums(limit = 1000): StrangerSums {
  let sums = new Map<string, StrangerSum>()
  const tryAdd = (added: StrangerSum): boolean => {
    const key = `${added.minuteAt} ${added.reason} ${added.source}`
    const sum = sums.get(key)
    if (sum) sum.count += added.count
    else if (sums.size >= limit && added.source !== overflowSource) return false
    else sums.set(key, { ...added })
    return true
  }
  const add = (sum: StrangerSum): void => {
    if (!tryAdd(sum)) tryAdd({ ...sum, source: overflowSource })
  }
  return {
    count: (source, reason, at) => add({ source, reason, minuteAt: minuteOf(at), count: 1 }),
    putBack: (taken) => taken.forEach(add),
    take: () => {
      const taken = [...sums.values()]
      sums = new Map()
      return taken
    },
  }
}
