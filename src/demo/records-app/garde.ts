/** Signing in with Garde, through `openid-client`: code flow with PKCE, refresh, step-up, sign-out. */

import * as oidc from 'openid-client'
import type { Language } from '../../core/language.ts'
import type { PendingSignIn, Person, Tokens, Visit } from './visit.ts'

export interface GardeClient {
  issuer: string
  clientId: string
  clientSecret: string
  /** This app's own origin. */
  address: string
  scope: string
  /** The FHIR base, as the gateway serves it: RFC 8707's resource. */
  audience: string
}

export interface StepUp {
  acrValues?: string
  /** Seconds. */
  maxAge?: number
}

export interface Garde {
  /** Where to send the browser; what to remember of it goes into `visit.pending`. */
  begin(visit: Visit, language: Language, returnTo: string, stepUp?: StepUp): Promise<URL>
  /** Takes the answer that came back. Undefined when this browser asked for no such sign-in. */
  finish(visit: Visit, url: URL): Promise<{ returnTo: string } | undefined>
  /** A token that is good for some seconds more; undefined when there is none and none can be had. */
  token(visit: Visit): Promise<string | undefined>
  /** Where Garde ends its own session; undefined where it does not offer that. */
  end(visit: Visit): Promise<URL | undefined>
}

/** Refresh this long before the end, in milliseconds. */
const early = 15_000
const mostPending = 8

export function createGarde(client: GardeClient): Garde {
  let found: Promise<oidc.Configuration> | undefined
  const configuration = (): Promise<oidc.Configuration> =>
    (found ??= discover(client).catch((error: unknown) => {
      found = undefined
      throw error
    }))
  const redirectUri = `${client.address}/callback`
  return {
    begin: async (visit, language, returnTo, stepUp = {}) => {
      const pending: PendingSignIn = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
        returnTo,
        ...(stepUp.maxAge !== undefined && { maxAge: stepUp.maxAge }),
      }
      visit.pending = [...visit.pending.slice(1 - mostPending), pending]
      return oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: client.scope,
        resource: client.audience,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: 'S256',
        ui_locales: language,
        ...(stepUp.acrValues !== undefined && { acr_values: stepUp.acrValues }),
        ...(stepUp.maxAge !== undefined && { max_age: String(stepUp.maxAge) }),
        // Whoever is at the keyboard now, the page they come back to is this person's.
        ...(isStepUp(stepUp) && visit.tokens?.id !== undefined && { id_token_hint: visit.tokens.id }),
      })
    },
    finish: async (visit, url) => {
      const pending = visit.pending.find(({ state }) => state === url.searchParams.get('state'))
      if (!pending) return undefined
      visit.pending = visit.pending.filter((other) => other !== pending)
      const config = await configuration()
      const answer = await oidc.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
        ...(pending.maxAge !== undefined && { maxAge: pending.maxAge }),
      })
      visit.tokens = tokensOf(answer)
      visit.person = await personOf(config, answer)
      return { returnTo: pending.returnTo }
    },
    token: async (visit) => {
      if (!visit.tokens || visit.tokens.expiresAt - early > Date.now()) return visit.tokens?.access
      visit.refreshing ??= refreshed(configuration, visit.tokens).finally(() => delete visit.refreshing)
      const tokens = await visit.refreshing
      if (tokens) visit.tokens = tokens
      else delete visit.tokens
      return tokens?.access
    },
    end: async (visit) => {
      const config = await configuration()
      const { id } = visit.tokens ?? {}
      if (config.serverMetadata().end_session_endpoint === undefined || id === undefined) return undefined
      return oidc.buildEndSessionUrl(config, {
        id_token_hint: id,
        post_logout_redirect_uri: `${client.address}/`,
      })
    },
  }
}

const isStepUp = ({ acrValues, maxAge }: StepUp): boolean => acrValues !== undefined || maxAge !== undefined

/** The demonstration may run on plain HTTP of this machine; nothing else may. */
const discover = (client: GardeClient): Promise<oidc.Configuration> =>
  oidc.discovery(
    new URL(client.issuer),
    client.clientId,
    client.clientSecret,
    oidc.ClientSecretBasic(client.clientSecret),
    client.issuer.startsWith('http://localhost') ? { execute: [oidc.allowInsecureRequests] } : {},
  )

type TokenAnswer = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers

function tokensOf(answer: TokenAnswer, before?: Tokens): Tokens {
  const refresh = answer.refresh_token ?? before?.refresh
  const id = answer.id_token ?? before?.id
  return {
    access: answer.access_token,
    expiresAt: Date.now() + (answer.expiresIn() ?? 60) * 1000,
    ...(refresh !== undefined && { refresh }),
    ...(id !== undefined && { id }),
  }
}

/** Undefined when Garde says no: the session is over, or what it may do was taken back. */
async function refreshed(
  configuration: () => Promise<oidc.Configuration>,
  tokens: Tokens,
): Promise<Tokens | undefined> {
  if (tokens.refresh === undefined) return undefined
  try {
    return tokensOf(await oidc.refreshTokenGrant(await configuration(), tokens.refresh), tokens)
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError && error.status < 500) return undefined
    throw error
  }
}

async function personOf(config: oidc.Configuration, answer: TokenAnswer): Promise<Person> {
  const claims = answer.claims()
  if (!claims) throw new Error('Garde sent no ID token')
  const info = await oidc.fetchUserInfo(config, answer.access_token, claims.sub)
  return { subject: claims.sub, name: info.name ?? claims.sub }
}
