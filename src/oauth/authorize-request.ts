/** An authorization request, checked: RFC 6749 §4.1.1, OpenID Connect Core §3.1.2, RFC 7636, RFC 8707, RFC 9700. */

import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { isRegistered } from '../clients/redirect-uri.ts'
import { isPatientScope, isSystemScope, launchScopes, narrowScopes, scopeNames } from '../clients/scope.ts'
import { parseId } from '../core/ids.ts'
import { languageAmong, type Language } from '../core/language.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Services } from '../services.ts'
import {
  codeChallengeMethods,
  isOneOf,
  prompts,
  responseModes,
  responseTypes,
  type Prompt,
  type Return,
} from './accepted.ts'
import { wishOf, type AcrWish } from './acr-wish.ts'
import { mayReach, usualAudience, type AudienceNeeds } from './audience.ts'
import { readClaims, type AskedClaims } from './claims-parameter.ts'
import { requireField, type Fields } from './fields.ts'

export interface AuthorizeRequest {
  client: Client
  redirectUri: string
  /** The return address is one that was registered to the letter, not one on whatever port a program of the device took. */
  literalReturn: boolean
  scopes: string[]
  /** The audience of the tokens. */
  resource: string
  /** Empty where the client may do without, and did. */
  codeChallenge: string
  prompts: Prompt[]
  maxAge?: Seconds
  acr?: AcrWish
  /** Claims by name, as far as the client may have them. */
  claims?: AskedClaims['named']
  /** The answer must be about this person. */
  subject?: string
  /** Not verified yet: `id-token-hint.ts`. */
  idTokenHint?: string
  loginHint?: string
  language?: Language
  /** RFC 9449 §10: the thumbprint of the key that the code will be redeemed with. */
  jkt?: string
  nonce?: string
  /** SMART App Launch 2.2: what the records application opened this one with, or that the person chooses a patient. */
  launch?: { by: 'token'; token: string } | { by: 'choice' }
}

/** Refuses `malformed_id`, `client_unknown`. */
export async function requireClient(services: Pick<Services, 'findClient'>, fields: Fields): Promise<Client> {
  const client = await services.findClient(parseId('client', fields['client_id']))
  if (!client) throw new Refusal('client_unknown')
  return client
}

/** Until this has answered, nothing may be sent to where the request says. Refuses `redirect_uri_mismatch`. */
export function proveReturn(client: Client, fields: Fields): Return {
  const redirectUri = fields['redirect_uri'] ?? ''
  if (!isRegistered(redirectUri, client.redirectUris, profileRow(client.profile).anyLoopbackPort))
    throw new Refusal('redirect_uri_mismatch', { client: client.id })
  const state = fields['state']
  return { redirectUri, ...(state !== undefined && { state }) }
}

/** Everything else the request says. Each check names its own reason. */
export function checkRequest(
  services: AudienceNeeds,
  client: Client,
  redirectUri: string,
  fields: Fields,
): AuthorizeRequest {
  if (!client.grantTypes.includes('authorization_code'))
    throw new Refusal('grant_type_not_allowed', { client: client.id })
  refuseRequestObjects(fields)
  checkResponse(fields)
  const resource = readResource(services, client, fields)
  const scopes = readScopes(client, fields)
  const launch = readLaunch(services, resource, scopes, fields)
  return {
    client,
    redirectUri,
    literalReturn: client.redirectUris.includes(redirectUri),
    // Which encounter, only a launch says.
    scopes: launch?.by === 'token' ? scopes : scopes.filter((scope) => scope !== 'launch/encounter'),
    resource,
    codeChallenge: readChallenge(client, fields),
    prompts: readPrompts(fields),
    ...defined({ maxAge: readMaxAge(client, fields) }),
    ...readWishes(client, fields),
    ...defined({ nonce: fields['nonce'], jkt: readThumbprint(fields), launch }),
  }
}

/** RFC 9101: of a client without keys, or at an address of its own, not supported, and said so rather than passed over. */
function refuseRequestObjects(fields: Fields): void {
  if (fields['request'] !== undefined) throw new Refusal('request_object_unsupported')
  if (fields['request_uri'] !== undefined) throw new Refusal('request_uri_unsupported')
}

function checkResponse(fields: Fields): void {
  if (!isOneOf(responseTypes, requireField(fields, 'response_type')))
    throw new Refusal('unsupported_response_type')
  if (!isOneOf(responseModes, fields['response_mode'] ?? 'query'))
    throw new Refusal('malformed_request', { fault: 'response_mode' })
}

/** As much of each as the client is registered for. */
export function readScopes(client: Client, fields: Fields): string[] {
  const { granted, refused } = narrowScopes(scopeNames(fields['scope'] ?? ''), client.scopes)
  if (granted.length === 0 || refused.length > 0 || granted.some(isSystemScope))
    throw new Refusal('scope_not_allowed', { client: client.id })
  return granted
}

/** RFC 8707 §2; SMART calls it `aud`. One audience a token. A client of one resource, or none, need not name it. */
export function readResource(services: AudienceNeeds, client: Client, fields: Fields): string {
  const asked = fields['resource'] ?? fields['aud'] ?? usualAudience(services, client)
  const differ = fields['aud'] !== undefined && fields['aud'] !== asked
  if (asked === undefined || differ || !mayReach(services, client, asked))
    throw new Refusal('resource_unknown', { client: client.id })
  return asked
}

/**
 * SMART App Launch 2.2: `launch` comes with its scope or not at all, and the FHIR base is named (`aud`), so that an
 * application led to a false one says so here. A `patient/` scope needs a patient.
 */
function readLaunch(
  { resources }: Pick<Services, 'resources'>,
  resource: string,
  scopes: readonly string[],
  fields: Fields,
): AuthorizeRequest['launch'] {
  const token = fields['launch']
  if ((token !== undefined) !== scopes.includes('launch'))
    throw new Refusal('malformed_request', { fault: 'launch' })
  const launches = launchScopes.some((scope) => scopes.includes(scope))
  const ofPatient = scopes.some(isPatientScope)
  if (!launches && !ofPatient) return undefined
  if (fields['resource'] === undefined && fields['aud'] === undefined)
    throw new Refusal('resource_unknown', { missing: 'aud' })
  if (resources.findByAudience(resource)?.kind !== 'fhir')
    throw new Refusal('scope_not_allowed', { fault: 'not a FHIR API' })
  if (token !== undefined) return { by: 'token', token }
  if (scopes.includes('launch/patient')) return { by: 'choice' }
  if (ofPatient) throw new Refusal('scope_not_allowed', { fault: 'no patient in context' })
  return undefined
}

/** RFC 7636 §4.2: SHA-256 in base64url is 43 characters. */
function readChallenge(client: Client, fields: Fields): string {
  const challenge = fields['code_challenge'] ?? ''
  if (fields['code_challenge'] === undefined && mayOmitPkce(client)) return ''
  if (
    !/^[A-Za-z0-9_-]{43}$/.test(challenge) ||
    !isOneOf(codeChallengeMethods, fields['code_challenge_method'] ?? 'plain')
  )
    throw new Refusal('pkce_required')
  return challenge
}

/** Its profile waives it, and it was registered so by name. */
export const mayOmitPkce = ({ profile, options }: Client): boolean =>
  profileRow(profile).pkce === 'waivable' && options.allowMissingPkce === true

function readThumbprint(fields: Fields): string | undefined {
  const jkt = fields['dpop_jkt']
  if (jkt !== undefined && !/^[\w-]{43}$/.test(jkt))
    throw new Refusal('malformed_request', { fault: 'dpop_jkt' })
  return jkt
}

function readPrompts(fields: Fields): Prompt[] {
  const names = (fields['prompt'] ?? '').split(' ').filter(Boolean)
  const known = names.filter((name) => isOneOf(prompts, name))
  if (known.length < names.length || (known.includes('none') && names.length > 1))
    throw new Refusal('malformed_request', { fault: 'prompt' })
  return known
}

/** OpenID Connect Dynamic Client Registration §2: the client's own default, where the request names none. */
function readMaxAge(client: Client, fields: Fields): Seconds | undefined {
  const value = fields['max_age']
  if (!value) return client.options.defaultMaxAge
  if (!/^\d{1,9}$/.test(value)) throw new Refusal('malformed_request', { fault: 'max_age' })
  return Number(value)
}

/** Who is to sign in, how strongly, and what is to be said of them. An essential `acr` counts before `acr_values`. */
function readWishes(client: Client, fields: Fields): Partial<AuthorizeRequest> {
  const { named, acr, subject } = readClaims(client, fields)
  return defined({
    acr: acr ?? wishOf((fields['acr_values'] ?? '').split(' '), false),
    claims: named,
    subject,
    idTokenHint: fields['id_token_hint'],
    loginHint: fields['login_hint'],
    language: languageAmong(fields['ui_locales'] ?? ''),
  })
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const defined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
