/** How records APIs name each practice, for an enforcement point: from memory, asked again after half a minute. */

import type { PracticeId } from '../core/ids.ts'
import type { Clock, Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { findPractice } from './practices.ts'

export interface PracticeNames {
  /** At once when it is known; undefined: there is no such practice. */
  recordsName(practice: PracticeId): string | undefined | Promise<string | undefined>
}

const livesSeconds = 30

/** Tokens name only practices there are, so what is remembered is bounded by their number. */
export function practiceNames(lent: { db: Db; clock: Clock }): PracticeNames {
  const known = new Map<PracticeId, { name: string; until: Seconds }>()

  async function ask(practice: PracticeId): Promise<string | undefined> {
    const found = await findPractice(lent, practice)
    if (!found) return undefined
    known.set(practice, { name: found.recordsName, until: lent.clock.now() + livesSeconds })
    return found.recordsName
  }

  return {
    recordsName(practice) {
      const entry = known.get(practice)
      return entry && entry.until > lent.clock.now() ? entry.name : ask(practice)
    },
  }
}
