/** Invitation, passkey, sign-in and step-up in a real browser: strict CSP, Trusted Types, forms, modules. */

import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { totpCode, totpStep } from '../../src/people/totp.ts'
import { addAuthenticator, launchChromium, type TestBrowser } from '../support/chromium.ts'
import { invite, newPerson } from '../support/people.ts'
import { testServices, type TestServices } from '../support/services.ts'

let services: TestServices
let server: ServerType
let chromium: TestBrowser
let issuer: string
let context: BrowserContext
let page: Page
let faults: string[]

beforeAll(async () => {
  chromium = await launchChromium()
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const listening = new Promise<AddressInfo>((resolve) => {
    server = serve({ fetch: (request) => answer(request), port: 0, hostname: '127.0.0.1' }, resolve)
  })
  issuer = `http://localhost:${(await listening).port}`
  services = await testServices({ config: parseConfig({ GARDE_ISSUER: issuer }, () => '') })
  const app = createApp(services)
  answer = (request) => app.fetch(request, { remote: '127.0.0.1' })
})
afterAll(async () => {
  await chromium.close()
  await new Promise((resolve) => server.close(resolve))
  await services.close()
})
beforeEach(async () => {
  context = await chromium.browser.newContext({ locale: 'fr-FR' })
  page = await context.newPage()
  faults = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) faults.push(message.text())
  })
})

async function invitation() {
  const person = await newPerson(services)
  return { person, token: await invite(services, { kind: 'practitioner', id: person.id }) }
}

test('an invitation becomes a passkey, and the passkey signs in: to step up, by autofill, by button', async () => {
  const device = await addAuthenticator(context, page)
  const { token } = await invitation()
  const requested: string[] = []
  page.on('request', (request) => requested.push(`${request.url()} ${request.headers()['referer'] ?? ''}`))
  await page.goto(`${issuer}/signin/enrol#${token}`)
  await page.getByRole('heading', { name: 'Créez votre clé d’accès' }).waitFor()
  expect(page.url()).toBe(`${issuer}/signin/enrol`)
  await page.getByRole('button', { name: 'Créer ma clé d’accès' }).click()
  await page.waitForURL(`${issuer}/account`)
  expect(await device.count()).toBe(1)
  expect(requested.some((line) => line.includes(token))).toBe(false)

  await page.goto(`${issuer}/signin/confirm?continue=%2Fsignin%2Fdone`)
  await page.getByRole('button', { name: 'Confirmer avec ma clé d’accès' }).click()
  await page.waitForURL(/\/account$/)

  // The virtual authenticator answers autofill at once, as a person who picks the passkey from the field's list.
  await context.clearCookies({ name: '__Host-garde-session' })
  await page.goto(`${issuer}/signin`)
  await page.waitForURL(`${issuer}/account`)

  await context.clearCookies({ name: '__Host-garde-session' })
  await page.addInitScript(() => {
    Object.assign(Reflect.get(globalThis, 'PublicKeyCredential') as object, {
      isConditionalMediationAvailable: async () => false,
    })
  })
  await page.goto(`${issuer}/signin`)
  await page.getByLabel('Ce poste est partagé').first().check()
  await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).click()
  await page.waitForURL(`${issuer}/account`)
  expect(faults).toEqual([])
})

test('a browser without a fitting passkey says so, in place', async () => {
  await addAuthenticator(context, page)
  await page.goto(`${issuer}/signin`)
  await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).click()
  await page.getByRole('alert').filter({ hasText: 'Aucune clé d’accès n’a été utilisée' }).waitFor()
  expect(await page.getByLabel('Mot de passe', { exact: true }).isVisible()).toBe(true)
  expect(faults).toEqual([])
})

test('secret and code, without a script', async () => {
  await context.close()
  context = await chromium.browser.newContext({ locale: 'en-GB', javaScriptEnabled: false })
  page = await context.newPage()
  const { person, token } = await invitation()
  await page.goto(`${issuer}/signin/enrol`)
  await page.getByLabel('Invitation link').fill(`${issuer}/signin/enrol#${token}`)
  await page.getByRole('button', { name: 'Open the invitation' }).click()
  await page.getByRole('link', { name: 'Choose a password and a code' }).click()
  const key = (await page.locator('code').first().textContent())?.replaceAll(' ', '') ?? ''
  expect(await page.getByRole('img', { name: 'QR code' }).isVisible()).toBe(true)
  await page.getByLabel('New password').fill('quatre lièvres roux')
  await page.getByLabel('First code shown').fill('000000')
  await page.getByRole('button', { name: 'Save and sign in' }).click()
  await page.getByRole('alert').filter({ hasText: 'Sign-in did not succeed' }).waitFor()
  await page.getByLabel('New password').fill('quatre lièvres roux')
  await page.getByLabel('First code shown').fill(totpCode(key, totpStep(services.clock.now())))
  await page.getByRole('button', { name: 'Save and sign in' }).click()
  await page.waitForURL(`${issuer}/account`)
  await context.clearCookies({ name: '__Host-garde-session' })
  services.clock.advance(60)
  await context.clearCookies({ name: '__Host-garde-way' })
  await page.goto(`${issuer}/signin`)
  expect(await page.getByLabel('E-mail address').isVisible()).toBe(false)
  await page.getByText('With a password and a code', { exact: true }).click()
  await page.getByLabel('E-mail address').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill('quatre lièvres roux')
  await page.getByLabel('6-digit code').fill(totpCode(key, totpStep(services.clock.now())))
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${issuer}/account`)

  // What was used here last lies open the next time.
  await context.clearCookies({ name: '__Host-garde-session' })
  await page.goto(`${issuer}/signin`)
  expect(await page.getByLabel('E-mail address').isVisible()).toBe(true)
})
