/** What a client is told of the person, by scope (OpenID Connect Core §5.4; SMART App Launch 2.2, fhirUser). */

import type { Ground } from '../grants/grant.ts'
import type { ResourceTable } from '../resources/resource.ts'

/** Discovery's `claims_supported`, beside those of every token. */
export const personClaimNames = ['name', 'given_name', 'family_name', 'locale', 'fhirUser'] as const

type PersonClaims = Partial<Record<(typeof personClaimNames)[number], string>>

export const personClaims: Record<string, (ground: Ground, resources: ResourceTable) => PersonClaims> = {
  openid: () => ({}),
  profile: ({ practitioner: { givenName, familyName, language } }) => ({
    name: `${givenName} ${familyName}`,
    given_name: givenName,
    family_name: familyName,
    locale: language,
  }),
  fhirUser: ({ grant }, resources) => {
    const resource = resources.findByAudience(grant.resource)
    if (resource?.kind !== 'fhir') return {}
    return { fhirUser: `${grant.resource.replace(/\/$/, '')}/Practitioner/${grant.practitioner}` }
  },
}

export const claimsFor = (
  scopes: readonly string[],
  ground: Ground,
  resources: ResourceTable,
): PersonClaims =>
  Object.assign({}, ...scopes.map((scope) => personClaims[scope]?.(ground, resources))) as PersonClaims
