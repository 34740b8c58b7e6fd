/**
 * Distinct patients per practitioner, in memory and synchronous: asked before anything leaves, counted before it is
 * forwarded, so that requests side by side cannot overshoot. What a rule finds holds here at once; the restriction that
 * makes it known everywhere follows, and from then on the journal is what holds, so that an operator's lift undoes it.
 */

import type { Pseudonym } from '../audit/event.ts'
import { mintId, type PracticeId, type PractitionerId } from '../core/ids.ts'
import type { Log } from '../core/ports.ts'
import type { Seconds } from '../core/time.ts'
import type { AccessClaims } from '../tokens/claims.ts'
import type { Message } from '../restrictions/restriction.ts'
import { automatic, type Finding } from './finding.ts'
import { createPatientSet, type PatientSet } from './patient-set.ts'
import {
  listedFactor,
  observeSeconds,
  pacesApartSeconds,
  paceTwice,
  patientRules,
  thresholdOf,
  type Access,
  type PatientRule,
} from './rules.ts'

export interface QuotaPorts {
  /** Stores the finding and restricts. True once the restriction holds in this process. MUST be safe to call again. */
  act(finding: Finding): Promise<boolean>
  /** Undefined: unknown, and then treated as long known. */
  practiceCreatedAt(practice: PracticeId): Seconds | undefined
  log: Log
}

export type QuotaVerdict =
  { allow: true } | { allow: false; reason: 'patient_quota' | 'step_up_required'; message?: Message }

/** One meeting of the last 24 h, as the audit log keeps it. */
export interface Met {
  practitioner: PractitionerId
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
  restore(met: Iterable<Met>, findings: Iterable<Pick<Finding, 'practitioner' | 'rule' | 'at'>>): void
}

/** A measure that is not in the journal yet: it holds here until it is. */
interface Hold {
  finding: Finding
  acting: boolean
}

interface Watched {
  opened: PatientSet
  listed: PatientSet
  /** When each rule last spoke: it counts afresh from there. */
  spokeAt: Map<string, Seconds>
  hold?: Hold
}

const allow: QuotaVerdict = { allow: true }
const quotaSpent: QuotaVerdict = { allow: false, reason: 'patient_quota' }

/** Each so many new patients, practitioners who met nobody for a day are forgotten. */
const sweepEvery = 10_000

export function createQuotas(ports: QuotaPorts, rules: readonly PatientRule[] = patientRules): Quotas {
  const watched = new Map<PractitionerId, Watched>()
  let admitted = 0

  function watch(practitioner: PractitionerId): Watched {
    const known = watched.get(practitioner)
    if (known) return known
    const fresh = { opened: createPatientSet(), listed: createPatientSet(), spokeAt: new Map() }
    watched.set(practitioner, fresh)
    return fresh
  }

  function sweep(now: Seconds): void {
    for (const [practitioner, { opened, listed, hold }] of watched) {
      opened.forget(now)
      listed.forget(now)
      if (opened.size() === 0 && listed.size() === 0 && !hold) watched.delete(practitioner)
    }
  }

  async function act(who: Watched, hold: Hold): Promise<void> {
    hold.acting = true
    try {
      if ((await ports.act(hold.finding)) && who.hold === hold) delete who.hold
    } catch (error) {
      ports.log('error', 'finding not acted on yet', { rule: hold.finding.rule, error: String(error) })
    } finally {
      hold.acting = false
    }
  }

  return {
    admit: (claims, patient, access, newPatients, now) => {
      const who = watch(claims.sub)
      who.opened.forget(now)
      who.listed.forget(now)
      if (knows(who, patient, access)) return again(who, patient, access, now)
      if (++admitted % sweepEvery === 0) sweep(now)
      if (who.hold && !who.hold.acting) void act(who, who.hold)
      const held = who.hold && answerTo(who.hold.finding, claims)
      if (held && !held.allow) return held
      if (spent(who, access, newPatients)) return quotaSpent
      const finding = judge(who, claims, access, rules, ports.practiceCreatedAt(claims.practice), now)
      if (!finding) return meet(who, patient, access, now)
      const hold: Hold = { finding, acting: false }
      if (holds(finding)) who.hold = hold
      void act(who, hold)
      const answer = answerTo(finding, claims)
      return answer.allow ? meet(who, patient, access, now) : answer
    },
    restore: (met, findings) => {
      for (const { practitioner, patient, access, at } of met) meet(watch(practitioner), patient, access, at)
      for (const { practitioner, rule, at } of findings) {
        const { spokeAt } = watch(practitioner)
        for (const name of rule === paceTwice ? paces(rules) : [rule])
          spokeAt.set(name, Math.max(at, spokeAt.get(name) ?? at))
      }
    },
  }
}

/** Whoever was opened in the last 24 h stays readable, whatever happens. */
const knows = (who: Watched, patient: Pseudonym, access: Access): boolean =>
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

function answerTo(finding: Finding, { auth_time }: AccessClaims): QuotaVerdict {
  if (finding.action === 'notice' || finding.observed) return allow
  const message = automatic[finding.action].message(finding)
  if (finding.action !== 'step-up') return { allow: false, reason: 'patient_quota', message }
  return auth_time >= finding.at ? allow : { allow: false, reason: 'step_up_required', message }
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
      practitioner: claims.sub,
      practice: claims.practice,
      session: claims.sid,
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
