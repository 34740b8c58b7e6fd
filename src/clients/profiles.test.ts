/** protocols 1: the client profiles, each demand accepted or refused in a sentence. */

import { beforeAll, describe, expect, test } from 'vitest'
import { clientKey, type ClientKey } from '../../test/support/client-keys.ts'
import type { PracticeId } from '../core/ids.ts'
import { clientShape, parseClient } from './client.ts'
import { dangersOf } from './dangers.ts'
import { findClient, saveClient } from './store.ts'
import { widens } from './widening.ts'
import { testServices } from '../../test/support/services.ts'
import { createPractice } from '../people/practices.ts'
import type { ClientId } from '../core/ids.ts'
import type { EventHead } from '../audit/event.ts'

const keys: Record<string, ClientKey> = {}
beforeAll(async () => {
  for (const alg of ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS384']) keys[alg] = await clientKey(alg, alg)
})
const jwks = (...algs: string[]) => ({ keys: algs.map((alg) => keys[alg]?.jwk) })

const practice = `prc_${'A'.repeat(22)}` as PracticeId
const address = 'https://app.example/cb'
const bases = {
  'smart-public': () => ({ redirectUris: [address], scopes: ['openid'] }),
  'web-confidential': () => ({ redirectUris: [address], scopes: ['openid'] }),
  fapi2: () => ({ redirectUris: [address], scopes: ['openid'], options: { jwks: jwks('PS256') } }),
  backend: () => ({ practice, scopes: ['system/*.rs'], options: { jwks: jwks('ES384') } }),
}
type Name = keyof typeof bases

function faultsOf(profile: Name, changes: object): string[] {
  const result = clientShape.safeParse({ name: 'x', profile, ...bases[profile](), ...changes })
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const accepted: [Name, string, () => object][] = [
  ['smart-public', 'a private scheme', () => ({ redirectUris: ['com.example.app:/cb'] })],
  ['smart-public', 'loopback', () => ({ redirectUris: ['http://127.0.0.1/cb'] })],
  ['smart-public', 'bound tokens only', () => ({ options: { dpopRequired: true } })],
  ['web-confidential', 'a secret', () => ({ authentication: ['client_secret_basic', 'client_secret_post'] })],
  ['web-confidential', 'keys', () => ({ options: { jwks: jwks('ES256', 'EdDSA', 'PS256') } })],
  ['web-confidential', 'loopback', () => ({ redirectUris: ['http://localhost:4900/cb'] })],
  ['web-confidential', 'no PKCE, by name', () => ({ options: { allowMissingPkce: true } })],
  ['web-confidential', 'ID tokens by RS256', () => ({ options: { idTokenAlgorithm: 'RS256' } })],
  ['fapi2', 'its own keys', () => ({})],
  ['fapi2', 'keys at an address', () => ({ options: { jwksUri: 'https://app.example/jwks' } })],
  ['fapi2', 'ES256', () => ({ options: { jwks: jwks('ES256') } })],
  ['fapi2', 'EdDSA', () => ({ options: { jwks: jwks('EdDSA') } })],
  ['fapi2', 'signed requests only', () => ({ options: { jwks: jwks('PS256'), signedRequestsOnly: true } })],
  [
    'fapi2',
    'its demands repeated',
    () => ({ options: { jwks: jwks('PS256'), pushedRequestsOnly: true, dpopRequired: true } }),
  ],
  ['backend', 'ES384', () => ({})],
  ['backend', 'RS384', () => ({ options: { jwks: jwks('RS384') } })],
  ['backend', 'plain scopes', () => ({ scopes: ['notes.read'] })],
  ['backend', 'bound tokens only', () => ({ options: { jwks: jwks('ES384'), dpopRequired: true } })],
]

const people = 'is about people who sign in; a client of the profile backend acts for nobody'
const signIn = 'is only for a client that people sign in to (authorization_code)'
const withKeys = (alg: string, more: object) => () => ({ options: { jwks: jwks(alg), ...more } })

const refused: [Name, () => object, sentence: string][] = [
  [
    'smart-public',
    () => ({ authentication: ['client_secret_basic'] }),
    "authentication.0: must be one of its profile's: none",
  ],
  ['smart-public', withKeys('ES256', {}), 'options: a public client has no keys'],
  ['smart-public', () => ({ renewSecret: true }), 'renewSecret: a public client has no secret'],
  [
    'smart-public',
    () => ({ options: { allowMissingPkce: true } }),
    'options.allowMissingPkce: a client of the profile smart-public always proves its codes (PKCE)',
  ],
  [
    'smart-public',
    () => ({ redirectUris: ['http://app.example/cb'] }),
    'redirectUris.0: must use https, or http on loopback',
  ],
  [
    'web-confidential',
    () => ({ redirectUris: ['com.example.app:/cb'] }),
    'redirectUris.0: must use https: a private scheme is for applications on a device',
  ],
  [
    'web-confidential',
    () => ({ authentication: ['none'] }),
    "authentication.0: must be one of its profile's: client_secret_basic, client_secret_post, private_key_jwt",
  ],
  [
    'web-confidential',
    withKeys('ES384', {}),
    "options.jwks: must hold a key for one of its profile's algorithms: ES256, EdDSA, PS256",
  ],
  ['fapi2', () => ({ options: {} }), 'options.jwks: private_key_jwt needs public keys: give jwks or jwksUri'],
  [
    'fapi2',
    () => ({ authentication: ['client_secret_basic'] }),
    "authentication.0: must be one of its profile's: private_key_jwt",
  ],
  ['fapi2', () => ({ renewSecret: true }), 'renewSecret: a client of the profile fapi2 has no secret'],
  [
    'fapi2',
    () => ({ grantTypes: ['client_credentials'], practice }),
    'grantTypes.0: must be a grant type of its profile: authorization_code, refresh_token',
  ],
  ['fapi2', () => ({ redirectUris: ['http://127.0.0.1/cb'] }), 'redirectUris.0: must use https'],
  ['fapi2', () => ({ redirectUris: ['com.example.app:/cb'] }), 'redirectUris.0: must use https'],
  [
    'fapi2',
    () => ({ postLogoutRedirectUris: ['http://localhost/bye'] }),
    'postLogoutRedirectUris.0: must use https',
  ],
  [
    'fapi2',
    withKeys('ES384', {}),
    "options.jwks: must hold a key for one of its profile's algorithms: PS256, ES256, EdDSA",
  ],
  [
    'fapi2',
    withKeys('PS256', { allowMissingPkce: true }),
    'options.allowMissingPkce: a client of the profile fapi2 always proves its codes (PKCE)',
  ],
  [
    'fapi2',
    withKeys('PS256', { pushedRequestsOnly: false }),
    'options.pushedRequestsOnly: a client of the profile fapi2 always pushes its requests',
  ],
  [
    'fapi2',
    withKeys('PS256', { dpopRequired: false }),
    'options.dpopRequired: tokens of a client of the profile fapi2 are always bound to a key (DPoP)',
  ],
  [
    'fapi2',
    withKeys('PS256', { idTokenAlgorithm: 'RS256' }),
    'options.idTokenAlgorithm: must be one of ES256, EdDSA for fapi2',
  ],
  [
    'backend',
    () => ({ options: {} }),
    'options.jwks: private_key_jwt needs public keys: give jwks or jwksUri',
  ],
  [
    'backend',
    () => ({ authentication: ['client_secret_post'] }),
    "authentication.0: must be one of its profile's: private_key_jwt",
  ],
  [
    'backend',
    () => ({ grantTypes: ['authorization_code'] }),
    'grantTypes.0: must be a grant type of its profile: client_credentials',
  ],
  [
    'backend',
    () => ({ grantTypes: ['client_credentials', 'refresh_token'] }),
    'grantTypes.1: must be a grant type of its profile: client_credentials',
  ],
  [
    'backend',
    () => ({ redirectUris: [address] }),
    'redirectUris.0: is only for a client that people sign in to',
  ],
  [
    'backend',
    () => ({ practice: undefined }),
    'practice: must name the practice whose records it reaches when it acts for nobody (client_credentials)',
  ],
  [
    'backend',
    () => ({ scopes: ['system/*.rs', 'openid'] }),
    'scopes.1: is a scope of people; a client of the profile backend acts for nobody',
  ],
  [
    'backend',
    () => ({ scopes: ['system/*.rs', 'user/*.rs'] }),
    'scopes.1: is a scope of people; a client of the profile backend acts for nobody',
  ],
  ['backend', withKeys('ES384', { idTokenAlgorithm: 'ES256' }), `options.idTokenAlgorithm: ${people}`],
  ['backend', withKeys('ES384', { defaultMaxAge: 60 }), `options.defaultMaxAge: ${people}`],
  [
    'backend',
    withKeys('ES384', { backchannelLogoutUri: 'https://app.example/out' }),
    `options.backchannelLogoutUri: ${people}`,
  ],
  ['backend', withKeys('ES384', { pushedRequestsOnly: true }), `options.pushedRequestsOnly: ${signIn}`],
  ['backend', withKeys('ES384', { signedRequestsOnly: true }), `options.signedRequestsOnly: ${signIn}`],
  ['backend', withKeys('ES384', { allowMissingPkce: true }), `options.allowMissingPkce: ${signIn}`],
]

describe('protocols 1: the profile table, when a client is saved', () => {
  test.each(accepted)('%s may have %s', (profile, _what, changes) => {
    expect(faultsOf(profile, changes())).toEqual([])
  })

  test.each(refused)('%s is refused: %#', (profile, changes, sentence) => {
    expect(faultsOf(profile, changes())).toContain(sentence)
  })
})

test('protocols 1: whoever may do without PKCE is named at every start, unless disabled, and it widens', async () => {
  const services = await testServices()
  const head: EventHead = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } }
  await createPractice(services, { name: 'C', recordsName: 'c', secretSignIn: true }, head)
  const base = { id: 'old-app', name: 'x', profile: 'web-confidential', ...bases['web-confidential']() }
  const lax = parseClient({ ...base, options: { allowMissingPkce: true } })
  const { client: strict } = await saveClient(services, head, parseClient(base))
  expect([widens(undefined, lax), widens(strict, lax), dangersOf([strict])]).toEqual([true, true, []])
  await saveClient(services, head, lax)
  const client = await findClient(services.db, 'old-app' as ClientId)
  if (!client) throw new Error('not saved')
  expect(dangersOf([client])).toEqual([
    'DANGEROUS: old-app may have people sign in without PKCE: a code stolen on its way is worth a login (allowMissingPkce).',
  ])
  expect(dangersOf([{ ...client, disabledAt: 1 }])).toEqual([])
  await services.close()
})
