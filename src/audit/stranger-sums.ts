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
}

/** Where everything goes that is beyond the bound. */
export const overflowSource = '*'

export const minuteOf = (at: Seconds): Seconds => at - (at % 60)

/** `limit`: sums held at once, apart from the overflow's own. */
export function strangerSums(limit = 1000): StrangerSums {
  let sums = new Map<string, StrangerSum>()
  const add = (source: string, reason: Reason, minuteAt: Seconds): boolean => {
    const key = `${minuteAt} ${reason} ${source}`
    const sum = sums.get(key)
    if (sum) sum.count++
    else if (sums.size >= limit && source !== overflowSource) return false
    else sums.set(key, { source, reason, minuteAt, count: 1 })
    return true
  }
  return {
    count: (source, reason, at) => {
      if (!add(source, reason, minuteOf(at))) add(overflowSource, reason, minuteOf(at))
    },
    take: () => {
      const taken = [...sums.values()]
      sums = new Map()
      return taken
    },
  }
}
