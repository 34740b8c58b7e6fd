/**
 * Distinct patients per practitioner, in memory and synchronous: asked before anything leaves, counted before it is
 * forwarded, so that requests side by side cannot overshoot. What a rule finds holds here at once; the restriction that
 * makes it known everywhere follows, and from then on the journal is what holds, so that an operator's lift undoes it.
 */

import type { Pseudonym } from '../audit/event.ts'
import type { PracticeId } from '../core/ids.ts'
import type { Log } from '../core/ports.ts'
import type { Seconds } from '../core/time.ts'
import type { AccessClaims, Subject } from '../tokens/claims.ts'
import type { Finding } from './finding.ts'
import { patientRules, type Access, type PatientRule } from './rules.ts'
import { admitMeeting, emptyWatched, remember, type QuotaVerdict, type Watched } from './watched.ts'

export interface QuotaPorts {
  /** Stores the finding and restricts. True once the restriction holds in this process. MUST be safe to call again. */
  act(finding: Finding): Promise<boolean>
  /** Undefined: unknown, and then treated as long known. */
  practiceCreatedAt(practice: PracticeId): Seconds | undefined
  log: Log
}

/** One meeting of the last 24 h, as the audit log keeps it. */
export interface Met {
  /** Or a service, by its client id. */
  practitioner: Subject
  patient: Pseudonym
  access: Access
  at: Seconds
}

export interface Quotas {
  admit(
    claims: AccessClaims,
    patient: Pseudonym,
    access: Access,
    newPatients: number | undefined,
    now: Seconds,
  ): QuotaVerdict
  /** After a restart: what was served, oldest first, and what was found, in the last 24 h. */
  restore(met: Iterable<Met>, findings: Iterable<{ practitioner: Subject; rule: string; at: Seconds }>): void
}

/** Each so many new patients, practitioners who met nobody for a day are forgotten. */
const sweepEvery = 10_000

export function createQuotas(ports: QuotaPorts, rules: readonly PatientRule[] = patientRules): Quotas {
  const watched = new Map<Subject, Watched>()
  const acting = new Set<Finding>()
  let admitted = 0

  function watch(practitioner: Subject): Watched {
    const known = watched.get(practitioner)
    if (known) return known
    const fresh = emptyWatched()
    watched.set(practitioner, fresh)
    return fresh
  }

  function sweep(now: Seconds): void {
    for (const [practitioner, { opened, listed, held }] of watched) {
      opened.forget(now)
      listed.forget(now)
      if (opened.size() === 0 && listed.size() === 0 && !held) watched.delete(practitioner)
    }
  }

  async function act(who: Watched, finding: Finding): Promise<void> {
    acting.add(finding)
    try {
      if ((await ports.act(finding)) && who.held === finding) delete who.held
    } catch (error) {
      ports.log('error', 'finding not acted on yet', { rule: finding.rule, error: String(error) })
    } finally {
      acting.delete(finding)
    }
  }

  return {
    admit: (claims, patient, access, newPatients, now) => {
      const who = watch(claims.sub)
      const known = who[access].has(patient)
      if (!known && ++admitted % sweepEvery === 0) sweep(now)
      if (!known && who.held && !acting.has(who.held)) void act(who, who.held)
      const practiceCreatedAt = ports.practiceCreatedAt(claims.practice)
      const meeting = { claims, patient, access, newPatients, practiceCreatedAt, now }
      const { verdict, found } = admitMeeting(who, meeting, rules)
      if (found) void act(who, found)
      return verdict
    },
    restore: (met, findings) => {
      for (const one of met) remember(watch(one.practitioner), [one], [], rules)
      for (const one of findings) remember(watch(one.practitioner), [], [one], rules)
    },
  }
}
