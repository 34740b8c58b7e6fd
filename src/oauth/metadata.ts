/** Discovery, written from the tables the code runs on: OpenID Connect Discovery 1.0 §3, RFC 8414 §2. */

import { profileNames, profileRow, type ClientAuthentication, type ProfileRow } from '../clients/profiles.ts'
import { openidScopes } from '../clients/scope.ts'
import { languages } from '../core/language.ts'
import type { Services } from '../services.ts'
import { acrReached } from '../tokens/claims.ts'
import { namesOf } from '../tokens/algorithm-names.ts'
import { algorithms } from '../tokens/keys.ts'
import { codeChallengeMethods, displays, paths, prompts, responseModes, responseTypes } from './accepted.ts'
import { personClaimNames } from './person.ts'
import { grantTypes } from './token.ts'

export function metadata({ config }: Pick<Services, 'config'>): Record<string, unknown> {
  const at = (path: string) => `${config.issuer}${path}`
  return {
    issuer: config.issuer,
    authorization_endpoint: at(paths.authorize),
    pushed_authorization_request_endpoint: at(paths.pushed),
    // Of the server as a whole: a client's own row may demand it (RFC 9126 §5, §6).
    require_pushed_authorization_requests: false,
    token_endpoint: at(paths.token),
    ...(config.dynamicRegistration && { registration_endpoint: at(paths.register) }),
    device_authorization_endpoint: at(paths.deviceAuthorization),
    introspection_endpoint: at(paths.introspect),
    revocation_endpoint: at(paths.revoke),
    userinfo_endpoint: at(paths.userinfo),
    jwks_uri: at(paths.jwks),
    end_session_endpoint: at(paths.logout),
    response_types_supported: responseTypes,
    response_modes_supported: responseModes,
    grant_types_supported: Object.keys(grantTypes),
    code_challenge_methods_supported: codeChallengeMethods,
    token_endpoint_auth_methods_supported: authentications(),
    revocation_endpoint_auth_methods_supported: authentications(),
    introspection_endpoint_auth_methods_supported: authentications().filter((method) => method !== 'none'),
    introspection_signing_alg_values_supported: [algorithms.token[0]],
    token_endpoint_auth_signing_alg_values_supported: algorithmsWhere(asserts),
    revocation_endpoint_auth_signing_alg_values_supported: algorithmsWhere(asserts),
    introspection_endpoint_auth_signing_alg_values_supported: algorithmsWhere(asserts),
    dpop_signing_alg_values_supported: algorithmsWhere(({ dpop }) => dpop !== 'none'),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [
      ...new Set(profileNames.flatMap((name) => profileRow(name).idTokenAlgorithms)),
    ],
    scopes_supported: openidScopes,
    claims_supported: [...standingClaims, ...personClaimNames],
    prompt_values_supported: prompts,
    display_values_supported: displays,
    ui_locales_supported: languages,
    acr_values_supported: acrReached,
    authorization_response_iss_parameter_supported: true,
    // OpenID Connect Back-Channel Logout 1.0 §2.1: each logout token names the subject and the session.
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    claims_parameter_supported: true,
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: algorithmsWhere(signs),
    // Of the server as a whole: a client may demand it of itself (RFC 9101 §10.5).
    require_signed_request_object: false,
    // Absent means true (OpenID Connect Discovery 1.0 §3).
    request_uri_parameter_supported: false,
  }
}

const authentications = (): ClientAuthentication[] => [
  ...new Set(profileNames.flatMap((name) => profileRow(name).authentication)),
]

/** Of every ID token. */
const standingClaims = [
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'nonce',
  'acr',
  'amr',
  'sid',
  'at_hash',
]

const algorithmsWhere = (does: (row: ProfileRow) => boolean): string[] =>
  namesOf(profileNames.map(profileRow).flatMap((row) => (does(row) ? row.algorithms : [])))
const asserts = ({ authentication }: ProfileRow): boolean => authentication.includes('private_key_jwt')
/** Its authorization requests, where it makes any. */
const signs = (row: ProfileRow): boolean => asserts(row) && row.grantTypes.includes('authorization_code')
