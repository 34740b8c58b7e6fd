/** What both are asked, one row each: the same words to the same endpoint. */

import type { webcrypto } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { verifier, type Changes } from '../support/oauth.ts'
import { seenIn, seenInToken, written, type Seen } from './seen.ts'
import { audience, bye, callback, clientId, endpoints, type Endpoint, type Side } from './sides.ts'

type Row = (side: Side) => Promise<Seen>

interface TokenBody {
  access_token: string
  refresh_token: string
  id_token: string
}

const basic = ({ secret }: Side, wrong = ''): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${secret}${wrong}`).toString('base64')}`,
})

const present = (fields: Changes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  )

const post = (
  side: Side,
  endpoint: Endpoint,
  fields: Changes,
  headers: Record<string, string> = basic(side),
) => side.ask(side.at(endpoint), { method: 'POST', headers, body: new URLSearchParams(present(fields)) })

const posted =
  (endpoint: Endpoint, fields: Changes, headers?: (side: Side) => Record<string, string>): Row =>
  async (side) =>
    seenIn(await post(side, endpoint, fields, headers?.(side)), side.issuer)

/** As a browser does: what is refused here is a page for a person. */
const open = (side: Side, address: string) => side.ask(address, { headers: { accept: 'text/html' } })

const authorized =
  (changes: Changes, more = ''): Row =>
  async (side) =>
    seenIn(
      await open(side, `${side.at('authorization')}?${side.authorizeQuery(changes)}${more}`),
      side.issuer,
    )

const codeForm = (code: string, changes: Changes = {}): Changes => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: callback,
  code_verifier: verifier,
  ...changes,
})

/** A code redeemed with some changes. */
const redeemed =
  (changes: Changes): Row =>
  async (side) =>
    seenIn(await post(side, 'token', codeForm(await side.code(), changes)), side.issuer)

const tokensOf = async (side: Side): Promise<TokenBody> =>
  (await (await post(side, 'token', codeForm(await side.code()))).json()) as TokenBody

/** What an endpoint says with tokens just given. */
const withTokens =
  (use: (side: Side, tokens: TokenBody) => Promise<Response>): Row =>
  async (side) =>
    seenIn(await use(side, await tokensOf(side)), side.issuer)

const serviceToken = async (side: Side, fields: Changes = {}): Promise<string> => {
  const answer = await post(side, 'token', {
    grant_type: 'client_credentials',
    scope: 'notes.read',
    ...fields,
  })
  return ((await answer.json()) as TokenBody).access_token
}

const userinfo = (side: Side, init: RequestInit) => side.ask(side.at('userinfo'), init)
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** A proof of possession (RFC 9449 §4.2). */
async function proof(
  side: Side,
  key: webcrypto.CryptoKey,
  jwk: JWK,
  claims: Record<string, unknown> = {},
): Promise<string> {
  const { crv, kty, x, y } = jwk
  return new SignJWT({
    htm: 'POST',
    htu: `${side.issuer}${side.at('token')}`,
    jti: crypto.randomUUID(),
    iat: side.now(),
    ...claims,
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { crv, kty, x, y } })
    .sign(key)
}

/** A service token with a proof, the last of several times; where a nonce is asked for, with that (RFC 9449 §8). */
async function tokenProven(
  side: Side,
  key: webcrypto.CryptoKeyPair,
  claims: Record<string, unknown>,
  times = 1,
): Promise<Response> {
  const form = { grant_type: 'client_credentials', scope: 'notes.read', resource: audience }
  const jwk = await exportJWK(key.publicKey)
  const send = (dpop: string) => post(side, 'token', form, { ...basic(side), dpop })
  const nonce = (await send('x')).headers.get('dpop-nonce')
  const sent = await proof(side, key.privateKey, jwk, { ...claims, ...(nonce !== null && { nonce }) })
  for (let time = 1; time < times; time++) await send(sent)
  return send(sent)
}

const mintKey = () => generateKeyPair('ES256', { extractable: true }) as Promise<webcrypto.CryptoKeyPair>

const proven =
  (claims: Record<string, unknown>, times = 1): Row =>
  async (side) =>
    seenIn(await tokenProven(side, await mintKey(), claims, times), side.issuer)

export const asked: Record<string, Row> = {
  // discovery and keys
  discovery: async (side) => {
    const { metadata, issuer } = side
    const known = new Set(endpoints.map((endpoint) => `${endpoint}_endpoint`))
    const seen = Object.entries(metadata).map(([name, value]) => [
      name,
      known.has(name) || name === 'jwks_uri' ? 'an address' : written(value).replaceAll(issuer, '<issuer>'),
    ])
    return Object.fromEntries(seen) as Seen
  },
  'discovery, as an answer': async (side) => {
    const {
      status,
      'content-type': type,
      'cache-control': cache,
      'access-control-allow-origin': cors,
    } = await seenIn(
      await side.ask('/.well-known/openid-configuration', { headers: { origin: 'https://page.example' } }),
      side.issuer,
    )
    return {
      status: status ?? '',
      'content-type': type ?? '',
      ...(cache && { 'cache-control': cache }),
      cors: cors ?? '',
    }
  },
  'a key': async (side) => {
    const { keys } = (await (await side.ask(String(side.metadata['jwks_uri']))).json()) as { keys: JWK[] }
    const kinds = keys.map((key) => `${key.alg} ${Object.keys(key).toSorted().join(' ')}`)
    return Object.fromEntries(kinds.toSorted().map((kind) => [kind, 'published']))
  },

  // authorization endpoint
  'authorize: nobody signed in': authorized({ prompt: undefined }),
  'authorize: nobody signed in, prompt=none': authorized({ prompt: 'none' }),
  'authorize: an unknown client': authorized({ client_id: 'nobody' }),
  'authorize: no client': authorized({ client_id: undefined }),
  'authorize: another return address': authorized({ redirect_uri: 'https://thief.example/cb' }),
  'authorize: a return address with more': authorized({ redirect_uri: `${callback}/more` }),
  'authorize: no return address': authorized({ redirect_uri: undefined }),
  'authorize: no response type': authorized({ response_type: undefined }),
  'authorize: an implicit response': authorized({ response_type: 'token' }),
  'authorize: no challenge': authorized({ code_challenge: undefined, code_challenge_method: undefined }),
  'authorize: a plain challenge': authorized({ code_challenge_method: 'plain' }),
  'authorize: a short challenge': authorized({ code_challenge: 'short' }),
  'authorize: a parameter twice': authorized({}, '&nonce=a&nonce=b'),
  'authorize: the return address twice': authorized({}, `&redirect_uri=${encodeURIComponent(callback)}`),
  'authorize: an unknown scope': authorized({ scope: 'openid nothing.known' }),
  'authorize: an unknown prompt': authorized({ prompt: 'sometimes' }),
  'authorize: prompt=none with login': authorized({ prompt: 'none login' }),
  'authorize: a max_age that is no number': authorized({ max_age: 'old' }),
  'authorize: claims that are no JSON': authorized({ claims: '{' }),
  'authorize: another resource': authorized({ resource: 'https://other.example/' }),
  'authorize: a resource with a fragment': authorized({ resource: `${audience}#x` }),
  'authorize: an unknown response mode': authorized({ response_mode: 'pigeon' }),
  'authorize: a pushed request nobody pushed': authorized({
    request_uri: 'urn:ietf:params:oauth:request_uri:none',
  }),
  'authorize: a hint that is no token': authorized({ id_token_hint: 'x' }),

  // token endpoint: the client
  'token: nobody': posted('token', { grant_type: 'client_credentials' }, () => ({})),
  'token: a wrong secret in the header': posted('token', { grant_type: 'client_credentials' }, (side) =>
    basic(side, 'x'),
  ),
  'token: a wrong secret in the form': posted(
    'token',
    { grant_type: 'client_credentials', client_id: clientId, client_secret: 'x' },
    () => ({}),
  ),
  'token: an unknown client': posted(
    'token',
    { grant_type: 'client_credentials', client_id: 'nobody', client_secret: 'x' },
    () => ({}),
  ),
  'token: two authentications': posted('token', {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: 'x',
  }),
  'token: no grant type': posted('token', {}),
  'token: an unknown grant type': posted('token', { grant_type: 'password', username: 'a', password: 'b' }),
  'token: GET': async (side) => {
    const { status = '' } = await seenIn(
      await side.ask(`${side.at('token')}?grant_type=client_credentials`),
      side.issuer,
    )
    return { status }
  },
  'token: JSON': async (side) =>
    seenIn(
      await side.ask(side.at('token'), {
        method: 'POST',
        headers: { ...basic(side), 'content-type': 'application/json' },
        body: '{"grant_type":"client_credentials"}',
      }),
      side.issuer,
    ),
  'token: a parameter twice': async (side) =>
    seenIn(
      await side.ask(side.at('token'), {
        method: 'POST',
        headers: { ...basic(side), 'content-type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=client_credentials&scope=notes.read&scope=notes.read',
      }),
      side.issuer,
    ),

  // codes
  'code: redeemed': redeemed({}),
  'code: its access token': async (side) => seenInToken((await tokensOf(side)).access_token, side.issuer),
  'code: its ID token': async (side) => seenInToken((await tokensOf(side)).id_token, side.issuer),
  'code: unknown': posted('token', codeForm('nothing')),
  'code: none': posted('token', codeForm('', { code: undefined })),
  'code: another verifier': redeemed({ code_verifier: 'x'.repeat(43) }),
  'code: no verifier': redeemed({ code_verifier: undefined }),
  'code: another return address': redeemed({ redirect_uri: `${callback}2` }),
  'code: no return address': redeemed({ redirect_uri: undefined }),
  'code: a second time': async (side) => {
    const code = await side.code()
    await post(side, 'token', codeForm(code))
    return seenIn(await post(side, 'token', codeForm(code)), side.issuer)
  },
  'code: a second time ends what the first gave': async (side) => {
    const code = await side.code()
    const first = (await (await post(side, 'token', codeForm(code))).json()) as TokenBody
    await post(side, 'token', codeForm(code))
    const { refresh_token } = first
    return seenIn(await post(side, 'token', { grant_type: 'refresh_token', refresh_token }), side.issuer)
  },

  // refresh tokens
  'refresh: once': withTokens((side, { refresh_token }) =>
    post(side, 'token', { grant_type: 'refresh_token', refresh_token }),
  ),
  'refresh: fewer scopes': withTokens((side, { refresh_token }) =>
    post(side, 'token', { grant_type: 'refresh_token', refresh_token, scope: 'openid notes.read' }),
  ),
  'refresh: more scopes': withTokens((side, { refresh_token }) =>
    post(side, 'token', { grant_type: 'refresh_token', refresh_token, scope: `notes.read notes.write` }),
  ),
  'refresh: unknown': posted('token', { grant_type: 'refresh_token', refresh_token: 'nothing' }),
  'refresh: none': posted('token', { grant_type: 'refresh_token' }),
  'refresh: a second time': withTokens(async (side, { refresh_token }) => {
    await post(side, 'token', { grant_type: 'refresh_token', refresh_token })
    return post(side, 'token', { grant_type: 'refresh_token', refresh_token })
  }),
  'refresh: a second time ends the family': withTokens(async (side, { refresh_token }) => {
    const form = { grant_type: 'refresh_token', refresh_token }
    const next = (await (await post(side, 'token', form)).json()) as TokenBody
    await post(side, 'token', form)
    return post(side, 'token', { ...form, refresh_token: next.refresh_token })
  }),

  // services
  'service: a token': posted('token', {
    grant_type: 'client_credentials',
    scope: 'notes.read',
    resource: audience,
  }),
  'service: what it says': async (side) =>
    seenInToken(await serviceToken(side, { resource: audience }), side.issuer),
  'service: an unknown scope': posted('token', {
    grant_type: 'client_credentials',
    scope: 'notes.write',
    resource: audience,
  }),
  'service: another resource': posted('token', { grant_type: 'client_credentials', resource: 'no-address' }),

  // introspection and revocation
  'introspect: a service’s token': async (side) =>
    seenIn(await post(side, 'introspection', { token: await serviceToken(side) }), side.issuer),
  'introspect: a refresh token': withTokens((side, { refresh_token }) =>
    post(side, 'introspection', { token: refresh_token }),
  ),
  'introspect: nothing known': posted('introspection', { token: 'nothing' }),
  'introspect: no token': posted('introspection', {}),
  'introspect: nobody asks': posted('introspection', { token: 'nothing' }, () => ({})),
  'introspect: a wrong secret': posted('introspection', { token: 'nothing' }, (side) => basic(side, 'x')),
  'introspect: a refresh token given back': withTokens(async (side, { refresh_token }) => {
    await post(side, 'revocation', { token: refresh_token })
    return post(side, 'introspection', { token: refresh_token })
  }),
  'revoke: a refresh token': withTokens((side, { refresh_token }) =>
    post(side, 'revocation', { token: refresh_token }),
  ),
  'revoke: it is worth nothing then': withTokens(async (side, { refresh_token }) => {
    await post(side, 'revocation', { token: refresh_token })
    return post(side, 'token', { grant_type: 'refresh_token', refresh_token })
  }),
  'revoke: nothing known': posted('revocation', { token: 'nothing' }),
  'revoke: no token': posted('revocation', {}),
  'revoke: nobody asks': posted('revocation', { token: 'nothing' }, () => ({})),

  // userinfo
  'userinfo: GET': async (side) => {
    const code = await side.code({ resource: side.userinfoResource })
    const { access_token } = (await (await post(side, 'token', codeForm(code))).json()) as TokenBody
    return seenIn(await userinfo(side, { headers: bearer(access_token) }), side.issuer)
  },
  'userinfo: no token': async (side) => seenIn(await userinfo(side, {}), side.issuer),
  'userinfo: nothing known': async (side) =>
    seenIn(await userinfo(side, { headers: bearer('nothing') }), side.issuer),
  'userinfo: a token in the address': async (side) =>
    seenIn(await side.ask(`${side.at('userinfo')}?access_token=nothing`), side.issuer),

  // end session
  'end session: nobody is signed in': async (side) =>
    seenIn(await open(side, side.at('end_session')), side.issuer),
  'end session: a registered address with a hint': withTokens((side, { id_token }) =>
    open(
      side,
      `${side.at('end_session')}?${new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: bye, state: 's' }).toString()}`,
    ),
  ),
  'end session: another address': withTokens((side, { id_token }) =>
    open(
      side,
      `${side.at('end_session')}?${new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: 'https://thief.example/' }).toString()}`,
    ),
  ),
  'end session: a hint that is no token': async (side) =>
    seenIn(await open(side, `${side.at('end_session')}?id_token_hint=x`), side.issuer),

  // pushed requests
  'par: pushed': async (side) =>
    seenIn(
      await post(
        side,
        'pushed_authorization_request',
        Object.fromEntries(new URLSearchParams(side.authorizeQuery())),
      ),
      side.issuer,
    ),
  'par: another return address': async (side) =>
    seenIn(
      await post(
        side,
        'pushed_authorization_request',
        Object.fromEntries(
          new URLSearchParams(side.authorizeQuery({ redirect_uri: 'https://thief.example/' })),
        ),
      ),
      side.issuer,
    ),
  'par: a request address inside': async (side) =>
    seenIn(
      await post(
        side,
        'pushed_authorization_request',
        Object.fromEntries(
          new URLSearchParams(side.authorizeQuery({ request_uri: 'urn:ietf:params:oauth:request_uri:x' })),
        ),
      ),
      side.issuer,
    ),
  'par: nobody': async (side) =>
    seenIn(
      await post(
        side,
        'pushed_authorization_request',
        Object.fromEntries(new URLSearchParams(side.authorizeQuery())),
        {},
      ),
      side.issuer,
    ),

  // proof of possession
  'dpop: a bound token': proven({}),
  'dpop: the proof a second time': proven({}, 2),
  'dpop: for another method': proven({ htm: 'GET' }),
  'dpop: for another address': proven({ htu: 'https://other.example/token' }),
  'dpop: an old proof': proven({ iat: 1_000_000_000 }),
  'dpop: a proof that is none': posted('token', { grant_type: 'client_credentials' }, (side) => ({
    ...basic(side),
    dpop: 'x',
  })),
  'dpop: the key is in the token': async (side) => {
    const key = await mintKey()
    const { access_token } = (await (await tokenProven(side, key, {})).json()) as TokenBody
    const { 'claim.cnf': cnf = 'none' } = seenInToken(access_token, side.issuer)
    const jkt = await calculateJwkThumbprint(await exportJWK(key.publicKey))
    return { bound: String(cnf === JSON.stringify({ jkt })) }
  },
}
