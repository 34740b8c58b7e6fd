/** What may leave: each resource of an answer is this practice's, or about nobody; everything else stays. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import type { Allowed } from '../decide.ts'
import type { Access } from '../ports.ts'
import type { FhirUpstream } from '../routes.ts'
import {
  belongingOf,
  organizationsOf,
  typeOf,
  type Belonging,
  type JsonObject,
  type Reading,
} from './references.ts'

/** One request asks about so many patients at most. */
const mostPatients = 500

export interface Inspection {
  call: Call
  upstream: FhirUpstream
  reading: Reading
}

export function inspectionOf(
  call: Call,
  upstream: FhirUpstream,
  names?: ReadonlyMap<string, string>,
): Inspection {
  const { patientFree } = upstream
  const bases = [upstream.upstream, publicBase(call, upstream)]
  return { call, upstream, reading: { patientFree, bases, ...(names && { names }) } }
}

export const publicBase = (call: Call, upstream: FhirUpstream): string =>
  `${call.parts.issuer}${upstream.base}`

/** In an answer: everybody it names is of the caller's practice. Refuses `patient_unresolved`, `other_practice`. */
export async function requireOwnAnswer(inspection: Inspection, resource: JsonObject): Promise<Belonging> {
  const belonging = requireBelonging(inspection, resource)
  if (typeOf(resource) === 'Patient') learnPatient(inspection, resource, belonging.owners[0] ?? '')
  for (const patient of belonging.named) await inspection.call.requireOwn(patient)
  return belonging
}

/** In a body: the same, but what a caller says of a patient's practice is checked and never believed. */
export async function requireOwnBody(inspection: Inspection, resource: JsonObject): Promise<Belonging> {
  const { call, reading } = inspection
  const belonging = requireBelonging(inspection, resource)
  const self = typeOf(resource) === 'Patient' ? belonging.owners[0] : undefined
  if (self !== undefined) {
    const practices = organizationsOf(resource, reading.bases)
    if (practices.length === 0) throw new Refusal('patient_unresolved', { fault: 'managingOrganization' })
    if (!practices.includes(call.recordsName))
      throw new Refusal('other_practice', { fault: 'managingOrganization' })
  }
  for (const patient of belonging.named)
    if (patient !== self && !isNewborn(patient)) await call.requireOwn(patient)
  return belonging
}

/** A patient whom the same transaction creates, under its `urn:uuid` until then. */
export const isNewborn = (patient: string): boolean => patient.startsWith('Patient/urn:')

function requireBelonging({ reading }: Inspection, resource: JsonObject): Belonging {
  const belonging = belongingOf(resource, reading)
  if (belonging && belonging.named.length <= mostPatients) return belonging
  throw new Refusal('patient_unresolved', { type: typeOf(resource).slice(0, 40) })
}

/** An answer of the upstream says itself whose the patient is. */
function learnPatient({ call, upstream, reading }: Inspection, resource: JsonObject, patient: string): void {
  const practices = organizationsOf(resource, reading.bases)
  if (practices.length === 0) throw new Refusal('patient_unresolved', { patient: call.pseudonym(patient) })
  call.parts.patients.learn(upstream, patient, practices)
}

/** patient → how many resources of which type. */
export type Served = Map<string, Record<string, number>>

export function countServed(served: Served, { owners }: Belonging, type: string): void {
  for (const owner of owners) {
    const types = served.get(owner) ?? {}
    types[type] = (types[type] ?? 0) + 1
    served.set(owner, types)
  }
}

/** Counts against the caps (unless that was done: no `allowed`), then records, durably: only after this may the first byte leave. */
export async function recordServed(
  call: Call,
  route: string,
  served: Served,
  access: Access,
  status: number,
  allowed: Allowed | undefined,
): Promise<void> {
  const patients = [...served.keys()]
  if (allowed) await call.admit(patients, access, allowed)
  const bodies = [...served].map(([patient, types]) => ({
    kind: 'access.served' as const,
    patient: call.pseudonym(patient),
    access,
    types,
    status,
  }))
  await call.append(bodies.length > 0 ? bodies : [{ kind: 'access.answered', status }], patients, route)
}
