/** Garde and node-oidc-provider, each over real HTTP with the same client, the same person's consent and the same verbs. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { errors, Provider, type Configuration } from 'oidc-provider'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { audience, authorizeAddress, challenge, oauthHouse, type Changes } from '../support/oauth.ts'

export const clientId = 'oracle'
export const callback = 'https://app.example/callback'
export const bye = 'https://app.example/bye'
export const scopes = 'openid profile offline_access notes.read'
export { audience }

export const endpoints = [
  'authorization',
  'token',
  'introspection',
  'revocation',
  'userinfo',
  'end_session',
  'pushed_authorization_request',
  'device_authorization',
] as const
export type Endpoint = (typeof endpoints)[number]

export interface Side {
  issuer: string
  secret: string
  metadata: Record<string, unknown>
  /** Of its clock: Garde's stands still in tests. */
  now(): number
  /** The resource whose tokens open userinfo as well; without one where there is none such. */
  userinfoResource: string | undefined
  /** Path of an endpoint as discovery says. */
  at(endpoint: Endpoint): string
  /** Never follows. */
  ask(address: string, init?: RequestInit): Promise<Response>
  /** Query of an authorization request that would be granted, changed as said. */
  authorizeQuery(changes?: Changes): string
  /** By a person who signs in and agrees. */
  code(changes?: Changes): Promise<string>
  close(): Promise<void>
}

const base = {
  client_id: clientId,
  redirect_uri: callback,
  scope: scopes,
  response_type: 'code',
  resource: audience,
  code_challenge: challenge,
  code_challenge_method: 'S256',
  state: 'a state & more',
  // The other gives no `offline_access` without it.
  prompt: 'consent',
}

const queryOf = (changes: Changes = {}): string =>
  new URL(authorizeAddress({ ...base, ...changes }), 'http://x').search.slice(1)

async function sideOf(
  issuer: string,
  secret: string,
  more: Pick<Side, 'code' | 'close' | 'now' | 'userinfoResource'>,
): Promise<Side> {
  const ask: Side['ask'] = (address, init) => fetch(new URL(address, issuer), { redirect: 'manual', ...init })
  const metadata = (await (await ask('/.well-known/openid-configuration')).json()) as Record<string, unknown>
  return {
    issuer,
    secret,
    metadata,
    at: (endpoint) => new URL(String(metadata[`${endpoint}_endpoint`])).pathname,
    ask,
    authorizeQuery: queryOf,
    ...more,
  }
}

export async function garde(): Promise<Side> {
  const house = await oauthHouse()
  const client = {
    id: clientId,
    name: 'Oracle',
    profile: 'web-confidential',
    firstParty: true,
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    practice: house.practice.id,
    redirectUris: [callback],
    postLogoutRedirectUris: [bye],
    scopes: scopes.split(' '),
    resources: [audience],
  }
  const { secret = '' } = await saveClient(house.services, house.head(), parseClient(client))
  return sideOf(house.issuer, secret, {
    now: () => house.clock.now(),
    userinfoResource: audience,
    code: (changes) => house.code({ ...base, prompt: undefined, ...changes }),
    close: () => house.close(),
  })
}

export async function peer(): Promise<Side> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const secret = 'of-the-oracle-and-nobody-else-0123456789'
  const provider = new Provider(issuer, await peerConfiguration(secret))
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))
  return sideOf(issuer, secret, {
    now: () => Math.floor(Date.now() / 1000),
    userinfoResource: undefined,
    code: (changes) => peerCode(issuer, queryOf(changes)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** As strict as it can be told to be where Garde is strict, so that what still differs is worth a line. */
async function peerConfiguration(secret: string): Promise<Configuration> {
  const keys = await Promise.all(
    ['RS256', 'ES256'].map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true })
      return { ...(await exportJWK(privateKey)), use: 'sig', alg }
    }),
  )
  const on = { enabled: true }
  return {
    jwks: { keys },
    cookies: { keys: ['of the oracle'] },
    clients: [
      {
        client_id: clientId,
        client_secret: secret,
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
        redirect_uris: [callback],
        post_logout_redirect_uris: [bye],
        scope: scopes,
      },
    ],
    scopes: scopes.split(' '),
    claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name', 'locale'] },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: 'Anne Martin', given_name: 'Anne', family_name: 'Martin', locale: 'fr' }),
    }),
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    features: {
      clientCredentials: on,
      introspection: { ...on, allowedPolicy: () => true },
      jwtIntrospection: on,
      revocation: on,
      dPoP: on,
      deviceFlow: on,
      backchannelLogout: on,
      claimsParameter: on,
      pushedAuthorizationRequests: on,
      devInteractions: on,
      resourceIndicators: {
        ...on,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, indicator) => {
          if (indicator !== audience) throw new errors.InvalidTarget()
          return {
            scope: 'notes.read',
            audience,
            accessTokenTTL: 300,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }
        },
      },
    },
    rotateRefreshToken: true,
    pkce: { required: () => true },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      ClientCredentials: 300,
      DeviceCode: 900,
      Grant: 43_200,
      IdToken: 300,
      Interaction: 900,
      RefreshToken: 43_200,
      Session: 43_200,
    },
  }
}

/** Through its two development pages. */
async function peerCode(issuer: string, query: string): Promise<string> {
  const jar = new Map<string, string>()
  const go = async (address: string, form?: Record<string, string>): Promise<string> => {
    const answer = await fetch(new URL(address, issuer), {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
      ...(form && { body: new URLSearchParams(form) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    return answer.headers.get('location') ?? ''
  }
  const login = await go(`/auth?${query}`)
  const consent = await go(await go(login, { prompt: 'login', login: 'anne', password: 'x' }))
  const back = await go(await go(consent, { prompt: 'consent' }))
  return new URL(back).searchParams.get('code') ?? ''
}
