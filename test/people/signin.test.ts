/** Passkeys through the front door, and what is tried against them. */

import type { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { minutes } from '../../src/core/time.ts'
import { auditQueue, findings, passkeys } from '../../src/db/schema.ts'
import { createAuthenticator, type Authenticator } from '../../src/demo/authenticator.ts'
import { actDigest, requireConfirmation } from '../../src/people/confirmation.ts'
import { listNotices } from '../../src/people/notice-store.ts'
import { addPasskey, listPasskeys, removePasskey, addOptions } from '../../src/people/own-passkeys.ts'
import { disablePractitioner } from '../../src/people/practitioners.ts'
import { findLiveSession, findSession, listSessions, type Session } from '../../src/people/session.ts'
import { hashSecret } from '../../src/core/secret.ts'
import { lift, restrict } from '../../src/restrictions/store.ts'
import type { Env } from '../../src/web.ts'
import {
  confirmAct,
  enrolOperator,
  enrolPractitioner,
  ok,
  openBrowser,
  signIn,
  tryPasskey,
  type Browser,
} from '../support/people.ts'
import { testServices, type TestServices } from '../support/services.ts'

let services: TestServices
let app: Hono<Env>
beforeAll(async () => {
  services = await testServices()
  app = createApp(services)
})
afterAll(() => services.close())

const sessionCookie = '__Host-garde-session'
const browserCookie = '__Host-garde-browser'

const lastReason = (): unknown =>
  services.lines.findLast(({ message }) => message === 'refused')?.fields['reason']

const events = async (kind: string) =>
  (await services.db.select().from(auditQueue))
    .map(({ event }) => event)
    .filter((event) => event.kind === kind)

const sessionOf = async (browser: Browser): Promise<Session> => {
  const session = await findSession(services, browser.cookies.get(sessionCookie) ?? '')
  if (!session) throw new Error('nobody is signed in')
  return session
}

const head = () => ({ at: services.clock.now(), actor: { kind: 'system', id: 'test' } as const })

type Options = Parameters<Authenticator['get']>[0]
const optionsFor = async (browser: Browser): Promise<Options> =>
  (await (await ok(await browser.json('/signin/passkey/options', {}))).json()) as Options

test('from an invitation to a passkey to a session, and back in with the passkey', async () => {
  const { browser, authenticator, practitioner } = await enrolPractitioner(app, services)
  const first = browser.cookies.get(sessionCookie)
  expect(first).toMatch(/^[\w-]{43}$/)
  await ok(await browser.form('/signin/out', {}), 303)
  expect(browser.cookies.has(sessionCookie)).toBe(false)
  expect(await signIn(browser, authenticator)).toBe('/account')
  expect(browser.cookies.get(sessionCookie)).not.toBe(first)
  const session = await sessionOf(browser)
  expect(session).toMatchObject({ acr: 'garde:passkey', amr: ['user', 'mfa', 'phr'] })
  expect(session.holder.id).toBe(practitioner.id)
  expect(session.facts.credential_thumbprint).toMatch(/^[\w-]{43}$/)
})

test('cookies are __Host-, Secure, HttpOnly and SameSite=Lax', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const response = await tryPasskey(browser, authenticator)
  const [line] = response.headers.getSetCookie()
  expect(line).toMatch(/^__Host-garde-session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
})

test('an operator lands in the console', async () => {
  const { browser, authenticator } = await enrolOperator(app, services)
  expect(await signIn(browser, authenticator)).toBe('/console')
})

test('goes on to where it was asked to, and never off the site', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const to = (target: string) => signIn(browser, authenticator, { continue: target })
  expect(await to('/oauth/resume?interaction=x')).toBe('/oauth/resume?interaction=x')
  expect(await to('//evil.example')).toBe('/account')
  const page = await (await browser.get('/signin?continue=https%3A%2F%2Fevil.example%2F')).text()
  expect(page).not.toContain('evil.example')
})

test('signing in again in the same browser raises the session; somebody else’s replaces it', async () => {
  const anne = await enrolPractitioner(app, services)
  const before = await sessionOf(anne.browser)
  services.clock.advance(minutes(2))
  await signIn(anne.browser, anne.authenticator)
  const raised = await sessionOf(anne.browser)
  expect(raised).toMatchObject({ id: before.id, authTime: before.authTime + minutes(2), facts: before.facts })
  const { authenticator } = await enrolPractitioner(app, services)
  await signIn(anne.browser, authenticator)
  expect((await sessionOf(anne.browser)).id).not.toBe(before.id)
  expect(await listSessions(services, before.holder)).toEqual([])
})

test('a challenge is answered once', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const answer = authenticator.get(await optionsFor(browser))
  await ok(await browser.json('/signin/passkey', { answer }))
  const replayed = await browser.json('/signin/passkey', { answer })
  expect([replayed.status, lastReason()]).toEqual([400, 'challenge_invalid'])
})

test('of two who answer one challenge at once, one gets in', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const answer = authenticator.get(await optionsFor(browser))
  const answers = await Promise.all([1, 2, 3].map(() => browser.json('/signin/passkey', { answer })))
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400])
})

test('an answer carried into another browser is refused', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const answer = authenticator.get(await optionsFor(browser))
  const thief = openBrowser(app, services.config.issuer)
  await thief.json('/signin/passkey/options', {})
  expect((await thief.json('/signin/passkey', { answer })).status).toBe(400)
  expect(lastReason()).toBe('challenge_invalid')
  expect(thief.cookies.has(sessionCookie)).toBe(false)
})

test('a challenge dies after five minutes, and one for a step-up opens no sign-in', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const late = authenticator.get(await optionsFor(browser))
  services.clock.advance(minutes(5))
  expect((await browser.json('/signin/passkey', { answer: late })).status).toBe(400)
  const stepUp = (await (await ok(await browser.json('/signin/confirm/options', {}))).json()) as Options
  expect((await browser.json('/signin/passkey', { answer: authenticator.get(stepUp) })).status).toBe(400)
  expect(lastReason()).toBe('challenge_invalid')
})

test('every way to fail says the same', async () => {
  const { browser, authenticator, practitioner } = await enrolPractitioner(app, services)
  const texts: string[] = []
  const attempt = async (answer: unknown, reason: string) => {
    const response = await browser.json('/signin/passkey', { answer })
    expect(lastReason()).toBe(reason)
    const { title, status } = (await response.json()) as { title: string; status: number }
    texts.push(`${status} ${title}`)
  }
  const stranger = createAuthenticator({ origin: services.config.issuer })
  stranger.create({
    challenge: 'AAAA',
    rp: { name: 'Garde', id: 'localhost' },
    user: { id: 'cHJ0X3g', name: 'x', displayName: 'x' },
    pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
  })
  await attempt(stranger.get(await optionsFor(browser)), 'passkey_unknown')
  const good = authenticator.get(await optionsFor(browser))
  const forged = {
    ...good,
    response: { ...good.response, signature: stranger.get({ challenge: 'AAAA' }).response.signature },
  }
  await attempt(forged, 'passkey_invalid')
  await attempt(authenticator.get({ challenge: 'AAAA', rpId: 'localhost' }), 'challenge_invalid')
  await disablePractitioner(services, practitioner.id, head())
  await attempt(authenticator.get(await optionsFor(browser)), 'passkey_unknown')
  expect(new Set(texts).size).toBe(1)
  expect(await events('signin.failed')).toContainEqual(
    expect.objectContaining({ reason: 'passkey_invalid', factor: 'passkey' }),
  )
})

test('another origin, and a person who was not verified, are refused', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const elsewhere = createAuthenticator({
    origin: 'http://localhost:9999',
    credentials: authenticator.credentials(),
  })
  expect((await tryPasskey(browser, elsewhere)).status).toBe(400)
  expect(lastReason()).toBe('passkey_invalid')
  const careless = createAuthenticator({
    origin: services.config.issuer,
    credentials: authenticator.credentials(),
    userVerified: false,
  })
  expect((await tryPasskey(browser, careless)).status).toBe(400)
  expect(lastReason()).toBe('passkey_invalid')
})

test('a copied key whose counter goes back is refused, reported and told', async () => {
  const { browser, authenticator, practitioner } = await enrolPractitioner(app, services)
  const copy = createAuthenticator({
    origin: services.config.issuer,
    credentials: authenticator.credentials(),
  })
  await signIn(browser, authenticator)
  await signIn(browser, authenticator)
  expect((await tryPasskey(browser, copy)).status).toBe(400)
  expect(lastReason()).toBe('passkey_invalid')
  const found = await services.db.select().from(findings)
  expect(found).toContainEqual(
    expect.objectContaining({
      rule: 'passkey-counter-back',
      practitioner: practitioner.id,
      value: 1,
      threshold: 2,
    }),
  )
  const told = await listNotices(services.db, { kind: 'practitioner', id: practitioner.id })
  expect(told[0]?.kind).toBe('counter-back')
})

test('backup flags are kept, and a synced key does not claim hardware', async () => {
  const { browser } = await enrolPractitioner(app, services, {
    authenticator: createAuthenticator({ origin: services.config.issuer, backedUp: true }),
  })
  const { credential } = await sessionOf(browser)
  const row = (await services.db.select().from(passkeys)).find(({ id }) => id === credential)
  expect(row).toMatchObject({ backupEligible: true, backedUp: true, label: 'Firefox, Windows' })
})

test('a denied practitioner is told so, by whatever page', async () => {
  const { browser, authenticator, practitioner } = await enrolPractitioner(app, services)
  await restrict(
    services,
    { kind: 'rule', rule: 'test' },
    {
      selector: { practitioner: practitioner.id },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'test',
      message: { fr: 'Appelez le poste 12.', en: 'Call extension 12.' },
    },
  )
  const refused = await tryPasskey(browser, authenticator)
  expect([refused.status, ((await refused.json()) as { title: string }).title]).toEqual([
    423,
    'Appelez le poste 12.',
  ])
  expect(lastReason()).toBe('restricted')
  expect((await browser.json('/signin/confirm/options', {})).status).toBe(423)
})

test('writes that come from elsewhere are refused', async () => {
  const { browser } = await enrolPractitioner(app, services)
  const tries: Record<string, string>[] = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'none' },
  ]
  for (const headers of tries) {
    expect((await browser.form('/signin/out', {}, headers)).status).toBe(403)
    expect(lastReason()).toBe('cross_site')
  }
  const old = (origin?: string) =>
    app.request(
      `${services.config.issuer}/signin/out`,
      { method: 'POST', headers: { ...(origin && { Origin: origin }) } },
      { remote: '192.0.2.7' },
    )
  expect((await old()).status).toBe(403)
  expect((await old('https://evil.example')).status).toBe(403)
  expect((await old(services.config.issuer)).status).toBe(303)
  expect(browser.cookies.has(sessionCookie)).toBe(true)
})

test('bodies that are no form, no JSON, too long or too strange', async () => {
  const browser = openBrowser(app, services.config.issuer)
  const post = (body: string, type: string) =>
    app.request(
      `${services.config.issuer}/signin/passkey`,
      { method: 'POST', body, headers: { 'Content-Type': type, 'Sec-Fetch-Site': 'same-origin' } },
      { remote: '192.0.2.7' },
    )
  expect((await post('{}', 'text/plain')).status).toBe(415)
  expect((await post('{', 'application/json')).status).toBe(400)
  expect((await post('{}', 'application/json')).status).toBe(400)
  expect((await post(`"${'a'.repeat(70_000)}"`, 'application/json')).status).toBe(413)
  expect(lastReason()).toBe('too_large')
  const answer = {
    id: 'AA',
    rawId: 'AA',
    type: 'public-key',
    response: { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' },
  }
  expect((await browser.json('/signin/passkey', { answer })).status).toBe(400)
  expect(lastReason()).toBe('malformed_request')
})

test('a source that asks too often is told to wait; a known browser is not in its way', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const asked: string[] = []
  const slowed = createApp({
    ...services,
    throttle: {
      take: async (_name, key) => {
        asked.push(key)
        return key.startsWith('browser:') ? { allowed: true } : { allowed: false, retryAfterSeconds: 17 }
      },
    },
  })
  const stranger = openBrowser(slowed, services.config.issuer)
  const refused = await stranger.json('/signin/passkey/options', {})
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '17'])
  const known = openBrowser(slowed, services.config.issuer)
  for (const [name, value] of browser.cookies) known.cookies.set(name, value)
  expect(await signIn(known, authenticator)).toBe('/account')
  expect(asked[0]).toBe('192.0.2.0/24')
})

test('a fresh passkey for one act: for that act, in that browser, once', async () => {
  const { browser, authenticator } = await enrolOperator(app, services)
  const session = await sessionOf(browser)
  const hash = hashSecret(services.primitives, browser.cookies.get(browserCookie) ?? '')
  const act = { act: 'lift', restriction: 'rst_a' }
  const assertion = await confirmAct(browser, authenticator, actDigest(services, act))
  const confirmed = (answer: string | undefined, about = act, where = hash) =>
    requireConfirmation(services, session, where, about, answer, head())
  await expect(confirmed(undefined)).rejects.toMatchObject({ reason: 'fresh_passkey_required' })
  await expect(confirmed('{')).rejects.toMatchObject({ reason: 'malformed_request' })
  await confirmed(assertion)
  await expect(confirmed(assertion)).rejects.toMatchObject({ reason: 'challenge_invalid' })
  const other = await confirmAct(browser, authenticator, actDigest(services, act))
  await expect(confirmed(other, { ...act, restriction: 'rst_b' })).rejects.toMatchObject({
    reason: 'challenge_invalid',
  })
  const moved = await confirmAct(browser, authenticator, actDigest(services, act))
  await expect(confirmed(moved, act, 'elsewhere')).rejects.toMatchObject({ reason: 'challenge_invalid' })
})

test('somebody else’s passkey confirms nothing', async () => {
  const { browser } = await enrolOperator(app, services)
  const { authenticator, practitioner } = await enrolPractitioner(app, services)
  const options = (await (await ok(await browser.json('/signin/confirm/options', {}))).json()) as Options
  const { allowCredentials: _named, ...open } = options
  const response = await browser.json('/signin/confirm', { answer: authenticator.get(open) })
  expect([response.status, lastReason()]).toEqual([400, 'passkey_unknown'])
  expect((await sessionOf(browser)).holder.id).not.toBe(practitioner.id)
})

test('a step-up rotates the cookie and goes on', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const before = browser.cookies.get(sessionCookie)
  services.clock.advance(minutes(10))
  const page = await (await ok(await browser.get('/signin/confirm?continue=/account'))).text()
  expect(page).toContain('data-options="/signin/confirm/options"')
  const options = (await (await ok(await browser.json('/signin/confirm/options', {}))).json()) as Options
  const response = await browser.json('/signin/confirm', {
    answer: authenticator.get(options),
    continue: '/account',
  })
  expect(await (await ok(response)).json()).toEqual({ continue: '/account' })
  expect(browser.cookies.get(sessionCookie)).not.toBe(before)
  expect((await sessionOf(browser)).authTime).toBe(services.clock.now())
})

test('without a session there is nothing to confirm', async () => {
  const browser = openBrowser(app, services.config.issuer)
  const page = await browser.get('/signin/confirm?continue=/account')
  expect([page.status, page.headers.get('location')]).toEqual([303, '/signin?continue=%2Faccount'])
  expect((await browser.json('/signin/confirm/options', {})).status).toBe(401)
  expect(lastReason()).toBe('session_required')
})

test('passkeys are added and removed under a fresh proof only, and never the last one', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const session = await sessionOf(browser)
  const hash = hashSecret(services.primitives, browser.cookies.get(browserCookie) ?? '')
  const [only] = await listPasskeys(services, session.holder)
  if (!only) throw new Error('no passkey')
  await expect(removePasskey(services, session, only.id, head())).rejects.toMatchObject({
    reason: 'last_credential',
  })
  const options = await addOptions(services, session, hash)
  expect(() => authenticator.create(options)).toThrow('already registered')
  const phone = createAuthenticator({ origin: services.config.issuer })
  const added = await addPasskey(services, session, hash, phone.create(options), 'Safari/1 iPhone', head())
  expect(added.label).toBe('Safari, iOS')
  const other = openBrowser(app, services.config.issuer)
  await signIn(other, phone)
  await removePasskey(services, session, added.id, head())
  expect(await findSession(services, other.cookies.get(sessionCookie) ?? '')).toBeUndefined()
  expect(await findSession(services, browser.cookies.get(sessionCookie) ?? '')).toBeDefined()
  expect((await tryPasskey(other, phone)).status).toBe(400)
  services.clock.advance(minutes(6))
  await expect(addOptions(services, session, hash)).rejects.toMatchObject({
    reason: 'fresh_passkey_required',
  })
})

const denied = { effect: { kind: 'deny' }, endsSessions: false, reason: 'unusual activity' } as const

test('signing out while denied ends the session: a copied cookie stays dead after the lift', async () => {
  const { browser, practitioner } = await enrolPractitioner(app, services)
  const thief = openBrowser(app, services.config.issuer)
  for (const [name, value] of browser.cookies) thief.cookies.set(name, value)
  const author = { kind: 'rule', rule: 'test' } as const
  const { restriction } = await restrict(services, author, {
    ...denied,
    selector: { practitioner: practitioner.id },
  })
  const page = await ok(await browser.get('/account'), 423)
  expect(await page.text()).toContain('action="/signin/out"')
  await ok(await browser.form('/signin/out', {}), 303)
  await lift(services, author, { restriction: restriction.id, reason: 'over' })
  expect((await thief.get('/account')).headers.get('location')).toContain('/signin')
})

test('whoever signs in as somebody else where a denied session stands ends that one', async () => {
  const { browser } = await enrolPractitioner(app, services)
  const session = await sessionOf(browser)
  const author = { kind: 'rule', rule: 'test' } as const
  await restrict(services, author, { ...denied, selector: { session: session.id } })
  const { authenticator } = await enrolPractitioner(app, services)
  await signIn(browser, authenticator)
  expect(await findLiveSession(services, session.id)).toBeUndefined()
})

test('who is denied ends their other sessions, nobody else’s, and still sees nothing', async () => {
  const { browser, authenticator, practitioner } = await enrolPractitioner(app, services)
  const desk = openBrowser(app, services.config.issuer)
  await signIn(desk, authenticator)
  const other = await sessionOf(desk)
  const stranger = await sessionOf((await enrolPractitioner(app, services)).browser)
  const author = { kind: 'rule', rule: 'test' } as const
  await restrict(services, author, { ...denied, selector: { practitioner: practitioner.id } })
  expect((await browser.form(`/account/sessions/${stranger.id}/end`, {})).status).toBe(404)
  await ok(await browser.form(`/account/sessions/${other.id}/end`, {}), 303)
  expect(await findLiveSession(services, other.id)).toBeUndefined()
  expect(await findLiveSession(services, stranger.id)).toBeDefined()
  await ok(await browser.form('/account/not-me', {}), 423)
})
