/** openid-client 6 (Node, Deno, Bun, Workers): a module with the four calls a program makes. */

import type { App, Target } from './recipe.ts'
import { quoted } from './quoting.ts'

export const openidClient: Target = {
  name: 'openid-client',
  title: 'openid-client',
  file: 'garde.js',
  can: {
    authentication: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    kinds: ['people', 'services'],
    dpop: true,
    pushed: true,
    resource: true,
    // It tells the token endpoint the address without its query.
    returnsTo: { pattern: /^[^?]*$/, form: 'https://…/callback' },
  },
  write: (app) =>
    [head(app), app.service ? ownToken(app) : `${signIn(app)}\n${comeBack(app)}\n${refresh(app)}`].join('\n'),
}

const head = (app: App): string => `// npm install openid-client@6
${app.authentication === 'private_key_jwt' ? "import { readFile } from 'node:fs/promises'\n" : ''}import * as client from 'openid-client'
${key(app)}
const config = await client.discovery(
  new URL(${quoted(app.server.issuer)}),
  ${quoted(app.client.id)},
  ${app.idTokenAlgorithm ? `{ id_token_signed_response_alg: ${quoted(app.idTokenAlgorithm)} }` : '{}'},
  ${authentications[app.authentication]},${
    app.server.issuer.startsWith('http:')
      ? '\n  // Without TLS only while trying out, on this machine.\n  { execute: [client.allowInsecureRequests] },'
      : ''
  }
)
${
  app.dpop
    ? '\n// Tokens are bound to this key: keep it as long as the refresh token.\nconst DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())\n'
    : ''
}`

const authentications = {
  none: 'client.None()',
  client_secret_basic: 'client.ClientSecretBasic(process.env.GARDE_CLIENT_SECRET)',
  client_secret_post: 'client.ClientSecretPost(process.env.GARDE_CLIENT_SECRET)',
  private_key_jwt: 'client.PrivateKeyJwt({ key, kid: jwk.kid })',
} as const

/** By the key's own type; where only its address is registered, the usual one. */
const imports: Readonly<Record<string, string>> = {
  'P-256': "{ name: 'ECDSA', namedCurve: 'P-256' }",
  'P-384': "{ name: 'ECDSA', namedCurve: 'P-384' }",
  Ed25519: "{ name: 'Ed25519' }",
}
const pss = "{ name: 'RSA-PSS', hash: 'SHA-256' }"

function key({ authentication, client: { options } }: App): string {
  if (authentication !== 'private_key_jwt') return ''
  const [first] = options.jwks?.keys ?? []
  const algorithm = first?.['kty'] === 'RSA' ? pss : (imports[String(first?.['crv'])] ?? imports['P-256'])
  return `
// The private half of a registered key, as a JWK; never in this file.
const jwk = JSON.parse(await readFile(process.env.GARDE_PRIVATE_KEY_FILE, 'utf8'))
const key = await crypto.subtle.importKey('jwk', jwk, ${algorithm}, false, ['sign'])
`
}

const bound = ({ dpop }: App): string => (dpop ? ', { DPoP }' : '')

const signIn = (
  app: App,
): string => `/** Where to send the browser; keep the rest in its session until it comes back. */
export async function signIn() {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  const address = ${app.pushed ? 'await client.buildAuthorizationUrlWithPAR' : 'client.buildAuthorizationUrl'}(config, {
    redirect_uri: ${quoted(app.redirectUri)},
    scope: ${quoted(app.scope)},
${app.resource && `    resource: ${quoted(app.resource)},\n`}    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  }${app.pushed ? bound(app) : ''})
  return { address, checks: { pkceCodeVerifier, expectedState, expectedNonce } }
}
`

const comeBack = (
  app: App,
): string => `/** \`address\`: the whole URL the browser came back to; \`checks\`: what signIn answered for this browser. */
export const comeBack = (address, checks) =>
  client.authorizationCodeGrant(config, new URL(address), ${
    asksIdToken(app) ? '{ ...checks, idTokenExpected: true }' : 'checks'
  }${app.dpop ? ', undefined, { DPoP }' : ''})
`

const asksIdToken = ({ scope }: App): boolean => scope.split(' ').includes('openid')

const refresh = (
  app: App,
): string => `/** A new access token (it lives 300 s); keep the refresh token that comes with it. */
export const refresh = (refreshToken) =>
  client.refreshTokenGrant(config, refreshToken, ${app.resource ? `{ resource: ${quoted(app.resource)} }` : '{}'}${bound(app)})
`

const ownToken = (app: App): string => `/** A token of the application itself, for nobody; it lives 300 s. */
export const token = () =>
  client.clientCredentialsGrant(config, { scope: ${quoted(app.scope)}, resource: ${quoted(app.resource)} }${bound(app)})
`
