/** What the form says of a client, as the admin API would be sent it; what the form does not show stays as it is. */

import { z } from 'zod'
import { clientShape, type Client, type ClientInput, type ClientOptions } from '../../clients/client.ts'
import { authenticationUnlessNamed, grantTypesOf } from '../../clients/profiles.ts'

const text = z.string().max(20_000).default('')
const tick = z.literal('yes').optional()

export const sentShape = z.object({
  id: text,
  name: text,
  profile: text,
  practice: text,
  firstParty: tick,
  redirectUris: text,
  postLogoutRedirectUris: text,
  scopes: text,
  resources: text,
  dpopRequired: tick,
  pushedRequestsOnly: tick,
  idTokenAlgorithm: text,
  backchannelLogoutUri: text,
  defaultMaxAge: text,
  jwksUri: text,
})
export type Sent = z.output<typeof sentShape>

export type Faults = Partial<Record<string, string>>

/** By field of the form; sentences of the shape itself, in English as the admin API says them. */
export function readSent(sent: Sent, before?: Client): { input: ClientInput } | { faults: Faults } {
  const result = clientShape.safeParse(bodyOf(sent, before))
  if (result.success) return { input: result.data }
  const faults: Record<string, string> = {}
  for (const { path, message } of result.error.issues) {
    const field = String(path[0] === 'options' ? (path[1] ?? 'jwksUri') : path[0])
    faults[field] ??= message
  }
  return { faults }
}

const lines = (value: string): string[] => value.split(/[\r\n]+/).flatMap((line) => line.trim() || [])
const words = (value: string): string[] => [...new Set(value.split(/\s+/).filter(Boolean))]

const bodyOf = (sent: Sent, before: Client | undefined): Record<string, unknown> => ({
  ...(before
    ? { ...standing(before, sent), id: before.id }
    : sent.id.trim() !== '' && { id: sent.id.trim() }),
  name: sent.name,
  profile: sent.profile,
  ...(sent.practice === '' ? {} : { practice: sent.practice }),
  ...(!before && sent.practice !== '' && { grantTypes: ['client_credentials'] }),
  firstParty: sent.firstParty === 'yes',
  redirectUris: lines(sent.redirectUris),
  postLogoutRedirectUris: lines(sent.postLogoutRedirectUris),
  scopes: words(sent.scopes),
  resources: lines(sent.resources),
  options: optionsOf(sent, before?.options ?? {}),
})

/** What a client names is kept; what its profile gives by itself is left to the profile, also when that changes. */
function standing({ grantTypes, authentication, options, profile }: Client, sent: Sent) {
  const keyed = options.jwks !== undefined || options.jwksUri !== undefined
  const willBeKeyed = options.jwks !== undefined || sent.jwksUri.trim() !== ''
  const usual = authenticationUnlessNamed(profile, keyed)
  const named = keyed === willBeKeyed && !same(authentication, usual) ? authentication : []
  return {
    grantTypes: same(grantTypes, grantTypesOf(profile, [])) ? [] : grantTypes,
    authentication: named,
  }
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each) => other.includes(each))

function optionsOf(sent: Sent, before: ClientOptions): Record<string, unknown> {
  const filled = (value: string): string | undefined => value.trim() || undefined
  const shown = {
    dpopRequired: sent.dpopRequired && true,
    pushedRequestsOnly: sent.pushedRequestsOnly && true,
    idTokenAlgorithm: filled(sent.idTokenAlgorithm),
    backchannelLogoutUri: filled(sent.backchannelLogoutUri),
    defaultMaxAge: filled(sent.defaultMaxAge) && Number(sent.defaultMaxAge),
    jwksUri: filled(sent.jwksUri),
  }
  return Object.fromEntries(
    Object.entries({ ...before, ...shown }).filter(([, value]) => value !== undefined),
  )
}

/** A client as the form shows it. */
export const sentOf = (client: Client): Sent => ({
  id: client.id,
  name: client.name,
  profile: client.profile,
  practice: client.practice ?? '',
  firstParty: client.firstParty ? 'yes' : undefined,
  redirectUris: client.redirectUris.join('\n'),
  postLogoutRedirectUris: client.postLogoutRedirectUris.join('\n'),
  scopes: client.scopes.join(' '),
  resources: client.resources.join('\n'),
  dpopRequired: client.options.dpopRequired ? 'yes' : undefined,
  pushedRequestsOnly: client.options.pushedRequestsOnly ? 'yes' : undefined,
  idTokenAlgorithm: client.options.idTokenAlgorithm ?? '',
  backchannelLogoutUri: client.options.backchannelLogoutUri ?? '',
  defaultMaxAge: client.options.defaultMaxAge === undefined ? '' : String(client.options.defaultMaxAge),
  jwksUri: client.options.jwksUri ?? '',
})
