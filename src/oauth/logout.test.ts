import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restrict } from '../restrictions/store.ts'
import { oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

const leave = (fields: Record<string, string>) => `/oauth/logout?${new URLSearchParams(fields).toString()}`
const bye = 'http://127.0.0.1/bye'
const sessions = () => house.services.db.query.sessions.findMany()
const ended = async (sid: unknown) => (await sessions()).find(({ id }) => id === sid)?.endedAt !== null
const hint = async () => (await house.exchange(await house.code())).body.id_token ?? ''

test('with an ID token of another session, or none, the person is asked first', async () => {
  const browser = house.browser()
  const { id } = await browser.signIn()
  for (const address of [
    leave({}),
    leave({ id_token_hint: await hint() }),
    leave({ id_token_hint: 'x.y.z' }),
  ]) {
    const answer = await browser.open(address)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Se déconnecter ?')
  }
  expect(await ended(id)).toBe(false)
  const page = await browser.open('/oauth/logout/confirmed', { form: {} })
  expect(await page.text()).toContain('Vous êtes déconnecté')
  expect(await ended(id)).toBe(true)
  expect(browser.cookies.has('__Host-garde-session')).toBe(false)
})

test('the confirmation remembers where to go, and goes there by itself', async () => {
  const browser = house.browser()
  await browser.signIn()
  const fields = { client_id: 'records-app', post_logout_redirect_uri: bye, state: 'a&b' }
  const page = await (await browser.open(leave(fields))).text()
  expect(page).toContain('name="state" value="a&amp;b"')
  const { left } = await browser.follow('/oauth/logout/confirmed', { form: fields })
  expect(left?.href).toBe(`${bye}?state=a%26b`)
})

test('confirming from another site ends nothing', async () => {
  const browser = house.browser()
  const { id } = await browser.signIn()
  await fetch(`${house.issuer}/oauth/logout/confirmed`, {
    method: 'POST',
    headers: {
      origin: 'https://evil.example',
      cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
    },
  })
  expect(house.reason()).toBe('cross_site')
  expect(await ended(id)).toBe(false)
})

test('an ID token alone ends its session, though it has expired', async () => {
  const token = await hint()
  house.clock.advance(3000)
  const answer = await house.browser().open(leave({ id_token_hint: token, post_logout_redirect_uri: bye }))
  expect(answer.headers.get('location')).toBe(bye)
  expect(await ended(decodeJwt(token)['sid'])).toBe(true)
})

test.each([
  [
    'an address that is not registered',
    { client_id: 'records-app', post_logout_redirect_uri: 'https://evil.example' },
  ],
  [
    'the return address of a sign-in',
    { client_id: 'records-app', post_logout_redirect_uri: 'http://127.0.0.1/callback' },
  ],
])('%s is refused on a page', async (_name, fields) => {
  const answer = await house.browser().open(leave(fields))
  expect([answer.status, answer.headers.get('location'), house.reason()]).toEqual([
    400,
    null,
    'redirect_uri_mismatch',
  ])
})

test('a client that the ID token was not for, or that nobody knows', async () => {
  await house
    .browser()
    .open(leave({ id_token_hint: await hint(), client_id: 'other', post_logout_redirect_uri: bye }))
  expect(house.reason()).toBe('client_unknown')
  await house.browser().open(leave({ client_id: 'other', post_logout_redirect_uri: bye }))
  expect(house.reason()).toBe('client_unknown')
})

test('RP-Initiated Logout 2: client_id is of the hint, though nobody is sent on', async () => {
  const token = await hint()
  await house.browser().open(leave({ id_token_hint: token, client_id: 'other' }))
  expect(house.reason()).toBe('client_unknown')
  expect(await ended(decodeJwt(token)['sid'])).toBe(false)
})

test('RP-Initiated Logout 2: POST is as good as GET', async () => {
  const token = await hint()
  const answer = await fetch(`${house.issuer}/oauth/logout`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ id_token_hint: token, post_logout_redirect_uri: bye, state: 's' }),
  })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${bye}?state=s`])
  expect(await ended(decodeJwt(token)['sid'])).toBe(true)
})

test('RP-Initiated Logout 2: ui_locales chooses the page’s language, and is remembered', async () => {
  const browser = house.browser()
  await browser.signIn()
  const page = await (await browser.open(leave({ ui_locales: 'de en-GB fr' }))).text()
  expect(page).toContain('Sign out?')
  expect(page).toContain('name="ui_locales" value="de en-GB fr"')
})

test('RP-Initiated Logout 2: logout_hint and unknown parameters change nothing', async () => {
  const browser = house.browser()
  const { id } = await browser.signIn()
  const answer = await browser.open(leave({ logout_hint: 'somebody', anything: 'x' }))
  expect(await answer.text()).toContain('Rester connecté')
  expect(await ended(id)).toBe(false)
})

test('RP-Initiated Logout 3: a state of 1,000 characters comes back whole', async () => {
  const state = 'é&=+%'.repeat(200)
  const address = leave({ id_token_hint: await hint(), post_logout_redirect_uri: bye, state })
  const back = new URL((await house.browser().open(address)).headers.get('location') ?? '')
  expect(back.searchParams.get('state')).toBe(state)
})

test('RP-Initiated Logout 3: without hint and client_id nobody is sent anywhere', async () => {
  const answer = await house.browser().open(leave({ post_logout_redirect_uri: bye }))
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
})

test('RP-Initiated Logout 3: an address longer by a slash is another one', async () => {
  const fields = { id_token_hint: await hint(), post_logout_redirect_uri: `${bye}/` }
  expect((await house.browser().open(leave(fields))).status).toBe(400)
  expect(house.reason()).toBe('redirect_uri_mismatch')
})

test('RP-Initiated Logout 4: a hint that was tampered with, or is another issuer’s, is none', async () => {
  const token = await hint()
  const [header = '', payload = '', signature = ''] = token.split('.')
  const changed = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const { privateKey } = await generateKeyPair('ES256')
  const kid = decodeProtectedHeader(token).kid ?? ''
  const foreign = new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
  for (const bad of [
    `${header}.${changed({ ...decodeJwt(token), iss: 'https://evil.example' })}.${signature}`,
    `${changed({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    await foreign.sign(privateKey),
    await house.services.keys.sign('token', 'JWT', { ...decodeJwt(token), iss: 'https://evil.example' }),
    await house.services.keys.sign('token', 'logout+jwt', decodeJwt(token)),
  ]) {
    const answer = await house.browser().open(leave({ id_token_hint: bad, post_logout_redirect_uri: bye }))
    expect(answer.headers.get('location')).toBeNull()
    expect(await ended(decodeJwt(token)['sid'])).toBe(false)
  }
})

test('RP-Initiated Logout with openid-client', async () => {
  const config = await client.discovery(new URL(house.issuer), 'records-app', undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  })
  const token = await hint()
  const address = client.buildEndSessionUrl(config, {
    id_token_hint: token,
    post_logout_redirect_uri: bye,
    state: 'x',
  })
  expect((await house.browser().open(address.href)).headers.get('location')).toBe(`${bye}?state=x`)
  expect(config.serverMetadata()['backchannel_logout_session_supported']).toBe(true)
})

test('an access token is no hint', async () => {
  const { body } = await house.exchange(await house.code())
  await house.browser().open(leave({ id_token_hint: body.access_token ?? '' }))
  expect(await ended(decodeJwt(body.access_token ?? '')['sid'])).toBe(false)
})

test('a session that is denied is asked about and ended like any other', async () => {
  const browser = house.browser()
  const { id } = await browser.signIn()
  await restrict(
    house.services,
    { kind: 'rule', rule: 'test' },
    { selector: { session: id }, effect: { kind: 'deny' }, endsSessions: false, reason: 'test' },
  )
  const asked = await browser.open(leave({}))
  expect(await asked.text()).toContain('action="/oauth/logout/confirmed"')
  await browser.open('/oauth/logout/confirmed', { form: {} })
  expect(await ended(id)).toBe(true)
  expect(browser.cookies.has('__Host-garde-session')).toBe(false)
})
