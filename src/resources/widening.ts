/**
 * Would saving this open more than there is? Pure. Only the first API of an installation is set-up: any other could be a
 * second door to records that are protected already, under an alias, an address or a path that no comparison of names sees.
 */

import { fhirResource, type Resource } from './resource.ts'

export const opensMore = (all: readonly Resource[], resource: Resource): boolean =>
  all.length > 0 || freesMoreTypes(resource)

function freesMoreTypes(resource: Resource): boolean {
  if (resource.kind !== 'fhir') return false
  const usual = fhirResource.shape.patientFree.parse(undefined)
  return resource.patientFree.some((type) => !usual.includes(type))
}
