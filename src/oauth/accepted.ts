/**
 * What this server accepts. The endpoints run on these tables and discovery is written from them, so that nothing is
 * announced that is not accepted and nothing accepted that is not announced.
 */

import type { Env } from '../web.ts'
import type { Client } from '../clients/client.ts'

export const paths = {
  authorize: '/oauth/authorize',
  resume: '/oauth/resume',
  pushed: '/oauth/par',
  token: '/oauth/token',
  deviceAuthorization: '/oauth/device-authorization',
  register: '/oauth/register',
  /** What a person types: short, and nothing of OAuth in it. */
  device: '/device',
  userinfo: '/oauth/userinfo',
  introspect: '/oauth/introspect',
  revoke: '/oauth/revoke',
  jwks: '/oauth/jwks',
  logout: '/oauth/logout',
  logoutConfirmed: '/oauth/logout/confirmed',
  launch: '/oauth/launch',
} as const

export const responseTypes = ['code'] as const
export const responseModes = ['query'] as const
/** RFC 7636 §4.2; `plain` proves nothing to whoever reads the request. */
export const codeChallengeMethods = ['S256'] as const
/** OpenID Connect Core §3.1.2.1. */
export const prompts = ['none', 'login', 'consent', 'select_account'] as const
export type Prompt = (typeof prompts)[number]
/** §3.1.2.1: one set of pages that fits a tab, a small window and a finger, so that nothing is read from the parameter. */
export const displays = ['page', 'popup', 'touch'] as const

/** Parameters of an authorization request that mean something here; the others are ignored and not kept. */
export const requestParameters = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'aud',
  'prompt',
  'max_age',
  'acr_values',
  'claims',
  'id_token_hint',
  'login_hint',
  'ui_locales',
  'dpop_jkt',
  'launch',
] as const

export const isOneOf = <T extends string>(table: readonly T[], value: string): value is T =>
  (table as readonly string[]).includes(value)

/** RFC 9068 and protocols: at most 300 s. */
export const accessTokenSeconds = 300
/** RFC 6749 §4.1.2 asks for 10 minutes at most; a redirect takes seconds. */
export const codeSeconds = 60
/** RFC 9126 §2.2, FAPI 2.0 §5.3.2.2-11: under 600; the redirect that follows takes seconds. */
export const pushedRequestSeconds = 60
/** RFC 8628 §3.2: time to fetch a telephone and sign in there; guesses have no longer. */
export const deviceSeconds = 600
/** RFC 8628 §3.2, §3.5: between two questions of a device, and what is added when it asks too soon. */
export const firstIntervalSeconds = 5
export const slowerBySeconds = 5
/** From a click in one application to the authorization request of the next, with a sign-in between them. */
export const launchSeconds = 300
/** How long a person may take to sign in, enrol a key, or choose; the queue of a bad morning is within it. */
export const interactionSeconds = 3600
/** All its parameters together: sealed, they travel in an address, which servers cut at 8,000 characters. */
export const interactionBytes = 5000

/** A proven return address, and what the client wants back with the answer. */
export interface Return {
  redirectUri: string
  state?: string
}

/** The environment of these routes. `answerTo`: where errors go, once the return address is proven. */
export interface OauthEnv {
  Bindings: Env['Bindings']
  Variables: Env['Variables'] & { answerTo?: Return; client?: Client }
}
