import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { createRecordsApi } from '../records-api/records-api.ts'
import { createRecordsApp } from './records-app.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function serve(listener: (address: string) => RequestListener): Promise<string> {
  const server = createServer((request, response) => listening(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const address = `http://localhost:${(server.address() as AddressInfo).port}`
  const listening = listener(address)
  return address
}

/** An identity provider that says yes at once, and remembers what it was asked. */
async function someProvider() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const state = { expiresIn: 300, refreshes: 0, refuseRefresh: false, asked: new URLSearchParams() }
  const issuer = await serve((address) => {
    const idToken = () =>
      new SignJWT({ nonce: state.asked.get('nonce'), auth_time: Math.floor(Date.now() / 1000) })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer(address)
        .setAudience('dossier')
        .setSubject('prt_zoe')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)
    const provider = new Hono()
      .get('/.well-known/openid-configuration', (c) =>
        c.json({
          issuer: address,
          authorization_endpoint: `${address}/authorize`,
          token_endpoint: `${address}/token`,
          userinfo_endpoint: `${address}/userinfo`,
          jwks_uri: `${address}/jwks`,
          end_session_endpoint: `${address}/logout`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['ES256'],
        }),
      )
      .get('/jwks', async (c) =>
        c.json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }),
      )
      .get('/userinfo', (c) => c.json({ sub: 'prt_zoe', name: 'Zoé Martin' }))
      .post('/token', async (c) => {
        const form = await c.req.parseBody()
        const refresh = form['grant_type'] === 'refresh_token'
        if (refresh) state.refreshes += 1
        if (refresh && state.refuseRefresh) return c.json({ error: 'invalid_grant' }, 400)
        return c.json({
          access_token: refresh ? 'second' : 'first',
          token_type: 'Bearer',
          expires_in: state.expiresIn,
          refresh_token: `r${state.refreshes}`,
          id_token: await idToken(),
        })
      })
    const listener = getRequestListener(provider.fetch)
    return (request, response) => void listener(request, response)
  })
  return { issuer, state }
}

type Refusing = { status: number; headers?: Record<string, string>; text: string }

async function world() {
  const { issuer, state } = await someProvider()
  const refusing: { now?: Refusing; only?: string } = {}
  const tokens: (string | undefined)[] = []
  const audience = await serve((address) => {
    const api = createRecordsApi({ publicBase: address })
    const entry = ['Martin', 'Moulin'].map((family, i) => ({
      resource: { resourceType: 'Patient', id: `p${i}`, name: [{ family, given: ['Zoé'] }] },
    }))
    api.load({ resourceType: 'Bundle', type: 'collection', entry })
    return (request, response) => {
      tokens.push(request.headers.authorization)
      const no = refusing.only === undefined || refusing.only === request.method ? refusing.now : undefined
      if (!no) return api.handler(request, response)
      response.writeHead(no.status, { 'Content-Type': 'application/fhir+json', ...no.headers })
      response.end(
        JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ details: { text: no.text } }] }),
      )
    }
  })
  const address = 'http://127.0.0.1:4802'
  const app = createRecordsApp({
    issuer,
    clientId: 'dossier',
    clientSecret: 's',
    address,
    scope: 'openid',
    audience,
  })
  let cookie = ''
  const ask = async (path: string, form?: Record<string, string>, origin = address) => {
    const response = await app.request(`${address}${path}`, {
      headers: {
        cookie,
        'accept-language': 'fr',
        ...(form && { origin, 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form).toString() }),
    })
    const set = /^(dossier_demo=[^;]*)/.exec(response.headers.get('set-cookie') ?? '')?.[1]
    if (set !== undefined) cookie = set
    return {
      status: response.status,
      location: response.headers.get('location') ?? '',
      text: await response.text(),
    }
  }
  const begin = async (path = '/sign-in?return=/patients') => {
    state.asked = new URL((await ask(path)).location).searchParams
  }
  const come = (parameters: Record<string, string>) =>
    ask(
      `/callback?${new URLSearchParams({ state: state.asked.get('state') ?? '', ...parameters }).toString()}`,
    )
  const signIn = async () => {
    await begin()
    return come({ code: 'c' })
  }
  return { ask, begin, come, signIn, state, refusing, tokens, issuer, cookie: () => cookie }
}

test('signs in with a code and PKCE, under a cookie that is new, and lists patients', async () => {
  const { ask, begin, come, state, tokens, cookie } = await world()
  await begin()
  const before = cookie()
  expect(Object.fromEntries(state.asked)).toMatchObject({ code_challenge_method: 'S256', ui_locales: 'fr' })
  expect((await come({ code: 'c' })).location).toBe('/patients')
  expect(cookie()).not.toBe(before)
  const { text } = await ask('/patients?name=mou')
  expect(text).toContain('MOULIN Zoé')
  expect(text).not.toContain('MARTIN Zoé')
  expect(text).toContain('Zoé Martin')
  expect(tokens).toEqual(['Bearer first'])
})

test('an answer nobody here asked for signs nobody in', async () => {
  const { ask, begin, come } = await world()
  await begin()
  expect((await come({ code: 'c', state: 'stolen' })).status).toBe(400)
  expect((await ask('/patients')).location).toBe('/sign-in?return=%2Fpatients')
})

test('shows in Garde’s words why a sign-in was refused', async () => {
  const { begin, come } = await world()
  await begin()
  const { status, text } = await come({
    error: 'access_denied',
    error_description: 'suspended &lt;today&gt;',
  })
  expect([status, text.includes('suspended &amp;lt;today')]).toEqual([403, true])
})

test.each<[string, Refusing, string]>([
  ['a restriction', { status: 423, text: 'Accès suspendu ce matin.' }, 'Accès suspendu ce matin.'],
  ['another practice', { status: 403, text: 'Pas autorisé.' }, 'Accès refusé'],
  ['nothing there', { status: 404, text: '' }, 'Introuvable'],
  ['a fault of the service', { status: 503, text: '' }, 'Les dossiers ne répondent pas'],
  ['a token that is over', { status: 401, text: '' }, 'Votre session est terminée'],
])('%s is shown for what it is', async (_name, refused, words) => {
  const { ask, signIn, refusing } = await world()
  await signIn()
  refusing.now = refused
  expect((await ask('/patients/p1')).text).toContain(words)
})

test('a demanded step-up leads to Garde with what it demanded, and back to the same patient', async () => {
  const { ask, signIn, refusing, begin, state, come } = await world()
  await signIn()
  const challenge = 'Bearer error="insufficient_user_authentication", acr_values="garde:passkey", max_age=0'
  refusing.now = { status: 401, headers: { 'WWW-Authenticate': challenge }, text: 'Encore vous ?' }
  const { text } = await ask('/patients/p1')
  const link = /href="(\/sign-in[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  await begin(link)
  expect(Object.fromEntries(state.asked)).toMatchObject({ acr_values: 'garde:passkey', max_age: '0' })
  expect((await come({ code: 'c' })).location).toBe('/patients/p1')
})

test('what was typed is not lost when writing is suspended', async () => {
  const { ask, signIn, refusing } = await world()
  await signIn()
  Object.assign(refusing, { only: 'POST', now: { status: 423, text: 'Lecture seule.' } })
  const { text } = await ask('/patients/p1/notes', { text: 'Toux depuis lundi' })
  expect(text).toContain('Lecture seule.')
  expect(text).toContain('Toux depuis lundi</textarea>')
})

test('a note is saved and shown; a measure that is none is not sent', async () => {
  const { ask, signIn, tokens } = await world()
  await signIn()
  expect((await ask('/patients/p1/notes', { text: '<b>Toux</b>' })).location).toBe('/patients/p1?added')
  expect((await ask('/patients/p1')).text).toContain('&lt;b&gt;Toux')
  tokens.length = 0
  expect((await ask('/patients/p1/measures', { code: '29463-7', text: 'lourd' })).text).toContain(
    'Indiquez un nombre',
  )
  expect(tokens).toHaveLength(7)
})

test('an old token is refreshed once for many calls; a refused refresh is a session that is over', async () => {
  const { ask, signIn, state, tokens } = await world()
  state.expiresIn = 1
  await signIn()
  state.expiresIn = 300
  await Promise.all([ask('/patients/p1'), ask('/patients/p0')])
  expect([state.refreshes, tokens[0]]).toEqual([1, 'Bearer second'])
  state.expiresIn = 1
  await signIn()
  state.refuseRefresh = true
  expect((await ask('/patients')).text).toContain('Votre session est terminée')
})

test('signing out forgets the tokens and ends Garde’s session', async () => {
  const { ask, signIn, issuer } = await world()
  await signIn()
  expect((await ask('/sign-out', {})).location).toContain(`${issuer}/logout?`)
  expect((await ask('/patients')).location).toContain('/sign-in')
})

test('a form of another site is refused', async () => {
  const { ask, signIn } = await world()
  await signIn()
  expect((await ask('/patients/p1/notes', { text: 'x' }, 'https://evil.example')).status).toBe(403)
})

test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'patients'])(
  'is never led away to %s',
  async (target) => {
    const { begin, come } = await world()
    await begin(`/sign-in?${new URLSearchParams({ return: target }).toString()}`)
    expect((await come({ code: 'c' })).location).toBe('/patients')
  },
)
