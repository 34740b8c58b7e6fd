/**
 * A client as it describes itself: RFC 7591 §2 and OpenID Connect Dynamic Client Registration §2, turned into what an
 * operator would have written, and back. What the standards name and we do not do is refused where ignoring it would make
 * the client believe something untrue; everything else unknown is ignored (§2).
 */

import { z } from 'zod'
import type { Client } from './client.ts'
import { profileRow, type ClientAuthentication, type Profile } from './profiles.ts'
import { coversScope, scopeNames } from './scope.ts'

/** What whoever gave the initial access token allows. */
export interface RegistrationBounds {
  profiles: readonly Profile[]
  scopes: readonly string[]
  resources: readonly string[]
}

/** Those with a name of their own in the standards, ours first. */
const options = {
  jwks: 'jwks',
  jwksUri: 'jwks_uri',
  idTokenAlgorithm: 'id_token_signed_response_alg',
  dpopRequired: 'dpop_bound_access_tokens',
  pushedRequestsOnly: 'require_pushed_authorization_requests',
  signedRequestsOnly: 'require_signed_request_object',
  defaultMaxAge: 'default_max_age',
  backchannelLogoutUri: 'backchannel_logout_uri',
} as const

/** `path` of a fault in our names → the member that was sent. */
const members: Readonly<Record<string, string>> = {
  name: 'client_name',
  redirectUris: 'redirect_uris',
  postLogoutRedirectUris: 'post_logout_redirect_uris',
  scopes: 'scope',
  grantTypes: 'grant_types',
  authentication: 'token_endpoint_auth_method',
  ...Object.fromEntries(Object.entries(options).map(([ours, theirs]) => [`options.${ours}`, theirs])),
}

/** A sentence about `redirectUris.0` as one about `redirect_uris.0`. */
export const inTheirNames = (fault: string): string => {
  const ours = Object.keys(members).find(
    (name) => fault.startsWith(`${name}.`) || fault.startsWith(`${name}:`),
  )
  return ours === undefined ? fault : `${members[ours]}${fault.slice(ours.length)}`
}

/** Without a person there is nobody to consent, and what acts without one is an operator's to give. */
const openGrantTypes = ['authorization_code', 'refresh_token']

const absent = (message: string) => z.undefined(message).optional()
const shape = z.object({
  redirect_uris: z.array(z.string()).max(20).default([]),
  post_logout_redirect_uris: z.array(z.string()).max(20).default([]),
  client_name: z
    .string()
    .regex(/^[^\p{C}]*$/u, 'must not contain characters that nobody sees')
    .optional(),
  token_endpoint_auth_method: z.string().optional(),
  grant_types: z
    .array(z.enum(openGrantTypes, { error: `must be one of ${openGrantTypes.join(', ')}` }))
    .max(openGrantTypes.length)
    .default(['authorization_code']),
  response_types: z.array(z.literal('code', 'must be code')).max(1).default(['code']),
  scope: z.string().max(4000).optional(),
  subject_type: z.literal('public', 'must be public').default('public'),
  id_token_encrypted_response_alg: absent('is not supported'),
  userinfo_signed_response_alg: absent('is not supported'),
  userinfo_encrypted_response_alg: absent('is not supported'),
  request_object_encryption_alg: absent('is not supported'),
  tls_client_certificate_bound_access_tokens: z.literal(false, 'is not supported').optional(),
})
type Metadata = z.output<typeof shape>

/** What `parseClient` is then asked about; or what is wrong with it, in sentences about the members that were sent. */
export type Described = { input: Record<string, unknown> } | { faults: string[] }

export function describedByItself(
  sent: Record<string, unknown>,
  bounds: RegistrationBounds,
  standing: Pick<Client, 'id' | 'authentication' | 'scopes'> | undefined,
): Described {
  const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null))
  // What a column cannot hold: NUL, and halves of characters.
  if (/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(given)))
    return { faults: ['holds characters that are none'] }
  const read = shape.safeParse(given)
  if (!read.success)
    return { faults: read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) }
  const metadata: Metadata = read.data
  const method = metadata.token_endpoint_auth_method ?? standing?.authentication[0] ?? 'client_secret_basic'
  const profile = bounds.profiles.find((each) =>
    (profileRow(each).authentication as readonly string[]).includes(method),
  )
  const scopes =
    metadata.scope === undefined ? [...(standing?.scopes ?? bounds.scopes)] : scopeNames(metadata.scope)
  const faults = [
    ...(profile === undefined
      ? [`token_endpoint_auth_method: must be one of ${methodsOf(bounds).join(', ')}`]
      : []),
    ...scopes
      .filter((scope) => !coversScope(bounds.scopes, scope))
      .map(() => `scope: must be within ${bounds.scopes.join(' ')}`),
    ...faultsOfAddresses(given, metadata.redirect_uris),
  ]
  if (faults.length > 0) return { faults: [...new Set(faults)] }
  return {
    input: {
      ...(standing && { id: standing.id }),
      name: metadata.client_name ?? nameFrom(metadata.redirect_uris),
      profile,
      redirectUris: metadata.redirect_uris,
      postLogoutRedirectUris: metadata.post_logout_redirect_uris,
      scopes,
      resources: [...bounds.resources],
      grantTypes: metadata.grant_types,
      authentication: [method],
      options: Object.fromEntries(
        Object.entries(options).flatMap(([ours, theirs]) =>
          given[theirs] === undefined ? [] : [[ours, given[theirs]]],
        ),
      ),
    },
  }
}

const methodsOf = ({ profiles }: RegistrationBounds): ClientAuthentication[] => [
  ...new Set(profiles.flatMap((profile) => profileRow(profile).authentication)),
]

/** §2: where there is no name a person must see something all the same, and where it returns to is true at least. */
const nameFrom = ([first = '']: string[]): string => (URL.canParse(first) ? new URL(first).host : '')

/**
 * What we would call stands where the client itself stands: nobody registers somebody else's server to be called by us, or
 * somebody else's keys as theirs.
 */
function faultsOfAddresses(given: Record<string, unknown>, redirectUris: readonly string[]): string[] {
  const hosts = redirectUris.map(hostOf)
  return [options.jwksUri, options.backchannelLogoutUri].flatMap((member) => {
    const address = given[member]
    return typeof address !== 'string' || hosts.includes(hostOf(address))
      ? []
      : [`${member}: must be on the host of one of redirect_uris`]
  })
}

const hostOf = (address: string): string | undefined =>
  URL.canParse(address) ? new URL(address).hostname : undefined

/** §3.2.1: everything registered about it, without its secret. */
export const metadataOf = (client: Client): Record<string, unknown> => ({
  client_id: client.id,
  client_id_issued_at: client.createdAt,
  client_name: client.name,
  redirect_uris: client.redirectUris,
  post_logout_redirect_uris: client.postLogoutRedirectUris,
  grant_types: client.grantTypes,
  response_types: ['code'],
  scope: client.scopes.join(' '),
  subject_type: 'public',
  token_endpoint_auth_method: client.authentication[0],
  ...Object.fromEntries(
    Object.entries(options).flatMap(([ours, theirs]) => {
      const value = client.options[ours as keyof typeof options]
      return value === undefined ? [] : [[theirs, value]]
    }),
  ),
})
