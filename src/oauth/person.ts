/** What a client is told of the person, by scope (OpenID Connect Core §5.4; SMART App Launch 2.2, fhirUser) or by name (§5.5). */

import type { Ground } from '../grants/grant.ts'
import type { Services } from '../services.ts'

/** Discovery's `claims_supported`, beside those of every token. */
export const personClaimNames = ['name', 'given_name', 'family_name', 'locale', 'fhirUser'] as const
export type PersonClaim = (typeof personClaimNames)[number]

type Known = Pick<Services, 'resources' | 'config'>

/** `scope`: gives the claim; a client that is not registered for it cannot have the claim by name either. */
interface PersonClaimRow {
  scope: 'profile' | 'fhirUser'
  value: (ground: Ground, services: Known) => string | undefined
}

export const personClaims: Record<PersonClaim, PersonClaimRow> = {
  name: {
    scope: 'profile',
    value: ({ practitioner: { givenName, familyName } }) => `${givenName} ${familyName}`,
  },
  given_name: { scope: 'profile', value: ({ practitioner }) => practitioner.givenName },
  family_name: { scope: 'profile', value: ({ practitioner }) => practitioner.familyName },
  locale: { scope: 'profile', value: ({ practitioner }) => practitioner.language },
  fhirUser: {
    scope: 'fhirUser',
    value: ({ grant, practitioner }, { resources, config }) => {
      const resource = resources.findByAudience(grant.resource)
      if (resource?.kind !== 'fhir' || practitioner.recordsName === null) return undefined
      return `${config.issuer}${resource.base}/Practitioner/${practitioner.recordsName}`
    },
  },
}

/** `named`: asked for one by one, and kept with the grant. */
export function claimsFor(
  asked: { scopes: readonly string[]; named: readonly string[] | undefined },
  ground: Ground,
  services: Known,
): Partial<Record<PersonClaim, string>> {
  const claims: Partial<Record<PersonClaim, string>> = {}
  for (const name of personClaimNames) {
    const { scope, value } = personClaims[name]
    const byName = asked.named?.includes(name) && ground.client.scopes.includes(scope)
    const known = byName || asked.scopes.includes(scope) ? value(ground, services) : undefined
    if (known !== undefined) claims[name] = known
  }
  return claims
}
