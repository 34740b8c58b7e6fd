/** What is asked of each of the servers, in its own words. The two speak the same standards, so little differs. */

import { createHash, randomBytes } from 'node:crypto'
import {
  createAuthenticator,
  type Authenticator,
  type StoredCredential,
} from '../../../src/demo/authenticator.ts'
import { nextAddress, nextPath, unexpected, Visitor } from './visitor.ts'
import { requestOf, type Answer, type Wire } from './wire.ts'

/** Who can sign in; each is one at a time at most. */
export const people = 32
export const clientId = 'bench'
export const redirectUri = 'https://app.example/callback'
export const audience = 'https://records.example/api'
export const scope = 'openid records.read'

export interface Tokens {
  access_token: string
  refresh_token: string
}

export interface Subject {
  port: number
  clientCredentials: string
  /** For a token that it can be asked about. */
  introspectable: string
  refresh(token: string): string
  introspection(token: string): string
  /** From a browser without cookies to tokens; `user`: which of its people. */
  flow(wire: Wire, user: number): Promise<Tokens>
}

interface Addresses {
  authorize: string
  token: string
  introspect: string
}

export interface GardeTold {
  secret: string
  issuer: string
  /** One passkey for each person. */
  credentials: StoredCredential[]
}

export interface PeerTold {
  secret: string
}

export function garde({
  port,
  told: { secret, issuer, credentials },
}: {
  port: number
  told: GardeTold
}): Subject {
  const at = { authorize: '/oauth/authorize', token: '/oauth/token', introspect: '/oauth/introspect' }
  const authenticators = credentials.map((credential) =>
    createAuthenticator({ origin: issuer, credentials: [credential] }),
  )
  return {
    port,
    ...requests(at, secret, {}),
    flow: async (wire, user) => {
      const person = authenticators[user % authenticators.length]
      if (!person) throw new Error('nobody was enrolled')
      const pkce = mintPkce()
      const visitor = new Visitor(wire, { 'X-Forwarded-For': someAddress(), 'Sec-Fetch-Site': 'same-origin' })
      const begun = await visitor.get(authorizePath(at, pkce, `${scope} offline_access`))
      const answered = await visitor.get(await signedIn(visitor, person, nextPath(begun)))
      return redeem(wire, at, secret, pkce, answered)
    },
  }
}

/** The page, the ceremony, and where its module goes then. */
async function signedIn(visitor: Visitor, person: Authenticator, page: string): Promise<string> {
  await visitor.get(page)
  const target = new URL(page, 'http://localhost').searchParams.get('continue')
  const options = await visitor.json<Parameters<Authenticator['get']>[0]>('/signin/passkey/options', {})
  const answer = person.get(options)
  return (await visitor.json<{ continue: string }>('/signin/passkey', { answer, continue: target })).continue
}

export function peer({ port, told: { secret } }: { port: number; told: PeerTold }): Subject {
  const at = { authorize: '/auth', token: '/token', introspect: '/token/introspection' }
  return {
    port,
    ...requests(at, secret, { resource: audience }),
    flow: async (wire, user) => {
      const pkce = mintPkce()
      const visitor = new Visitor(wire, {})
      const asked = nextPath(await visitor.get(authorizePath(at, pkce, scope)))
      const consent = nextPath(
        await visitor.get(
          await submitted(visitor, asked, { prompt: 'login', login: `user-${user}`, password: 'x' }),
        ),
      )
      const answered = await visitor.get(await submitted(visitor, consent, { prompt: 'consent' }))
      return redeem(wire, at, secret, pkce, answered)
    },
  }
}

/** A development interaction: its page, its form, and where that leads. */
async function submitted(visitor: Visitor, page: string, form: Record<string, string>): Promise<string> {
  await visitor.get(page)
  return nextPath(await visitor.form(page, form))
}

/** `resource`: what makes the other's token a JWT; of those it says nothing (it keeps no JWT), of the opaque ones it does. */
function requests(
  at: Addresses,
  secret: string,
  resource: Record<string, string>,
): Omit<Subject, 'port' | 'flow'> {
  const headers = { Authorization: basic(secret) }
  const post = (path: string, form: Record<string, string>) => requestOf(path, { form, headers })
  const service = { grant_type: 'client_credentials', scope: 'records.read' }
  return {
    clientCredentials: post(at.token, { ...service, ...resource }),
    introspectable: post(at.token, service),
    refresh: (refresh_token) => post(at.token, { grant_type: 'refresh_token', refresh_token }),
    introspection: (token) => post(at.introspect, { token }),
  }
}

const basic = (secret: string): string => `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`

interface Pkce {
  verifier: string
  challenge: string
}

function mintPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

const authorizePath = (at: Addresses, { challenge }: Pkce, asked: string): string =>
  `${at.authorize}?${new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: asked,
    resource: audience,
    state: 'bench',
    nonce: 'bench',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString()}`

async function redeem(
  wire: Wire,
  at: Addresses,
  secret: string,
  pkce: Pkce,
  answered: Answer,
): Promise<Tokens> {
  const code = new URL(nextAddress(answered)).searchParams.get('code')
  if (code === null) throw unexpected('a code', answered)
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: pkce.verifier,
  }
  return tokensIn(await wire.ask(requestOf(at.token, { form, headers: { Authorization: basic(secret) } })))
}

export function tokensIn(answer: Answer): Tokens {
  if (answer.status !== 200) throw unexpected('tokens', answer)
  return JSON.parse(answer.body) as Tokens
}

/** Of one network in 65,536, as strangers come: no network is slowed for the others' haste. */
const someAddress = (): string => `10.${[...randomBytes(2)].join('.')}.1`
