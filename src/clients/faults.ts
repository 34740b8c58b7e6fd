/** What the profile table has against a client that is being saved: a sentence each, with the field it is about. Pure. */

import type { PracticeId } from '../core/ids.ts'
import type { ClientOptions } from './client.ts'
import { hasKeys, someKeyFits } from './key-set.ts'
import {
  grantTypesOf,
  profileRow,
  tokenExchange,
  type ClientAuthentication,
  type GrantType,
  type Profile,
} from './profiles.ts'
import { faultOfLogoutAddress, faultOfRedirectUri } from './redirect-uri.ts'
import { isServiceScope, isSystemScope } from './scope.ts'

export interface Fault {
  path: (string | number)[]
  message: string
}

/** A client as somebody wants it. Options may be named and undefined. */
export interface Wanted {
  profile: Profile
  grantTypes: GrantType[]
  authentication: ClientAuthentication[]
  practice?: PracticeId | undefined
  redirectUris: string[]
  postLogoutRedirectUris: string[]
  scopes: string[]
  renewSecret: boolean
  options: { [Name in keyof ClientOptions]: ClientOptions[Name] | undefined }
}

/** `at`: where it is wrong; false where it is not. */
interface Rule {
  at: false | (string | number)[]
  message: string
}

export const faultsOf = (wanted: Wanted): Fault[] =>
  [grantTypeRules, addressRules, authenticationRules, optionRules, demandRules]
    .flatMap((rules) => rules(wanted))
    .flatMap(({ at, message }) => (at ? [{ path: at, message }] : []))

/** What its ways of asking for tokens demand of the rest. */
function grantTypeRules(wanted: Wanted): Rule[] {
  const row = profileRow(wanted.profile)
  const types = grantTypesOf(wanted.profile, wanted.grantTypes)
  const serves = types.includes('client_credentials')
  const exchanges = types.includes(tokenExchange)
  const onlyServes = row.grantTypes.every((type) => type === 'client_credentials')
  return [
    ...wanted.grantTypes.map((type, index) => ({
      at: !row.grantTypes.includes(type) && ['grantTypes', index],
      message: `must be a grant type of its profile: ${row.grantTypes.join(', ')}`,
    })),
    {
      at: types.includes('authorization_code') && wanted.redirectUris.length === 0 && ['redirectUris'],
      message: 'must name at least one return address',
    },
    {
      at: serves && wanted.practice === undefined && ['practice'],
      message: 'must name the practice whose records it reaches when it acts for nobody (client_credentials)',
    },
    {
      at: !serves && wanted.practice !== undefined && ['practice'],
      message: 'is only for a client that may use client_credentials',
    },
    {
      at: serves && !wanted.scopes.some(isServiceScope) && ['scopes'],
      message: 'must name a scope for client_credentials, such as system/Patient.rs or notes.read',
    },
    ...wanted.scopes.map((scope, index) => ({
      at: !serves && isSystemScope(scope) && ['scopes', index],
      message: 'system/ scopes are only for a client that may use client_credentials',
    })),
    {
      at: exchanges !== (wanted.options.actsOnTokensOf !== undefined) && ['options', 'actsOnTokensOf'],
      message: exchanges
        ? 'must name the clients on whose tokens it may act for a person (token exchange)'
        : 'is only for a client that may use token exchange',
    },
    ...wanted.scopes.map((scope, index) => ({
      at: onlyServes && !isServiceScope(scope) && ['scopes', index],
      message: `is a scope of people; a client of the profile ${wanted.profile} acts for nobody`,
    })),
  ]
}

/** Exact addresses of the kinds its profile may use (RFC 9700 §2.1; FAPI 2.0 §5.3.2.2: https). */
const addressRules = ({ profile, redirectUris, postLogoutRedirectUris, options }: Wanted): Rule[] => [
  ...Object.entries({ redirectUris, postLogoutRedirectUris }).flatMap(([field, uris]) =>
    uris.map((uri, index) => faultAt(faultOfRedirectUri(uri, profileRow(profile).returns), [field, index])),
  ),
  faultAt(
    options.backchannelLogoutUri === undefined
      ? undefined
      : faultOfLogoutAddress(options.backchannelLogoutUri),
    ['options', 'backchannelLogoutUri'],
  ),
]

const faultAt = (message: string | undefined, at: (string | number)[]): Rule =>
  message === undefined ? { at: false, message: '' } : { at, message }

/** Keys and ways to prove itself belong together, within the profile. */
function authenticationRules({ profile, authentication: named, renewSecret, options }: Wanted): Rule[] {
  const { authentication, kind, algorithms } = profileRow(profile)
  const keyed = hasKeys(options)
  const byKeys = named.includes('private_key_jwt') || authentication.every((way) => way === 'private_key_jwt')
  const hasSecrets = authentication.some((way) => way.startsWith('client_secret'))
  return [
    ...named.map((method, index) => ({
      at: !authentication.includes(method) && ['authentication', index],
      message: `must be one of its profile's: ${authentication.join(', ')}`,
    })),
    {
      at: options.jwks !== undefined && options.jwksUri !== undefined && ['options', 'jwksUri'],
      message: 'give jwks or jwksUri, not both',
    },
    {
      at: byKeys && !keyed && ['options', 'jwks'],
      message: 'private_key_jwt needs public keys: give jwks or jwksUri',
    },
    { at: keyed && kind === 'public' && ['options'], message: 'a public client has no keys' },
    {
      at: kind === 'confidential' &&
        options.jwks !== undefined &&
        !someKeyFits(options.jwks, algorithms) && ['options', 'jwks'],
      message: `must hold a key for one of its profile's algorithms: ${algorithms.join(', ')}`,
    },
    {
      at: renewSecret && !hasSecrets && ['renewSecret'],
      message:
        kind === 'public'
          ? 'a public client has no secret'
          : `a client of the profile ${profile} has no secret`,
    },
  ]
}

/** Options that mean something to clients of some kinds only. */
function optionRules({ profile, grantTypes, options }: Wanted): Rule[] {
  const row = profileRow(profile)
  const types = grantTypesOf(profile, grantTypes)
  const only = (names: (keyof ClientOptions)[], may: boolean, message: string): Rule[] =>
    names.map((name) => ({ at: !may && options[name] !== undefined && ['options', name], message }))
  return [
    ...only(
      ['pushedRequestsOnly', 'signedRequestsOnly', 'allowMissingPkce'],
      types.includes('authorization_code'),
      'is only for a client that people sign in to (authorization_code)',
    ),
    ...only(
      ['idTokenAlgorithm', 'defaultMaxAge', 'backchannelLogoutUri'],
      row.idTokenAlgorithms.length > 0,
      `is about people who sign in; a client of the profile ${profile} acts for nobody`,
    ),
    ...only(
      ['introspects'],
      row.kind === 'confidential',
      'a public client cannot prove who it is, and is told nothing of tokens',
    ),
    ...only(
      ['launches'],
      row.kind === 'confidential' && types.includes('authorization_code'),
      'is only for a confidential client that people sign in to: it opens other applications for them',
    ),
    {
      at: options.idTokenAlgorithm !== undefined &&
        row.idTokenAlgorithms.length > 0 &&
        !row.idTokenAlgorithms.includes(options.idTokenAlgorithm) && ['options', 'idTokenAlgorithm'],
      message: `must be one of ${row.idTokenAlgorithms.join(', ')} for ${profile}`,
    },
    {
      at: options.signedRequestsOnly === true && !hasKeys(options) && ['options', 'signedRequestsOnly'],
      message: 'signed requests need public keys: give jwks or jwksUri',
    },
  ]
}

/** A profile's demand is no client's to waive. */
function demandRules({ profile, options }: Wanted): Rule[] {
  const row = profileRow(profile)
  return [
    {
      at: options.allowMissingPkce === true && row.pkce !== 'waivable' && ['options', 'allowMissingPkce'],
      message: `a client of the profile ${profile} always proves its codes (PKCE)`,
    },
    {
      at: options.pushedRequestsOnly === false &&
        row.pushedRequests === 'required' && ['options', 'pushedRequestsOnly'],
      message: `a client of the profile ${profile} always pushes its requests`,
    },
    {
      at: options.dpopRequired === false && row.dpop === 'required' && ['options', 'dpopRequired'],
      message: `tokens of a client of the profile ${profile} are always bound to a key (DPoP)`,
    },
  ]
}
