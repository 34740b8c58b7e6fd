/** An OAuth client: a records app. Its profile is a row of one table and is checked when it is saved, not when it is used. */

import { z } from 'zod'
import { idPattern, looksMinted, type ClientId, type PracticeId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { faultsOf } from './faults.ts'
import {
  authenticationUnlessNamed,
  clientAuthentications,
  grantTypeNames,
  profileNames,
  profileRow,
  type ClientAuthentication,
  type GrantType,
  type Profile,
} from './profiles.ts'
import { algorithms, type KeyAlgorithm } from '../tokens/keys.ts'
import { hasKeys, keyAddressShape, keySetShape } from './key-set.ts'
import { canonicalScope, isScope } from './scope.ts'

export interface Client {
  id: ClientId
  name: string
  profile: Profile
  firstParty: boolean
  redirectUris: string[]
  postLogoutRedirectUris: string[]
  scopes: string[]
  /** Audiences it may ask tokens for. */
  resources: string[]
  secretHash?: string
  /** Of its profile's, those it may use. */
  authentication: ClientAuthentication[]
  grantTypes: GrantType[]
  /** The one practice on whose records it acts when it acts for nobody (`client_credentials`). */
  practice?: PracticeId
  options: ClientOptions
  createdAt: Seconds
  disabledAt?: Seconds
}

/** What few clients say of themselves; an absent one is the safer of two. Names after RFC 7591 where that has one. */
export interface ClientOptions {
  /** Public keys, by value or by address; never both. */
  jwks?: { keys: Record<string, unknown>[] }
  jwksUri?: string
  /** OpenID Connect Dynamic Client Registration §2, `id_token_signed_response_alg`. */
  idTokenAlgorithm?: KeyAlgorithm
  /** RFC 9449 §5.2, `dpop_bound_access_tokens`. */
  dpopRequired?: boolean
  /** RFC 9126 §6. */
  pushedRequestsOnly?: boolean
  /** RFC 9101 §10.5. */
  signedRequestsOnly?: boolean
  /** Dangerous, `web-confidential` only: without PKCE a stolen code is worth a login. Named at every start. */
  allowMissingPkce?: boolean
  /** OpenID Connect Back-Channel Logout §2.2. */
  backchannelLogoutUri?: string
  /** OpenID Connect Dynamic Client Registration §2. */
  defaultMaxAge?: Seconds
  /** Audiences whose tokens it may ask about (RFC 7662); its own tokens it always may. */
  introspects?: string[]
  /** Applications it may open on a patient, for the person at it (SMART App Launch 2.2, EHR launch). */
  launches?: ClientId[]
  /** Different patients it may open in 24 h when it acts for nobody; the caps' own figure for services where absent. */
  patientsPerDay?: number
  /** Clients on whose tokens it may act for the person (RFC 8693). */
  actsOnTokensOf?: ClientId[]
}

/** A string to JSON Schema, which knows no transform. */
const clientId = z.string().regex(idPattern('client'), 'must be the id of a client') as unknown as z.ZodType<
  ClientId,
  string
>

/** Its shape in `ClientInput`; whether the profile allows it is said below. */
export const clientOptionsShape = z.strictObject({
  jwks: keySetShape.optional(),
  jwksUri: keyAddressShape.optional(),
  pushedRequestsOnly: z.boolean().optional(),
  signedRequestsOnly: z
    .boolean('must be true or false: must it sign each of its authorization requests?')
    .optional(),
  idTokenAlgorithm: z
    .enum(algorithms.token, { error: `must be one of ${algorithms.token.join(', ')}` })
    .optional(),
  defaultMaxAge: z
    .int('must be a whole number of seconds')
    .min(0, 'must be 0 seconds or more')
    .max(43_200, 'must be 12 hours (43200 seconds) at most: no session is longer')
    .optional(),
  backchannelLogoutUri: z.string().optional(),
  introspects: z.array(z.url('must be the audience of a resource')).min(1).max(20).optional(),
  launches: z.array(clientId).min(1).max(20).optional(),
  patientsPerDay: z
    .int('must be a whole number of patients')
    .min(1, 'must be 1 or more')
    .max(100_000, 'must be 100,000 or fewer')
    .optional(),
  actsOnTokensOf: z.array(clientId).min(1, 'must name at least one client').max(20).optional(),
  allowMissingPkce: z
    .boolean(
      'must be true or false: may people sign in to it without PKCE? A stolen code is then worth a login',
    )
    .optional(),
  dpopRequired: z
    .boolean('must be true or false: are its tokens bound to a key (DPoP) without exception?')
    .optional(),
})

/** The ways it may prove itself: those it names, or what its keys and its profile give. */
export const authenticationOf = ({
  profile,
  authentication,
  options,
}: Pick<Client, 'profile' | 'authentication' | 'options'>): ClientAuthentication[] =>
  authentication.length > 0 ? authentication : authenticationUnlessNamed(profile, hasKeys(options))

/** Its messages are sentences for whoever registers a client. */
export const clientShape = z
  .strictObject({
    /** Chosen by the registrant (`records-app`), or minted. */
    id: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._~-]{1,79}$/,
        'must be 2 to 80 letters, digits, dots, dashes or underscores, and begin with a letter or digit',
      )
      .refine(
        (id) => !looksMinted(id),
        'must not begin as the ids of people and practices do (prt_, prc_, …)',
      )
      .optional(),
    name: z.string().trim().min(1, 'must say what people know the application by').max(80),
    profile: z.enum(profileNames, { error: `must be one of ${profileNames.join(', ')}` }),
    firstParty: z.boolean().default(false),
    redirectUris: z.array(z.string()).max(20).default([]),
    postLogoutRedirectUris: z.array(z.string()).max(20).default([]),
    scopes: z
      .array(
        z
          .string()
          .refine(
            isScope,
            'must be openid, profile, offline_access, fhirUser, launch, launch/patient, launch/encounter, a SMART scope such as user/Patient.rs, or a name such as notes.read',
          )
          .transform((scope) => canonicalScope(scope) ?? scope),
      )
      .min(1, 'must name at least one scope')
      .max(100),
    resources: z.array(z.url('must be the audience of a resource')).max(20).default([]),
    /** None: what its profile gives by itself. */
    grantTypes: z
      .array(z.enum(grantTypeNames, { error: `must be one of ${grantTypeNames.join(', ')}` }))
      .max(grantTypeNames.length)
      .default([]),
    practice: z
      .string()
      .regex(idPattern('practice'), 'must be the id of a practice (prc_…)')
      .transform((id) => id as PracticeId)
      .optional(),
    /** None: by its keys if it has any, by its secret if it has none. */
    authentication: z
      .array(z.enum(clientAuthentications, { error: `must be one of ${clientAuthentications.join(', ')}` }))
      .max(clientAuthentications.length)
      .default([]),
    /** Mints a new secret; the old one stops working. */
    renewSecret: z.boolean().default(false),
    options: clientOptionsShape.default({}),
  })
  .superRefine((input, context) => {
    for (const fault of faultsOf(input)) context.addIssue({ code: 'custom', ...fault })
  })

export type ClientInput = z.output<typeof clientShape>

/** Refuses `malformed_request`; `faults` are sentences that repeat nothing that was sent but addresses. */
export function parseClient(value: unknown): ClientInput {
  const result = clientShape.safeParse(value)
  if (result.success) return result.data
  throw new Refusal('malformed_request', {
    faults: result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  })
}

/** What its ID tokens are signed with: the first of its profile's unless it asked for another. */
export function idTokenAlgorithm({ profile, options }: Pick<Client, 'profile' | 'options'>): KeyAlgorithm {
  const { idTokenAlgorithms } = profileRow(profile)
  const asked = options.idTokenAlgorithm
  const alg = asked && idTokenAlgorithms.includes(asked) ? asked : idTokenAlgorithms[0]
  if (!alg) throw new Error(`${profile} has no algorithm for ID tokens`)
  return alg
}
