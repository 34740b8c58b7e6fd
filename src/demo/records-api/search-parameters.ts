/** Which searches each type understands, as one table: parameter → kind and where its values stand. */

import type { Resource } from './fhir.ts'

export interface SearchParameter {
  kind: 'reference' | 'token' | 'string' | 'date'
  /** Dotted; arrays on the way are flattened. */
  paths: string[]
}

const reference = (...paths: string[]): SearchParameter => ({ kind: 'reference', paths })
const token = (...paths: string[]): SearchParameter => ({ kind: 'token', paths })
const string = (...paths: string[]): SearchParameter => ({ kind: 'string', paths })
const date = (...paths: string[]): SearchParameter => ({ kind: 'date', paths })

type Parameters = Readonly<Record<string, SearchParameter>>

const everyType: Parameters = { _id: token('id'), _lastUpdated: date('meta.lastUpdated') }
const subject: Parameters = { subject: reference('subject'), patient: reference('subject') }
const patient: Parameters = { patient: reference('patient') }
const inEncounter: Parameters = { encounter: reference('encounter') }
const person: Parameters = {
  name: string('name.family', 'name.given', 'name.text'),
  family: string('name.family'),
  given: string('name.given'),
  identifier: token('identifier'),
}

/** The types served; anything else is 404. */
export const types: Readonly<Record<string, Parameters>> = {
  Patient: {
    ...person,
    birthdate: date('birthDate'),
    gender: token('gender'),
    organization: reference('managingOrganization'),
    'general-practitioner': reference('generalPractitioner'),
  },
  Organization: { name: string('name'), identifier: token('identifier') },
  Practitioner: person,
  PractitionerRole: { practitioner: reference('practitioner'), organization: reference('organization') },
  Observation: {
    ...subject,
    ...inEncounter,
    code: token('code'),
    category: token('category'),
    status: token('status'),
    date: date('effectiveDateTime', 'effectivePeriod.start'),
  },
  Condition: {
    ...subject,
    ...inEncounter,
    code: token('code'),
    'clinical-status': token('clinicalStatus'),
    'onset-date': date('onsetDateTime'),
    'recorded-date': date('recordedDate'),
  },
  MedicationRequest: {
    ...subject,
    ...inEncounter,
    status: token('status'),
    authoredon: date('authoredOn'),
    requester: reference('requester'),
  },
  Encounter: {
    ...subject,
    status: token('status'),
    date: date('period.start'),
    participant: reference('participant.individual'),
  },
  Appointment: {
    patient: reference('participant.actor'),
    actor: reference('participant.actor'),
    status: token('status'),
    date: date('start'),
  },
  DocumentReference: { ...subject, type: token('type'), status: token('status'), date: date('date') },
  AllergyIntolerance: { ...patient, code: token('code') },
  Immunization: { ...patient, date: date('occurrenceDateTime') },
  DiagnosticReport: { ...subject, ...inEncounter, code: token('code'), result: reference('result') },
  Procedure: { ...subject, ...inEncounter, code: token('code') },
  CarePlan: { ...subject, ...inEncounter, status: token('status') },
  Claim: { ...patient },
  ExplanationOfBenefit: { ...patient, claim: reference('claim') },
}

export const isServed = (type: string): boolean => Object.hasOwn(types, type)

export const findParameter = (type: string, name: string): SearchParameter | undefined =>
  [types[type] ?? {}, everyType].find((parameters) => Object.hasOwn(parameters, name))?.[name]

export const parametersOf = (type: string): [string, SearchParameter][] =>
  Object.entries({ ...everyType, ...types[type] })

/** Every value the parameter finds in a resource. */
export const valuesAt = (resource: Resource, parameter: SearchParameter): unknown[] =>
  parameter.paths.flatMap((path) => path.split('.').reduce<unknown[]>(step, [resource]))

function step(values: unknown[], name: string): unknown[] {
  return values.flatMap((value) => {
    if (typeof value !== 'object' || value === null) return []
    const inner = (value as Record<string, unknown>)[name]
    return inner === undefined ? [] : Array.isArray(inner) ? (inner as unknown[]) : [inner]
  })
}
