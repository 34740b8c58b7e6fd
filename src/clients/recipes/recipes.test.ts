/** Every configuration, run or read by what it is for. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { audience, oauthHouse, type OauthHouse } from '../../../test/support/oauth.ts'
import {
  folder,
  parseApache,
  parseProperties,
  parseToml,
  run,
  type Folder,
} from '../../../test/support/recipes.ts'
import { paths } from '../../oauth/accepted.ts'
import { parseClient, type Client } from '../client.ts'
import { saveClient } from '../store.ts'
import { whyWords, type Server } from './recipe.ts'
import { offers } from './targets.ts'

let house: OauthHouse
let server: Server
const open: Folder[] = []
beforeAll(async () => {
  house = await oauthHouse()
  server = { issuer: house.issuer, endpoints: paths, resources: house.services.resources.all() }
})
// Clients in processes of their own compare with the clock of this machine.
beforeEach(() => house.clock.advance(Math.max(0, Math.floor(Date.now() / 1000) - house.clock.now())))
afterEach(() => open.splice(0).forEach((each) => each.remove()))
afterAll(() => house.close())

/** A path and a query that every syntax here would like to read as something else. */
const hostile = `http://127.0.0.1/it's/$(touch-pwned)/cb?a=$(touch pwned)&b=\`touch pwned\`&c=\\&d=%24;|#`
  .replace(' ', '%20')
  .replace(' ', '%20')
  .replace('#', '!')

const tokens = { access_token: expect.any(String), token_type: expect.stringMatching(/bearer/i) }

async function register(id: string, more: Record<string, unknown> = {}) {
  return saveClient(
    house.services,
    house.head(),
    parseClient({
      id,
      name: '$(touch pwned)\n\'"</script>',
      profile: 'web-confidential',
      firstParty: true,
      redirectUris: ['https://app.example/cb'],
      scopes: ['openid', 'offline_access', 'user/*.cruds'],
      resources: [audience],
      ...more,
    }),
  )
}

function textFor(name: string, client: Client): string {
  const found = offers(client, server).find((each) => each.name === name)
  if (!found) throw new Error(`nobody writes for ${name}`)
  if ('why' in found) throw new Error(whyWords(found, 'en'))
  return found.text
}

const whyNot = (name: string, client: Client): string | undefined => {
  const found = offers(client, server).find((each) => each.name === name)
  return found && 'why' in found ? found.why : undefined
}

/** What a signed-in person's browser comes back to. */
async function comesBack(address: string): Promise<string> {
  const browser = house.browser()
  await browser.signIn()
  const { left, page } = await browser.follow(address)
  if (left) return left.href
  const id = /name="id" value="([\w-]+)"/.exec(page ?? '')?.[1] ?? ''
  const agreed = await browser.follow('/oauth/resume', { form: { id, consent: 'given' } })
  return agreed.left?.href ?? `stayed: ${page}`
}

const driver = `import * as garde from './garde.js'
import { createInterface } from 'node:readline/promises'
const { address, checks } = await garde.signIn()
console.log(address.href)
const back = await createInterface({ input: process.stdin }).question('')
const tokens = await garde.comeBack(back, checks)
console.log(JSON.stringify(tokens))
if (tokens.refresh_token) console.log(JSON.stringify(await garde.refresh(tokens.refresh_token)))
`

describe('openid-client', () => {
  const cases = {
    'with a secret': { id: 'oc-secret' },
    'public, its tokens bound to a key, at a hostile address': {
      id: 'oc-public',
      profile: 'smart-public',
      redirectUris: [hostile, hostile.slice(0, hostile.indexOf('?'))],
      options: { dpopRequired: true },
    },
    'pushing its requests': {
      id: 'oc-pushed',
      options: { pushedRequestsOnly: true, idTokenAlgorithm: 'ES256' },
    },
  }
  test.each(Object.entries(cases))('signs in and refreshes, %s', async (_, { id, ...more }) => {
    const { client, secret = '' } = await register(id, more)
    const place = folder()
    open.push(place)
    place.write('garde.js', textFor('openid-client', client))
    place.write('driver.js', driver)
    const program = run(place, [process.execPath, 'driver.js'], { GARDE_CLIENT_SECRET: secret })
    program.say(`${await comesBack(await program.line())}\n`)
    expect(JSON.parse(await program.line())).toMatchObject({
      scope: 'openid offline_access user/*.cruds',
      refresh_token: expect.any(String),
      id_token: expect.any(String),
    })
    expect(JSON.parse(await program.line())).toMatchObject({ access_token: expect.any(String) })
    expect(await program.ended).toBe(0)
    expect(existsSync(join(place.path, 'pwned'))).toBe(false)
  })

  test('signs in as strictly as can be: pushed, bound to a key, proven by one', async () => {
    const { jwk, privateJwk } = await keyPair()
    const { client } = await register('oc-fapi2', {
      profile: 'fapi2',
      scopes: ['openid', 'offline_access', 'user/*.cruds'],
      options: { jwks: { keys: [jwk] } },
    })
    const place = folder()
    open.push(place)
    place.write('garde.js', textFor('openid-client', client))
    place.write('key.json', JSON.stringify(privateJwk))
    place.write('driver.js', driver)
    const program = run(place, [process.execPath, 'driver.js'], { GARDE_PRIVATE_KEY_FILE: 'key.json' })
    program.say(`${await comesBack(await program.line())}\n`)
    expect(JSON.parse(await program.line())).toMatchObject({
      token_type: 'dpop',
      id_token: expect.any(String),
    })
    expect(JSON.parse(await program.line())).toMatchObject({ token_type: 'dpop' })
  })

  test('gets a token of its own with a private key', async () => {
    const { jwk, privateJwk } = await keyPair()
    const { client } = await register('oc-service', {
      profile: 'backend',
      firstParty: false,
      redirectUris: [],
      practice: house.practice.id,
      scopes: ['system/Patient.rs'],
      options: { jwks: { keys: [jwk] } },
    })
    const place = folder()
    open.push(place)
    place.write('garde.js', textFor('openid-client', client))
    place.write('key.json', JSON.stringify(privateJwk))
    place.write(
      'driver.js',
      `import { token } from './garde.js'\nconsole.log(JSON.stringify(await token()))\n`,
    )
    const program = run(place, [process.execPath, 'driver.js'], { GARDE_PRIVATE_KEY_FILE: 'key.json' })
    expect(JSON.parse(await program.line())).toMatchObject({ ...tokens, scope: 'system/Patient.rs' })
  })
})

async function keyPair() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const halves = [pair.publicKey, pair.privateKey].map(async (half) => ({
    ...(await crypto.subtle.exportKey('jwk', half)),
    kid: 'k1',
  }))
  const [jwk, privateJwk] = await Promise.all(halves)
  return { jwk, privateJwk }
}

describe('curl', () => {
  const cases = {
    'with a secret': { id: 'curl-secret' },
    'with a secret in the form': { id: 'curl-post', authentication: ['client_secret_post'] },
    'pushing its requests': { id: 'curl-pushed', options: { pushedRequestsOnly: true } },
    'public, at a hostile address': {
      id: 'curl-public',
      profile: 'smart-public',
      redirectUris: [hostile],
    },
  }
  test.each(Object.entries(cases))('signs somebody in, %s', async (_, { id, ...more }) => {
    const { client, secret = '' } = await register(id, more)
    const place = folder()
    open.push(place)
    place.write('garde.sh', textFor('curl', client))
    const script = run(place, ['sh', 'garde.sh'], { GARDE_CLIENT_SECRET: secret })
    const address = await said(script, /^(http\S+)$/m)
    script.say(`${await comesBack(address)}\n`)
    expect(await script.ended, script.complaints()).toBe(0)
    expect(JSON.parse(await script.line())).toMatchObject(tokens)
    expect(existsSync(join(place.path, 'pwned'))).toBe(false)
  })

  test('gets a token of its own', async () => {
    const { client, secret = '' } = await register('curl-service', {
      redirectUris: [],
      grantTypes: ['client_credentials'],
      practice: house.practice.id,
      scopes: ['system/Patient.rs'],
    })
    const place = folder()
    open.push(place)
    place.write('garde.sh', textFor('curl', client))
    const script = run(place, ['sh', 'garde.sh'], { GARDE_CLIENT_SECRET: secret })
    expect(JSON.parse(await script.line())).toMatchObject({ ...tokens, scope: 'system/Patient.rs' })
  })

  test('does not begin without the secret, and says where it goes', async () => {
    const { client } = await register('curl-secretless')
    const place = folder()
    open.push(place)
    place.write('garde.sh', textFor('curl', client))
    const script = run(place, ['sh', 'garde.sh'])
    expect(await script.ended).not.toBe(0)
    expect(script.complaints()).toContain('put the client secret there')
  })
})

/** Waits for what it writes to standard error, which comes in pieces. */
async function said(script: ReturnType<typeof run>, pattern: RegExp): Promise<string> {
  for (;;) {
    const [found] = pattern.exec(script.complaints()) ?? []
    if (found !== undefined) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('read as their programs read them', () => {
  test('Auth.js: the provider, evaluated', async () => {
    const redirectUri = `https://app.example/it's/$\{x}/api/auth/callback/garde`.replace(
      '${x}',
      '$(touch-pwned)',
    )
    const { client } = await register('authjs', { redirectUris: [redirectUri] })
    const place = folder({
      stub: 'export default (config) => (console.log(JSON.stringify(config)), { handlers: 1, auth: 1, signIn: 1, signOut: 1 })',
    })
    open.push(place)
    place.write('package.json', JSON.stringify({ type: 'module', imports: { '#next-auth': './stub.js' } }))
    place.write('auth.ts', textFor('auth-js', client).replace("'next-auth'", "'#next-auth'"))
    const program = run(place, [process.execPath, 'auth.ts'], { AUTH_GARDE_SECRET: 's3cret' })
    expect(JSON.parse(await program.line())).toEqual({
      providers: [
        {
          id: 'garde',
          name: 'Garde',
          type: 'oidc',
          issuer: house.issuer,
          clientId: 'authjs',
          clientSecret: 's3cret',
          client: {
            token_endpoint_auth_method: 'client_secret_basic',
            id_token_signed_response_alg: 'RS256',
          },
          checks: ['pkce', 'state', 'nonce'],
          authorization: { params: { scope: 'openid offline_access user/*.cruds', resource: audience } },
        },
      ],
    })
  })

  test('Spring Security: the properties', async () => {
    const { client } = await register('spring', {
      redirectUris: [
        `https://app.example/it's\\u0041/é/login/oauth2/code/garde`.replace('\\', '/').replace('é', '%C3%A9'),
      ],
    })
    const its = parseProperties(textFor('spring-security', client))
    const registration = 'spring.security.oauth2.client.registration.garde'
    expect(its).toEqual({
      [`${registration}.client-id`]: 'spring',
      [`${registration}.client-secret`]: '${GARDE_CLIENT_SECRET}',
      [`${registration}.client-authentication-method`]: 'client_secret_basic',
      [`${registration}.authorization-grant-type`]: 'authorization_code',
      [`${registration}.redirect-uri`]: client.redirectUris[0],
      [`${registration}.scope`]: 'openid,offline_access,user/*.cruds',
      'spring.security.oauth2.client.provider.garde.issuer-uri': house.issuer,
      'spring.security.oauth2.client.provider.garde.authorization-uri': `${house.issuer}/oauth/authorize?resource=https%3A%2F%2Frecords.example%2Ffhir`,
      'spring.security.oauth2.client.provider.garde.user-name-attribute': 'sub',
    })
  })

  test('oauth2-proxy: the file', async () => {
    const { client } = await register('proxy', {
      redirectUris: [`https://app.example/it's/oauth2/callback`],
    })
    expect(parseToml(textFor('oauth2-proxy', client))).toMatchObject({
      provider: 'oidc',
      oidc_issuer_url: house.issuer,
      client_id: 'proxy',
      redirect_url: `https://app.example/it's/oauth2/callback`,
      scope: 'openid offline_access user/*.cruds',
      code_challenge_method: 'S256',
      oidc_email_claim: 'sub',
    })
  })

  test('mod_auth_openidc: the directives', async () => {
    const redirectUri = 'https://app.example/cb?a=\\&b=$(touch)&c=`x`'
    const { client } = await register('apache', {
      redirectUris: [redirectUri],
      options: { pushedRequestsOnly: true },
    })
    expect(parseApache(textFor('mod-auth-openidc', client))).toMatchObject({
      OIDCProviderMetadataURL: [`${house.issuer}/.well-known/openid-configuration`],
      OIDCClientID: ['apache'],
      OIDCClientSecret: ['exec:/bin/cat /etc/apache2/garde-client-secret'],
      OIDCRedirectURI: [redirectUri],
      OIDCScope: ['openid offline_access user/*.cruds'],
      OIDCAuthRequestParams: ['resource=https%3A%2F%2Frecords.example%2Ffhir'],
      OIDCPKCEMethod: ['S256'],
      OIDCProviderTokenEndpointAuth: ['client_secret_basic'],
      OIDCProviderAuthRequestMethod: ['PAR'],
    })
  })

  test('Keycloak: the provider', async () => {
    const { client } = await register('broker', {
      redirectUris: ['https://sso.example/realms/hospital/broker/garde/endpoint'],
    })
    expect(JSON.parse(textFor('keycloak', client))).toMatchObject({
      alias: 'garde',
      providerId: 'oidc',
      config: {
        issuer: house.issuer,
        tokenUrl: `${house.issuer}/oauth/token`,
        clientId: 'broker',
        clientSecret: '${vault.garde-client-secret}',
        clientAuthMethod: 'client_secret_basic',
        pkceEnabled: 'true',
        pkceMethod: 'S256',
        defaultScope: 'openid offline_access user/*.cruds',
      },
    })
  })
})

describe('offered only where it can work', () => {
  const cases: [title: string, target: string, more: Record<string, unknown>, why: string][] = [
    ['tokens bound to a key', 'auth-js', { options: { dpopRequired: true } }, 'dpop'],
    ['pushed requests', 'oauth2-proxy', { options: { pushedRequestsOnly: true } }, 'pushed'],
    ['a return address of another form', 'keycloak', {}, 'returnsTo'],
    ['a confidential client in a browser', 'fhirclient', {}, 'publicOnly'],
    ['an audience nobody serves', 'curl', { resources: ['https://elsewhere.example/'] }, 'noResource'],
    [
      'identity tokens it cannot verify',
      'spring-security',
      {
        redirectUris: ['https://app.example/login/oauth2/code/garde'],
        options: { idTokenAlgorithm: 'EdDSA' },
      },
      'idTokenAlgorithm',
    ],
    [
      'what the format would read as a variable',
      'mod-auth-openidc',
      { redirectUris: ['https://app.example/cb?a=${HOME}'] },
      'cannotHold',
    ],
    [
      'several audiences and no way to say which',
      'oauth2-proxy',
      { resources: [audience, 'https://elsewhere.example/'] },
      'severalResources',
    ],
    [
      'a query it would leave out',
      'openid-client',
      { redirectUris: ['https://app.example/cb?a=b'] },
      'returnsTo',
    ],
    ['no openid', 'mod-auth-openidc', { scopes: ['user/*.rs'] }, 'needsOpenid'],
  ]
  test.each(cases)('%s', async (_, target, more, why) => {
    const { client } = await register('narrow', more)
    expect(whyNot(target, client)).toBe(why)
  })

  test('launch, which only a records app can begin, is not asked for', async () => {
    const { client } = await register('launched', { scopes: ['openid', 'launch', 'user/*.rs'] })
    expect(textFor('openid-client', client)).toContain('"openid user/*.rs"')
  })

  test('a service, where a program signs people in', async () => {
    const { client } = await register('narrow-service', {
      redirectUris: [],
      grantTypes: ['client_credentials'],
      practice: house.practice.id,
      scopes: ['system/Patient.rs'],
    })
    expect(
      offers(client, server)
        .filter((each) => 'text' in each)
        .map(({ name }) => name),
    ).toEqual(['openid-client', 'curl'])
  })

  test('nothing, with a line break in an audience that nobody can see', async () => {
    const { client } = await register('line-break')
    const resource = 'https://records.example/\n$(touch pwned)'
    const served = { ...server, resources: [{ ...server.resources[0], audience: resource } as never] }
    expect(offers({ ...client, resources: [resource] }, served).filter((each) => 'text' in each)).toEqual([])
  })

  test('no configuration holds a secret, or the name somebody chose', async () => {
    const { client, secret = '' } = await register('named', {
      redirectUris: [
        'https://app.example/api/auth/callback/garde',
        'https://app.example/login/oauth2/code/garde',
        'https://app.example/oauth2/callback',
        'https://app.example/realms/r/broker/garde/endpoint',
      ],
    })
    const texts = offers(client, server).flatMap((each) => ('text' in each ? [each.text] : []))
    expect(texts.length).toBe(7)
    for (const text of texts) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(client.secretHash)
      expect(text).not.toContain('touch pwned')
    }
  })
})
