/** May this holder sign in at all, as restrictions stand? Asked after the factors, so that only the person learns it. */

import type { Holder } from '../audit/event.ts'
import { Refusal } from '../core/refusal.ts'
import type { Facts, Verdict } from '../restrictions/facts.ts'
import { membershipsOf } from './memberships.ts'
import type { Needs } from './needs.ts'

/**
 * Refuses `state_unavailable`, and `restricted`: when the holder is denied, or when every practice that is open to a practitioner is. The view
 * MUST have caught up.
 */
export async function requireOpenTo(
  needs: Pick<Needs, 'db' | 'clock' | 'restrictions'>,
  holder: Holder,
  since: Pick<Facts, 'authTime' | 'sessionSequence'>,
): Promise<void> {
  const now = needs.clock.now()
  const facts = { ...since, safe: true }
  const judge = (more: Partial<Facts>) => {
    const verdict = needs.restrictions.decide({ ...facts, ...more }, now)
    // A step-up is what signing in is, and reading one's own account stays allowed.
    const passes = verdict.allow || verdict.reason === 'step_up_required' || verdict.reason === 'read_only'
    return passes ? undefined : verdict
  }
  if (holder.kind === 'operator') return refuse(judge({ operator: holder.id }))
  refuse(judge({ practitioner: holder.id }))
  const practices = (await membershipsOf(needs, holder.id, now)).map(({ practice }) => practice)
  const denied = practices.map((practice) => judge({ practitioner: holder.id, practice }))
  if (denied.length > 0 && denied.every((verdict) => verdict !== undefined)) refuse(denied[0])
}

function refuse(verdict: (Verdict & { allow: false }) | undefined): void {
  if (verdict) throw new Refusal(verdict.reason, { by: verdict.by, message: verdict.message })
}
