/**
 * The kinds of client, one row each (protocols.md §1): what each may and must do. Checked when a client is saved
 * (`client.ts`); the endpoints read the same rows, and discovery is written from them.
 */

import type { SignatureAlgorithm } from '../core/ports.ts'
import type { Returns } from './redirect-uri.ts'
import type { KeyAlgorithm } from '../tokens/keys.ts'

export const clientAuthentications = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const
/** OpenID Connect Core §9. */
export type ClientAuthentication = (typeof clientAuthentications)[number]

export const grantTypeNames = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const
export type GrantType = (typeof grantTypeNames)[number]

export interface ProfileRow {
  kind: 'public' | 'confidential'
  authentication: readonly ClientAuthentication[]
  grantTypes: readonly GrantType[]
  /** RFC 7636, always S256. `waivable`: by the client's `allowMissingPkce`, named at every start. */
  pkce: 'required' | 'waivable' | 'none'
  /** RFC 9126. */
  pushedRequests: 'allowed' | 'required' | 'none'
  /** RFC 9449. */
  dpop: 'none' | 'offered' | 'required'
  /** `bound`: not rotated, bound to the DPoP key (FAPI 2.0 Security Profile §5.3.2.1-9). */
  refresh: 'rotated' | 'bound' | 'none'
  /** What the client may sign with: assertions, request objects, DPoP proofs. */
  algorithms: readonly SignatureAlgorithm[]
  /** What an assertion may name as its audience: our issuer only (FAPI 2.0 §5.3.2.1-8), or also where it is sent. */
  assertionAudience: 'issuer' | 'endpoints'
  /** What it may have its ID tokens signed with; the first unless it asks. */
  idTokenAlgorithms: readonly KeyAlgorithm[]
  returns: Returns
  /** RFC 8252 §7.3. */
  anyLoopbackPort: boolean
}

const usualAlgorithms = ['ES256', 'EdDSA', 'PS256'] as const
const personal = ['authorization_code', 'refresh_token'] as const
const device = 'urn:ietf:params:oauth:grant-type:device_code'
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange'

export const profiles = {
  'smart-public': {
    kind: 'public',
    authentication: ['none'],
    grantTypes: [...personal, device],
    pkce: 'required',
    pushedRequests: 'allowed',
    dpop: 'offered',
    refresh: 'rotated',
    algorithms: [...usualAlgorithms],
    assertionAudience: 'endpoints',
    idTokenAlgorithms: ['RS256', 'ES256', 'EdDSA'],
    returns: 'device',
    anyLoopbackPort: true,
  },
  'web-confidential': {
    kind: 'confidential',
    authentication: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    grantTypes: [...personal, 'client_credentials', device, tokenExchange],
    pkce: 'waivable',
    pushedRequests: 'allowed',
    dpop: 'offered',
    refresh: 'rotated',
    algorithms: [...usualAlgorithms],
    assertionAudience: 'endpoints',
    idTokenAlgorithms: ['RS256', 'ES256', 'EdDSA'],
    returns: 'loopback',
    anyLoopbackPort: false,
  },
  /** FAPI 2.0 Security Profile: every choice it leaves us is made the strict way. */
  fapi2: {
    kind: 'confidential',
    authentication: ['private_key_jwt'],
    grantTypes: [...personal],
    pkce: 'required',
    pushedRequests: 'required',
    dpop: 'required',
    refresh: 'bound',
    algorithms: ['PS256', 'ES256', 'EdDSA'],
    assertionAudience: 'issuer',
    idTokenAlgorithms: ['ES256', 'EdDSA'],
    returns: 'https',
    anyLoopbackPort: false,
  },
  /** SMART App Launch 2.2, Backend Services: nobody signs in. */
  backend: {
    kind: 'confidential',
    authentication: ['private_key_jwt'],
    grantTypes: ['client_credentials'],
    pkce: 'none',
    pushedRequests: 'none',
    dpop: 'offered',
    refresh: 'none',
    algorithms: ['RS384', 'ES384', ...usualAlgorithms],
    assertionAudience: 'endpoints',
    idTokenAlgorithms: [],
    returns: 'none',
    anyLoopbackPort: false,
  },
} as const satisfies Record<string, ProfileRow>

export type Profile = keyof typeof profiles
export const profileNames = Object.keys(profiles) as [Profile, ...Profile[]]
export const profileRow = (profile: Profile): ProfileRow => profiles[profile]

/** Those a client may use: the ones it names, or what its profile gives by itself. */
export const grantTypesOf = (profile: Profile, named: readonly GrantType[]): GrantType[] =>
  named.length > 0 ? [...named] : grantTypesUnlessNamed(profile)

/** A client that names none: what its profile is for, and nothing that acts without a person unless that is all it has. */
function grantTypesUnlessNamed(profile: Profile): GrantType[] {
  const has = (type: GrantType) => profileRow(profile).grantTypes.includes(type)
  const usual = personal.filter(has)
  return usual.length > 0 ? usual : ['client_credentials']
}

/** A client that names none proves itself by its keys if it has any, and by its secret if it has none. */
export function authenticationUnlessNamed(profile: Profile, hasKeys: boolean): ClientAuthentication[] {
  const { authentication } = profileRow(profile)
  return authentication.filter((method) => hasKeys === (method === 'private_key_jwt') || method === 'none')
}
