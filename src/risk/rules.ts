/**
 * How many different patients are too many (domain facts, numbers for thresholds): one row a rule, most severe first.
 * Patients are counted, never requests; the time of day alone never stops anyone.
 */

import { days, hours, minutes, type Seconds } from '../core/time.ts'
import type { PersonClaims, ServiceClaims } from '../tokens/claims.ts'

export type Access = 'opened' | 'listed'

/**
 * `notice`: the practitioner is told. `step-up`: no new patient without a fresh sign-in. `stop`: no new patient.
 * `end-session`: that session is over.
 */
export type Action = 'notice' | 'step-up' | 'stop' | 'end-session'

export interface PatientRule {
  name: string
  windowSeconds: Seconds
  action: 'notice' | 'step-up' | 'stop'
  /** Distinct patients that pass; the next one is one too many. */
  clinician: number
  secretary: number
  /** A service (`client_credentials`), unless its registration says. Absent: this rule is about people. */
  service?: number
  /** A secretary's figure grows with the doctors she works for: times max(1, n/2). */
  perDoctor?: true
  /** A pace, not a day's work: a second time within the hour is a stop. */
  pace?: true
}

export const patientRules: readonly PatientRule[] = [
  {
    name: 'patients-24h-stop',
    windowSeconds: days(1),
    action: 'stop',
    clinician: 240,
    secretary: 500,
    service: 500,
    perDoctor: true,
  },
  {
    name: 'patients-5min',
    windowSeconds: minutes(5),
    action: 'step-up',
    clinician: 10,
    secretary: 20,
    pace: true,
  },
  {
    name: 'patients-60min',
    windowSeconds: hours(1),
    action: 'step-up',
    clinician: 30,
    secretary: 80,
    pace: true,
  },
  {
    name: 'patients-24h',
    windowSeconds: days(1),
    action: 'step-up',
    clinician: 120,
    secretary: 250,
    perDoctor: true,
  },
  {
    name: 'patients-24h-note',
    windowSeconds: days(1),
    action: 'notice',
    clinician: 80,
    secretary: 150,
    perDoctor: true,
  },
]

/** The second too-fast pace within `pacesApartSeconds` becomes this. */
export const paceTwice = 'patients-pace-twice'
export const pacesApartSeconds = hours(1)

/** Being listed counts against five times the figure. */
export const listedFactor = 5

/** A new practice is watched, not hindered, except by the stop row. */
export const observeSeconds = days(14)

type PersonLoad = Pick<PersonClaims, 'role' | 'doctors'>
type ServiceLoad = Pick<ServiceClaims, 'patients_per_day'>

export function thresholdOf(rule: PatientRule, load: PersonLoad | ServiceLoad, access: Access): number {
  const figure = 'role' in load ? personFigure(rule, load) : serviceFigure(rule, load)
  return figure * (access === 'listed' ? listedFactor : 1)
}

/** What a service may read in a day is a matter of its task: its token carries the figure it was registered with. */
const serviceFigure = ({ service = Infinity }: PatientRule, load: ServiceLoad): number =>
  service === Infinity ? Infinity : (load.patients_per_day ?? service)

/** Managers count like a secretary of one doctor. */
function personFigure(rule: PatientRule, { role, doctors = 1 }: PersonLoad): number {
  const load = rule.perDoctor && role === 'secretary' ? Math.max(1, doctors / 2) : 1
  return role === 'clinician' ? rule.clinician : Math.floor(rule.secretary * load)
}
