/**
 * The way a browser takes from an application through Garde's sign-in and back, walked without one: cookies kept,
 * redirects followed by hand, the passkey from the desk. The same addresses, the same checks.
 */

import * as oidc from 'openid-client'
import type { Desk } from './authenticator-desk/desk.ts'
import type { Demo } from './start.ts'

type Client = Demo['client']

export interface SignedIn {
  config: oidc.Configuration
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers
}

/** Garde said no on the way; its own words. */
export class TurnedAway extends Error {
  override readonly name = 'TurnedAway'
}

/** A code flow with PKCE as `person`, fresh authentication always. Throws TurnedAway. */
export async function signInAs(client: Client, desk: Desk, person: string): Promise<SignedIn> {
  const config = await oidc.discovery(
    new URL(client.issuer),
    client.clientId,
    client.clientSecret,
    oidc.ClientSecretBasic(client.clientSecret),
    { execute: [oidc.allowInsecureRequests] },
  )
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: client.redirectUri,
    scope: client.scope,
    resource: client.audience,
    state,
    prompt: 'login',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const back = await walk(client, desk, person, start)
  try {
    const tokens = await oidc.authorizationCodeGrant(config, back, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      idTokenExpected: true,
    })
    return { config, tokens }
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError)
      throw new TurnedAway(error.error_description ?? error.error)
    throw error
  }
}

const longestWalk = 12

async function walk(client: Client, desk: Desk, person: string, start: URL): Promise<URL> {
  const jar = new Map<string, string>()
  let at = start
  for (let step = 0; step < longestWalk; step++) {
    if (at.href.startsWith(client.redirectUri)) return at
    if (at.pathname === '/signin') {
      at = await presentPasskey(jar, desk, person, at)
      continue
    }
    const answer = await ask(jar, at)
    const next = answer.headers.get('location')
    if (next === null) throw new TurnedAway(await wordsOf(answer))
    at = new URL(next, at)
  }
  throw new TurnedAway('the way back was not found')
}

async function presentPasskey(jar: Map<string, string>, desk: Desk, person: string, page: URL): Promise<URL> {
  const target = page.searchParams.get('continue') ?? '/account'
  const asked = await ask(jar, new URL('/signin/passkey/options', page), { continue: target })
  if (!asked.ok) throw new TurnedAway(await wordsOf(asked))
  const options = (await asked.json()) as Parameters<Desk['get']>[1]
  const answer = desk.get(person, options)
  const proven = await ask(jar, new URL('/signin/passkey', page), { continue: target, answer })
  if (!proven.ok) throw new TurnedAway(await wordsOf(proven))
  const { continue: next } = (await proven.json()) as { continue: string }
  return new URL(next, page)
}

async function ask(jar: Map<string, string>, url: URL, body?: object): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    method: body ? 'POST' : 'GET',
    headers: {
      Accept: 'application/json',
      Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      'Sec-Fetch-Site': 'same-origin',
      'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/152.0.0.0 Safari/537.36',
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    jar.set(name, value)
  }
  return response
}

async function wordsOf(answer: Response): Promise<string> {
  const said = (await answer.json().catch(() => undefined)) as
    { title?: string; error_description?: string } | undefined
  return said?.title ?? said?.error_description ?? `status ${answer.status}`
}
