/**
 * `{fhirBase}/.well-known/smart-configuration` (SMART App Launch 2.2, "Conformance"): what discovery says, in SMART's words.
 * The gateway publishes it; capabilities follow from the same tables.
 */

import { profileNames, profileRow } from '../clients/profiles.ts'
import { launchScopes, openidScopes } from '../clients/scope.ts'
import type { Services } from '../services.ts'
import { paths } from './accepted.ts'
import { metadata } from './metadata.ts'

/** As discovery has them: an endpoint that is not there is not announced here either. */
const shared = [
  'issuer',
  'jwks_uri',
  'authorization_endpoint',
  'token_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'registration_endpoint',
  'pushed_authorization_request_endpoint',
  'grant_types_supported',
  'response_types_supported',
  'code_challenge_methods_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'dpop_signing_alg_values_supported',
] as const

export function smartConfiguration(services: Pick<Services, 'config'>): Record<string, unknown> {
  const discovery = metadata(services)
  return {
    ...Object.fromEntries(
      shared.filter((name) => discovery[name] !== undefined).map((name) => [name, discovery[name]]),
    ),
    // Where a records application opens another (`launch.ts`).
    garde_launch_endpoint: `${services.config.issuer}${paths.launch}`,
    // Where a person sees what has access, and ends it.
    management_endpoint: `${services.config.issuer}/account`,
    scopes_supported: [...openidScopes, ...launchScopes, 'patient/*.cruds', 'user/*.cruds', 'system/*.cruds'],
    capabilities: capabilities.filter(({ on = true }) => on).map(({ name }) => name),
  }
}

const rows = profileNames.map(profileRow)
const authenticates = (method: string): boolean =>
  rows.some(({ authentication }) => authentication.some((one) => one === method))
/** SMART App Launch 2.2, "Client Authentication: Asymmetric": both must be taken. */
const asymmetric = rows.some(
  ({ authentication, algorithms }) =>
    authentication.includes('private_key_jwt') &&
    algorithms.includes('RS384') &&
    algorithms.includes('ES384'),
)

const capabilities: readonly { name: string; on?: boolean }[] = [
  { name: 'launch-standalone' },
  { name: 'launch-ehr' },
  { name: 'context-standalone-patient' },
  { name: 'context-ehr-patient' },
  { name: 'context-ehr-encounter' },
  { name: 'context-banner' },
  { name: 'authorize-post' },
  { name: 'client-public', on: authenticates('none') },
  { name: 'client-confidential-symmetric', on: authenticates('client_secret_basic') },
  { name: 'client-confidential-asymmetric', on: asymmetric },
  { name: 'sso-openid-connect' },
  { name: 'permission-patient' },
  { name: 'permission-user' },
  { name: 'permission-v1' },
  { name: 'permission-v2' },
]
