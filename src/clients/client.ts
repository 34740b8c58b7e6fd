/** An OAuth client: a records app. Its profile is a row of one table and is checked when it is saved, not when it is used. */

import { z } from 'zod'
import type { ClientId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { faultOfRedirectUri } from './redirect-uri.ts'
import { isScope } from './scope.ts'

export type ClientAuthentication = 'none' | 'client_secret_basic' | 'client_secret_post'

interface ProfileRow {
  /** OpenID Connect Core §9. */
  authentication: readonly ClientAuthentication[]
  kind: 'public' | 'confidential'
  /** RFC 8252 §7.3. */
  anyLoopbackPort: boolean
}

/** protocols.md §1. PKCE with S256 is required of all. */
export const profiles = {
  'smart-public': { authentication: ['none'], kind: 'public', anyLoopbackPort: true },
  'web-confidential': {
    authentication: ['client_secret_basic', 'client_secret_post'],
    kind: 'confidential',
    anyLoopbackPort: false,
  },
} as const satisfies Record<string, ProfileRow>

export type Profile = keyof typeof profiles
export const profileRow = (profile: Profile): ProfileRow => profiles[profile]

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
  createdAt: Seconds
  disabledAt?: Seconds
}

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
      .optional(),
    name: z.string().trim().min(1, 'must say what people know the application by').max(80),
    profile: z.enum(Object.keys(profiles) as [Profile, ...Profile[]], {
      error: `must be one of ${Object.keys(profiles).join(', ')}`,
    }),
    firstParty: z.boolean().default(false),
    redirectUris: z.array(z.string()).min(1, 'must name at least one return address').max(20),
    postLogoutRedirectUris: z.array(z.string()).max(20).default([]),
    scopes: z
      .array(
        z
          .string()
          .refine(
            isScope,
            'must be openid, profile, offline_access, fhirUser, a SMART scope such as user/Patient.rs, or a name such as notes.read',
          ),
      )
      .min(1, 'must name at least one scope')
      .max(100),
    resources: z.array(z.url('must be the audience of a resource')).max(20).default([]),
    /** Mints a new secret; the old one stops working. */
    renewSecret: z.boolean().default(false),
  })
  .superRefine((input, context) => {
    for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const) {
      input[field].forEach((uri, index) => {
        const fault = faultOfRedirectUri(uri, profileRow(input.profile).kind)
        if (fault) context.addIssue({ code: 'custom', path: [field, index], message: fault })
      })
    }
    if (input.renewSecret && profileRow(input.profile).kind === 'public')
      context.addIssue({ code: 'custom', path: ['renewSecret'], message: 'a public client has no secret' })
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
