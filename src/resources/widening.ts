/** Would saving this open more than there is? Pure. A second door to a protected host could be one without its checks. */

import { fhirResource, type Resource } from './resource.ts'

export function opensMore(all: readonly Resource[], resource: Resource): boolean {
  if (all.some(({ name }) => name === resource.name)) return true
  const host = hostOf(resource)
  return all.some((other) => hostOf(other) === host) || freesMoreTypes(resource)
}

/** Without port: two doors of one machine lead to the same records as a rule. */
const hostOf = ({ upstream }: Resource): string => new URL(upstream).hostname

function freesMoreTypes(resource: Resource): boolean {
  if (resource.kind !== 'fhir') return false
  const usual = fhirResource.shape.patientFree.parse(undefined)
  return resource.patientFree.some((type) => !usual.includes(type))
}
