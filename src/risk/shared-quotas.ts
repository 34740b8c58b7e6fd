/**
 * The same caps where requests of one practitioner are answered in many places that share nothing but the database: what
 * is counted is one row, swapped whole for the version it was judged on, so that requests side by side cannot overshoot.
 * A place keeps what it saw last: a patient met is met for a day, whoever looks; everything else is judged on the row.
 */

import type { Pseudonym } from '../audit/event.ts'
import type { PracticeId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { days, minutes, type Seconds } from '../core/time.ts'
import type { AccessClaims, Subject } from '../tokens/claims.ts'
import type { Finding } from './finding.ts'
import { createPatientSet, type PatientMet } from './patient-set.ts'
import type { Met } from './quotas.ts'
import { patientRules, type Access, type PatientRule } from './rules.ts'
import { admitMeeting, emptyWatched, remember, type QuotaVerdict, type Watched } from './watched.ts'

export interface QuotaState {
  opened: PatientMet[]
  listed: PatientMet[]
  spokeAt: [rule: string, at: Seconds][]
  held?: Finding
  /**
   * The journal's sequence at which the held finding stood there. A request that read the journal before feels the hold
   * still; one that read it since is judged by the journal alone.
   */
  heldBelow?: number
}

interface Versioned {
  version: number
  state: QuotaState
}

/** Where the row is kept. */
export interface QuotaKeeping {
  find(practitioner: Subject): Promise<Versioned | undefined>
  /** False: another version stands by now. Version 0: there was none. */
  swap(practitioner: Subject, version: number, state: QuotaState, now: Seconds): Promise<boolean>
  /** Of one who has no row: what the log says. */
  history(
    practitioner: Subject,
    now: Seconds,
  ): Promise<{ met: Met[]; findings: Pick<Finding, 'rule' | 'at'>[] }>
}

export interface SharedQuotaPorts {
  keeping: QuotaKeeping
  /** What this place saw last; MAY be shared by its requests. */
  seen: Map<Subject, Versioned>
  practiceCreatedAt(practice: PracticeId): Seconds | undefined
  /** Stores the finding and restricts, after the answer if need be. True once the restriction is in the journal. */
  act(finding: Finding): Promise<boolean>
  /** Of the journal, as this request knows it. */
  sequence(): number
  /** What goes on after the answer. */
  afterwards(work: Promise<unknown>): void
}

export interface SharedQuotas {
  admit(
    claims: AccessClaims,
    patients: readonly Pseudonym[],
    access: Access,
    newPatients: number | undefined,
    now: Seconds,
  ): Promise<QuotaVerdict & { patient?: Pseudonym }>
}

/** Somebody who opens so many patients at once that this does not suffice is not seeing patients. */
const mostTries = 50
/** A meeting repeated sooner is not written again: forgetting may come that much early. */
const writtenAgainSeconds = minutes(5)
/** Whoever found it acts first; who finds it held for so long takes over. */
const takenOverSeconds = 10
const mostSeen = 1_000

export function createSharedQuotas(
  ports: SharedQuotaPorts,
  rules: readonly PatientRule[] = patientRules,
): SharedQuotas {
  const { keeping, seen, act, afterwards } = ports

  async function read(practitioner: Subject, now: Seconds): Promise<Versioned> {
    const found = await keeping.find(practitioner)
    if (found) return found
    const who = emptyWatched()
    const { met, findings } = await keeping.history(practitioner, now)
    remember(who, met, findings, rules)
    return { version: 0, state: stateOf(who) }
  }

  /** `change` answers undefined where there is nothing to change. */
  async function swap(
    practitioner: Subject,
    now: Seconds,
    change: (state: QuotaState) => QuotaState | undefined,
  ): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      const { version, state } = await read(practitioner, now)
      const next = change(state)
      if (!next || (await replace(practitioner, version, next, now))) return
    }
    throw new Refusal('state_unavailable', { cause: 'the count of patients is contended' })
  }

  async function replace(practitioner: Subject, version: number, state: QuotaState, now: Seconds) {
    const swapped = await keeping.swap(practitioner, version, state, now)
    if (!swapped) seen.delete(practitioner)
    else {
      if (seen.size >= mostSeen) seen.clear()
      seen.set(practitioner, { version: version + 1, state })
    }
    return swapped
  }

  async function carryOut(finding: Finding, now: Seconds): Promise<void> {
    if (!(await act(finding))) return
    const { practitioner, client } = finding
    const subject = practitioner ?? client
    if (!subject) return
    await swap(subject, now, (state) =>
      state.held?.id === finding.id ? { ...state, heldBelow: ports.sequence() } : undefined,
    )
  }

  function admitAll(
    who: Watched,
    [claims, patients, access, newPatients, now]: Parameters<SharedQuotas['admit']>,
  ): { verdict: QuotaVerdict & { patient?: Pseudonym }; found: Finding[]; changed: boolean } {
    const practiceCreatedAt = ports.practiceCreatedAt(claims.practice)
    const found: Finding[] = []
    let changed = false
    for (const patient of patients) {
      if (metLately(who, patient, access, now)) continue
      const meeting = { claims, patient, access, newPatients, practiceCreatedAt, now }
      const said = admitMeeting(who, meeting, rules)
      if (said.found) found.push(said.found)
      changed ||= said.verdict.allow || said.found !== undefined
      if (!said.verdict.allow) return { verdict: { ...said.verdict, patient }, found, changed }
    }
    return { verdict: { allow: true }, found, changed }
  }

  return {
    async admit(...asked) {
      const [{ sub }, , , , now] = asked
      for (let tries = 0; tries < mostTries; tries++) {
        const kept = seen.get(sub)
        const { version, state: counted } = kept ?? (await read(sub, now))
        const state = withoutPast(counted, ports.sequence())
        const who = watchedOf(state)
        const { verdict, found, changed } = admitAll(who, asked)
        // What was seen earlier may be looser or stricter than what stands: only the row says no.
        if (kept && !verdict.allow) {
          seen.delete(sub)
          continue
        }
        if (changed && !(await replace(sub, version, nextState(who, counted), now))) continue
        for (const each of found) afterwards(carryOut(each, now))
        const { held } = who
        const waits = held && state.heldBelow === undefined && !found.includes(held)
        if (waits && held.at + takenOverSeconds < now) afterwards(carryOut(held, now))
        return verdict
      }
      throw new Refusal('state_unavailable', { cause: 'the count of patients is contended' })
    },
  }
}

function metLately({ opened, listed }: Watched, patient: Pseudonym, access: Access, now: Seconds): boolean {
  const since = now - writtenAgainSeconds
  const openedAt = opened.lastAt(patient)
  if (openedAt !== undefined && openedAt > (access === 'listed' ? now - days(1) : since)) return true
  return access === 'listed' && (listed.lastAt(patient) ?? 0) > since
}

const watchedOf = ({ opened, listed, spokeAt, held }: QuotaState): Watched => ({
  opened: createPatientSet(opened),
  listed: createPatientSet(listed),
  spokeAt: new Map(spokeAt),
  ...(held && { held }),
})

/** Without the hold that the journal has taken over, and that this request knows from there. */
function withoutPast(state: QuotaState, sequence: number): QuotaState {
  if (state.heldBelow === undefined || sequence < state.heldBelow) return state
  const { held: _held, heldBelow: _below, ...rest } = state
  return rest
}

/** The last hold stays in the row: a request begun before it may still come, however late. */
function nextState(who: Watched, { held, heldBelow }: QuotaState): QuotaState {
  const before = { ...(held && { held }), ...(heldBelow !== undefined && { heldBelow }) }
  return who.held && who.held !== held ? stateOf(who) : { ...stateOf(who), ...before }
}

const stateOf = ({ opened, listed, spokeAt, held }: Watched): QuotaState => ({
  opened: opened.entries(),
  listed: listed.entries(),
  spokeAt: [...spokeAt],
  ...(held && { held }),
})
