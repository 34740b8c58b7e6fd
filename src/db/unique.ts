/** A unique index said no: that is a refusal of ours, not a bug. */

import { Refusal, type Reason } from '../core/refusal.ts'

/** PostgreSQL's unique_violation (appendix A); drizzle wraps the driver's error as its cause. */
function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '23505') || isUniqueViolation(error.cause)
}

/** Refuses `reason` where the work meets a row that is already there. The transaction around it is lost. */
export async function refuseDuplicate<T>(reason: Reason, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error)) throw new Refusal(reason, { duplicate: true })
    throw error
  }
}
