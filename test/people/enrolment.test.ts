/** Invitations through the front door, and what is tried with them. */

import type { Hono } from 'hono'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { hours, minutes } from '../../src/core/time.ts'
import { enrolments, operators, passkeys } from '../../src/db/schema.ts'
import { createAuthenticator, type Authenticator } from '../../src/demo/authenticator.ts'
import { inviteHolder } from '../../src/people/enrolment.ts'
import { addMembership } from '../../src/people/memberships.ts'
import { disableOperator } from '../../src/people/operators.ts'
import { isSetUp, setupLink } from '../../src/people/setup.ts'
import { disablePractitioner } from '../../src/people/practitioners.ts'
import { totpCode, totpStep } from '../../src/people/totp.ts'
import type { Env } from '../../src/web.ts'
import { enrol, invite, newPerson, ok, openBrowser, openPractice, signIn } from '../support/people.ts'
import { testServices, type TestServices } from '../support/services.ts'

let services: TestServices
let app: Hono<Env>
beforeAll(async () => {
  services = await testServices()
  app = createApp(services)
})
afterAll(() => services.close())

const sessionCookie = '__Host-garde-session'
const lastReason = (): unknown =>
  services.lines.findLast(({ message }) => message === 'refused')?.fields['reason']
const head = () => ({ at: services.clock.now(), actor: { kind: 'system', id: 'test' } as const })
const browser = () => openBrowser(app, services.config.issuer)
const device = () => createAuthenticator({ origin: services.config.issuer })
type Creation = Parameters<Authenticator['create']>[0]

async function invited() {
  const { id, email } = await newPerson(services)
  const holder = { kind: 'practitioner', id } as const
  return { holder, email, token: await invite(services, holder) }
}

/** A browser in which the link is open, and the options it got. */
async function opened(token: string) {
  const at = browser()
  await ok(await at.form('/signin/enrol', { link: token }), 303)
  const options = (await (await ok(await at.json('/signin/enrol/options', {}))).json()) as Creation
  return { at, options }
}

test('the first operator: one link, named when it is opened, and never again', async () => {
  const first = await setupLink(services, head())
  const second = await setupLink(services, head())
  if (!first || !second) throw new Error('no link')
  const at = browser()
  expect((await at.form('/signin/enrol', { link: first.url })).status).toBe(410)
  expect(lastReason()).toBe('enrolment_expired')
  await ok(await at.form('/signin/enrol', { link: second.url }), 303)
  expect(await (await ok(await at.get('/signin/enrol'))).text()).toContain('Mise en service de Garde')
  expect((await at.json('/signin/enrol/options', { name: '', email: 'x' })).status).toBe(400)
  const authenticator = device()
  await enrol(at, new URL(second.url).hash.slice(1), authenticator, {
    name: 'Olive Garnier',
    email: 'Olive@Example.org',
  })
  const [operator] = await services.db.select().from(operators)
  expect(operator).toMatchObject({ name: 'Olive Garnier', email: 'olive@example.org' })
  expect(await isSetUp(services)).toBe(true)
  expect(await setupLink(services, head())).toBeUndefined()
  if (!operator) throw new Error('no operator')
  await expect(disableOperator(services, operator.id, head())).rejects.toMatchObject({
    reason: 'last_commander',
  })
  expect(await signIn(at, authenticator)).toBe('/console')
})

test('the token is kept as a hash, and travels in the fragment', async () => {
  const { holder } = await invited()
  const { url } = await inviteHolder(
    services,
    { holder, purpose: 'enrol', lifetimeSeconds: minutes(15) },
    head(),
  )
  const { hash, pathname, search } = new URL(url)
  expect([pathname, search]).toEqual(['/signin/enrol', ''])
  const rows = JSON.stringify(await services.db.select().from(enrolments))
  expect(rows).not.toContain(hash.slice(1))
})

test.each([minutes(15) - 1, hours(24) + 1, 1000.5])(
  'a lifetime of %d s is refused',
  async (lifetimeSeconds) => {
    const { holder } = await invited()
    await expect(
      inviteHolder(services, { holder, purpose: 'enrol', lifetimeSeconds }, head()),
    ).rejects.toMatchObject({
      reason: 'malformed_request',
    })
  },
)

test('a later invitation revokes the earlier one; nobody invites the disabled', async () => {
  const { holder, token } = await invited()
  const later = await invite(services, holder)
  expect((await browser().form('/signin/enrol', { link: token })).status).toBe(410)
  await ok(await browser().form('/signin/enrol', { link: later }), 303)
  await disablePractitioner(services, holder.id, head())
  expect((await browser().form('/signin/enrol', { link: later })).status).toBe(410)
  await expect(invite(services, holder)).rejects.toMatchObject({ reason: 'not_found' })
})

test('unknown, spent and expired links tell the same', async () => {
  const texts: string[] = []
  const attempt = async (link: string, reason: string) => {
    const response = await browser().form('/signin/enrol', { link })
    expect([response.status, lastReason()]).toEqual([410, reason])
    texts.push((await response.text()).replaceAll(/req_[\w-]+|[A-Z0-9]{4}-[A-Z0-9]{4}/g, ''))
  }
  await attempt('x'.repeat(43), 'enrolment_unknown')
  const spent = await invited()
  await enrol(browser(), spent.token, device())
  await attempt(spent.token, 'enrolment_spent')
  const late = await invited()
  services.clock.advance(hours(1))
  await attempt(late.token, 'enrolment_expired')
  expect(new Set(texts).size).toBe(1)
})

test('of two who use one link at once, one gets in', async () => {
  const { token, holder } = await invited()
  const two = await Promise.all([opened(token), opened(token)])
  const answers = await Promise.all(
    two.map(({ at, options }) => at.json('/signin/enrol/passkey', { answer: device().create(options) })),
  )
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410])
  expect(lastReason()).toBe('enrolment_spent')
  const kept = await services.db.select().from(passkeys).where(eq(passkeys.holder, holder.id))
  expect(kept).toHaveLength(1)
})

test('a link that was taken while its page was open adds nothing', async () => {
  const { token } = await invited()
  const { at, options } = await opened(token)
  await enrol(browser(), token, device())
  expect((await at.json('/signin/enrol/passkey', { answer: device().create(options) })).status).toBe(410)
  const page = await at.get('/signin/enrol')
  expect(page.status).toBe(410)
  expect(at.cookies.has('__Host-garde-enrol')).toBe(false)
  await ok(await at.get('/signin/enrol'))
})

test('a passkey that somebody has cannot be registered for somebody else', async () => {
  const authenticator = device()
  const first = await opened((await invited()).token)
  const credential = authenticator.create(first.options)
  await ok(await first.at.json('/signin/enrol/passkey', { answer: credential }))
  const second = await opened((await invited()).token)
  // The same key signs nothing at registration with attestation `none`: a thief can claim any public key.
  const challenge = Buffer.from(
    JSON.stringify({
      type: 'webauthn.create',
      challenge: second.options.challenge,
      origin: services.config.issuer,
      crossOrigin: false,
    }),
  ).toString('base64url')
  const claimed = { ...credential, response: { ...credential.response, clientDataJSON: challenge } }
  const response = await second.at.json('/signin/enrol/passkey', { answer: claimed })
  expect([response.status, lastReason()]).toEqual([409, 'passkey_known'])
})

test('without an open link there is nothing to enrol', async () => {
  const at = browser()
  expect(await (await ok(await at.get('/signin/enrol'))).text()).toContain('id="link-form"')
  expect((await at.json('/signin/enrol/options', {})).status).toBe(410)
  expect((await at.get('/signin/enrol/secret')).status).toBe(410)
})

/** The key on the page, and what its form sends back. */
async function secretPage(at: ReturnType<typeof browser>) {
  const page = await (await ok(await at.get('/signin/enrol/secret'))).text()
  const sealed = /name="sealed" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const key = (/<code>([A-Z2-7 ]+)<\/code>/.exec(page)?.[1] ?? '').replaceAll(' ', '')
  return { sealed, key, page }
}

test('secret and code instead of a passkey, without a script', async () => {
  const { token, email } = await invited()
  const at = browser()
  await ok(await at.form('/signin/enrol', { link: token }), 303)
  const { sealed, key, page } = await secretPage(at)
  expect(page).toContain('<svg')
  const code = totpCode(key, totpStep(services.clock.now()))
  const attempt = (fields: Record<string, string>) =>
    at.form('/signin/enrol/secret', { sealed, code, ...fields })
  for (const weak of ['short', 'motdepasse', 'AZERTYUIOP', email, '1234567890'])
    expect((await attempt({ secret: weak })).status).toBe(400)
  expect(lastReason()).toBe('weak_secret')
  const wrong = await attempt({ secret: 'quatre lièvres roux', code: '000000' })
  expect([wrong.status, lastReason()]).toEqual([400, 'secret_or_code_wrong'])
  expect(await wrong.text()).toContain(sealed)
  const moved = await attempt({ secret: 'quatre lièvres roux', sealed: sealed.slice(2) })
  expect([moved.status, lastReason()]).toEqual([400, 'challenge_invalid'])
  const done = await ok(await attempt({ secret: 'quatre lièvres roux' }), 303)
  expect(done.headers.get('location')).toBe('/signin/done?continue=%2Faccount')
  expect(at.cookies.has(sessionCookie)).toBe(true)
  const landed = await ok(await at.get('/signin/done?continue=%2Faccount'))
  expect(landed.headers.get('refresh')).toBe('0; url=/account')
  services.clock.advance(30)
  const next = totpCode(key, totpStep(services.clock.now()))
  const other = browser()
  await ok(await other.form('/signin/secret', { email, secret: 'quatre lièvres roux', code: next }), 303)
  expect(other.cookies.has(sessionCookie)).toBe(true)
})

test('where a practice switched it off, it is not offered and not taken; operators never have it', async () => {
  const { token, holder } = await invited()
  const strict = await openPractice(services, { secretSignIn: false })
  const easy = await openPractice(services)
  for (const { id } of [strict, easy])
    await addMembership(services, holder.id, id, { role: 'clinician', doctors: 1 }, head())
  const at = browser()
  await ok(await at.form('/signin/enrol', { link: token }), 303)
  expect(await (await ok(await at.get('/signin/enrol'))).text()).not.toContain('/signin/enrol/secret')
  expect((await at.get('/signin/enrol/secret')).status).toBe(400)
  expect(lastReason()).toBe('secret_sign_in_off')
})
