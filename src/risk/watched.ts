/**
 * One practitioner as the caps see them: whom they met in the last 24 h, which rule spoke when, and what holds until the
 * journal does. Where it is kept and who swaps it is `quotas.ts`'s (one process) and `shared-quotas.ts`'s (many).
 */

import type { Pseudonym } from '../audit/event.ts'
import { mintId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Message } from '../restrictions/restriction.ts'
import { isPerson, type AccessClaims } from '../tokens/claims.ts'
import { automatic, type Finding } from './finding.ts'
import { createPatientSet, type PatientSet } from './patient-set.ts'
import {
  listedFactor,
  observeSeconds,
  pacesApartSeconds,
  paceTwice,
  thresholdOf,
  type Access,
  type PatientRule,
} from './rules.ts'

export type QuotaVerdict =
  { allow: true } | { allow: false; reason: 'patient_quota' | 'step_up_required'; message?: Message }

export interface Watched {
  opened: PatientSet
  listed: PatientSet
  /** When each rule last spoke: it counts afresh from there. */
  spokeAt: Map<string, Seconds>
  /** A measure that is not in the journal yet: it holds here until it is. */
  held?: Finding
}

export interface Meeting {
  claims: AccessClaims
  patient: Pseudonym
  access: Access
  newPatients: number | undefined
  practiceCreatedAt: Seconds | undefined
  now: Seconds
}

const allow: QuotaVerdict = { allow: true }
const quotaSpent: QuotaVerdict = { allow: false, reason: 'patient_quota' }

export const emptyWatched = (): Watched => ({
  opened: createPatientSet(),
  listed: createPatientSet(),
  spokeAt: new Map(),
})

/** Counts this meeting in `who`, or says why not. `found`: what a rule saw just now; MUST be acted on. */
export function admitMeeting(
  who: Watched,
  meeting: Meeting,
  rules: readonly PatientRule[],
): { verdict: QuotaVerdict; found?: Finding } {
  const { claims, patient, access, newPatients, practiceCreatedAt, now } = meeting
  who.opened.forget(now)
  who.listed.forget(now)
  if (knows(who, patient, access)) return { verdict: again(who, patient, access, now) }
  const held = who.held && answerTo(who.held, claims)
  if (held && !held.allow) return { verdict: held }
  if (spent(who, access, newPatients)) return { verdict: quotaSpent }
  const found = judge(who, claims, access, rules, practiceCreatedAt, now)
  if (!found) return { verdict: meet(who, patient, access, now) }
  if (holds(found)) who.held = found
  const answer = answerTo(found, claims)
  return { verdict: answer.allow ? meet(who, patient, access, now) : answer, found }
}

/** What was served and found before, oldest first. */
export function remember(
  who: Watched,
  met: Iterable<{ patient: Pseudonym; access: Access; at: Seconds }>,
  spoken: Iterable<{ rule: string; at: Seconds }>,
  rules: readonly PatientRule[],
): void {
  for (const { patient, access, at } of met) meet(who, patient, access, at)
  for (const { rule, at } of spoken)
    for (const name of rule === paceTwice ? paces(rules) : [rule])
      who.spokeAt.set(name, Math.max(at, who.spokeAt.get(name) ?? at))
}

/** Whoever was opened in the last 24 h stays readable, whatever happens. */
export const knows = (who: Watched, patient: Pseudonym, access: Access): boolean =>
  who.opened.has(patient) || (access === 'listed' && who.listed.has(patient))

function meet(who: Watched, patient: Pseudonym, access: Access, now: Seconds): QuotaVerdict {
  who[access].meet(patient, now)
  return allow
}

/** Being listed neither keeps a record open nor counts for one that is. */
function again(who: Watched, patient: Pseudonym, access: Access, now: Seconds): QuotaVerdict {
  return access === 'listed' && who.opened.has(patient) ? allow : meet(who, patient, access, now)
}

/** A restriction's quota: new patients only while fewer than that were met in the last 24 h. */
const spent = (who: Watched, access: Access, newPatients: number | undefined): boolean =>
  newPatients !== undefined && who[access].size() >= newPatients * (access === 'listed' ? listedFactor : 1)

const holds = ({ action, observed }: Finding): boolean => action !== 'notice' && !observed

function answerTo(finding: Finding, claims: AccessClaims): QuotaVerdict {
  if (finding.action === 'notice' || finding.observed) return allow
  const message = automatic[finding.action].message(finding)
  if (finding.action !== 'step-up') return { allow: false, reason: 'patient_quota', message }
  const provenAt = isPerson(claims) ? claims.auth_time : claims.iat
  // Times are whole seconds: a sign-in of that very second may have come before.
  return provenAt > finding.at ? allow : { allow: false, reason: 'step_up_required', message }
}

/** The first rule for which this patient is one too many. */
function judge(
  who: Watched,
  claims: AccessClaims,
  access: Access,
  rules: readonly PatientRule[],
  practiceCreatedAt: Seconds | undefined,
  now: Seconds,
): Finding | undefined {
  const observing = practiceCreatedAt !== undefined && now < practiceCreatedAt + observeSeconds
  for (const rule of rules) {
    const name = spokenName(rule.name, access)
    const threshold = thresholdOf(rule, claims, access)
    if (who[access].size() < threshold) continue
    const value = who[access].newSince(rule.windowSeconds, who.spokeAt.get(name) ?? -Infinity, now) + 1
    if (value <= threshold) continue
    const observed = observing && rule.action !== 'stop'
    const twice = rule.pace === true && !observed && pacedBefore(who, rules, now)
    who.spokeAt.set(name, now)
    return {
      id: mintId('finding'),
      rule: twice ? paceTwice : name,
      ...(isPerson(claims) ? { practitioner: claims.sub, session: claims.sid } : { client: claims.sub }),
      practice: claims.practice,
      access,
      value,
      threshold,
      windowSeconds: rule.windowSeconds,
      action: twice ? 'stop' : rule.action,
      observed,
      at: now,
    }
  }
  return undefined
}

/** Opened and listed are counted apart, so they speak apart. */
const spokenName = (rule: string, access: Access): string => (access === 'listed' ? `${rule}-listed` : rule)

const paces = (rules: readonly PatientRule[]): string[] =>
  rules.filter(({ pace }) => pace).flatMap(({ name }) => [name, spokenName(name, 'listed')])

const pacedBefore = ({ spokeAt }: Watched, rules: readonly PatientRule[], now: Seconds): boolean =>
  paces(rules).some((name) => now - (spokeAt.get(name) ?? -Infinity) < pacesApartSeconds)
