/** What a resource says of patients: whom it belongs to, and everybody else it names. Read from parsed JSON only. */

import { ownerPaths } from './compartment.ts'

export interface Belonging {
  /** `Patient/p1`, or the name a transaction gives one it creates. Empty for patient-free types. */
  owners: string[]
  /** Everybody named anywhere in it, owners included. */
  named: string[]
}

export interface Reading {
  patientFree: ReadonlySet<string>
  /** Addresses that mean this API: the upstream's own and the public one. */
  bases: readonly string[]
  /** Inside a transaction: `urn:uuid:…` → what it stands for. */
  names?: ReadonlyMap<string, string>
}

/** FHIR's, without `.` and `..`: as a segment of an address those lead elsewhere. */
export const idShape = /^(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}$/
const patientReference =
  /^Patient\/(?!\.{1,2}(?:\/|$))([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const typeOf = (resource: JsonObject): string =>
  typeof resource['resourceType'] === 'string' ? resource['resourceType'] : ''

/** Undefined: it cannot be said whose this is, so it is nobody's to see. */
export function belongingOf(resource: JsonObject, reading: Reading): Belonging | undefined {
  const named = patientsNamed(resource, reading)
  if (!named) return undefined
  const type = typeOf(resource)
  if (type === 'Patient') {
    const id = resource['id']
    if (typeof id !== 'string' || !idShape.test(id)) return undefined
    return { owners: [`Patient/${id}`], named: [...new Set([`Patient/${id}`, ...named])] }
  }
  const path = ownerPaths.get(type)
  if (path === undefined) return reading.patientFree.has(type) ? { owners: [], named } : undefined
  const owners = ownersAt(resource, path, reading)
  return owners.length > 0 ? { owners, named } : undefined
}

function ownersAt(resource: JsonObject, path: string, reading: Reading): string[] {
  const owners = valuesAt(resource, path).flatMap((value) => {
    const reference = isObject(value) ? value['reference'] : undefined
    const patient = typeof reference === 'string' ? patientIn(reference, reading) : undefined
    return typeof patient === 'string' ? [patient] : []
  })
  return [...new Set(owners)]
}

export function valuesAt(resource: JsonObject, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (values, name) =>
      values.flatMap((value) => {
        const inner = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
        return inner === undefined ? [] : Array.isArray(inner) ? (inner as unknown[]) : [inner]
      }),
    [resource],
  )
}

/** Resources that may not stand inside another: whose they are, or what else they hold, could not be said. */
const neverInside: ReadonlySet<string> = new Set([
  'Patient',
  'Bundle',
  'Parameters',
  'Person',
  'Group',
  'Binary',
])

/** Every patient referred to, at any depth. Undefined: one is, and cannot be told. */
function patientsNamed(resource: JsonObject, reading: Reading): string[] | undefined {
  const named = new Set<string>()
  const waiting: unknown[] = [resource]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (Array.isArray(value)) for (const one of value as unknown[]) waiting.push(one)
    else if (isObject(value)) {
      if (value !== resource && neverInside.has(typeOf(value))) return undefined
      const patient = patientAt(value, reading)
      if (patient === 'unknown') return undefined
      if (patient) named.add(patient)
      for (const name of Object.keys(value)) if (typeof value[name] === 'object') waiting.push(value[name])
    }
  }
  return [...named]
}

/** The patient an object refers to, if it is a Reference to one. */
function patientAt(value: JsonObject, reading: Reading): string | undefined {
  const reference = value['reference']
  if (typeof reference === 'string') {
    const patient = patientIn(reference, reading)
    return patient === 'unknown' || patient ? patient : value['type'] === 'Patient' ? 'unknown' : undefined
  }
  return value['type'] === 'Patient' && 'identifier' in value ? 'unknown' : undefined
}

/** `Patient/p1`; `unknown` when it is about a patient, or may be, and does not say which; undefined: about no patient. */
function patientIn(reference: string, { bases, names }: Reading): string | undefined {
  const known = names?.get(reference)
  if (known !== undefined) return known.startsWith('Patient/') ? known : undefined
  const local = localReference(reference, bases)
  const match = patientReference.exec(local)
  if (match) return `Patient/${match[1]}`
  // Padded, encoded or cut off in some way that another reader might undo.
  return /(?:^|[^A-Za-z0-9\-.])Patient(?:[^A-Za-z0-9\-.]|$)/.test(local) ? 'unknown' : undefined
}

/** The address within this API, when it begins with one of its bases. */
export function localReference(reference: string, bases: readonly string[]): string {
  for (const base of bases) if (reference.startsWith(`${base}/`)) return reference.slice(base.length + 1)
  return reference
}

const organizationReference = /^Organization\/([A-Za-z0-9\-.]{1,64})$/

/** The practices of a patient, as records names: the managing organization (one at most in R4). */
export function organizationsOf(patient: unknown, bases: readonly string[]): string[] {
  const organization = isObject(patient) ? patient['managingOrganization'] : undefined
  const reference = isObject(organization) ? organization['reference'] : undefined
  const match =
    typeof reference === 'string' ? organizationReference.exec(localReference(reference, bases)) : null
  return match?.[1] === undefined ? [] : [match[1]]
}
