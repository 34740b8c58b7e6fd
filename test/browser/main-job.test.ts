/**
 * The whole story in a real Chromium: enrol with a passkey, sign in through the records app, read a record, be cut, be
 * refused, be let back in; and a session that was ended stays ended.
 */

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAuthenticator, launchChromium, type TestBrowser } from '../support/chromium.ts'
import { startRecordsApp } from '../support/records-app.ts'
import { twoPatients, world, type OperatorAtWork, type World } from '../support/world.ts'

let here: World
let operator: OperatorAtWork
let chromium: TestBrowser
let context: BrowserContext
let page: Page
let app: Awaited<ReturnType<typeof startRecordsApp>>
let person: Awaited<ReturnType<World['invited']>>
const violations: string[] = []
/** Whether the browser offers passkeys by itself; the virtual authenticator then takes the offer at once. */
let autofill = false

beforeAll(async () => {
  here = await world()
  const [lilas, tilleuls] = [await here.practice('Lilas'), await here.practice('Tilleuls')]
  here.records.load(twoPatients(lilas, tilleuls) as never)
  person = await here.invited(lilas)
  operator = await here.operator()
  app = await startRecordsApp(here)
  chromium = await launchChromium()
  context = await chromium.browser.newContext({ locale: 'en-GB' })
  page = await context.newPage()
  page.on('console', (line) => {
    if (/Content.Security.Policy|Trusted/i.test(line.text())) violations.push(line.text())
  })
  await page.exposeFunction('autofillWanted', () => autofill)
  await page.addInitScript(
    'PublicKeyCredential.isConditionalMediationAvailable = () => window.autofillWanted()',
  )
  await addAuthenticator(context, page)
})
afterAll(async () => {
  await chromium.close()
  await app.close()
  await here.close()
})

const body = () => page.locator('body').innerText()

async function signInThroughApp(): Promise<void> {
  await page.goto(`${app.address}/sign-in?return=/patients`)
  if (!autofill) await page.locator('form[data-passkey] button').first().click()
  await page.waitForURL(`${app.address}/patients`)
}

const cut = (endsSessions: boolean) =>
  operator.restrict({
    selector: { practitioner: person.practitioner.id },
    effect: { kind: 'deny' },
    endsSessions,
    reason: 'badge stolen',
    message: { fr: 'Votre badge a été déclaré volé.', en: 'Your badge was reported stolen.' },
  })

test('the invitation is opened once and becomes a passkey', async () => {
  await page.goto(person.link)
  await page.locator('form button').first().click()
  await page.locator('form[data-passkey="create"] button').click()
  await page.waitForURL(`${here.issuer}/account*`)
  expect((await fetch(`${here.issuer}/account`, { redirect: 'manual' })).status).not.toBe(200)
})

test('the records app signs in with it and reads the practice’s records, and no other’s', async () => {
  await context.clearCookies()
  await signInThroughApp()
  await page.goto(`${app.address}/patients/a1`)
  expect(await body()).toMatch(/durand/i)
  await page.goto(`${app.address}/patients/b1`)
  expect(await body()).not.toMatch(/durand/i)
})

test('a cut refuses the next page with its reason, and lifting it lets the same session go on', async () => {
  const { id } = await cut(false)
  await page.goto(`${app.address}/patients/a1`)
  expect(await body()).toContain('Your badge was reported stolen.')
  expect(await body()).not.toMatch(/durand/i)
  expect((await operator.lift(id)).status).toBe(200)
  await page.goto(`${app.address}/patients/a1`)
  expect(await body()).toMatch(/durand/i)
})

test('a session that was ended is not revived by lifting; a new sign-in works', async () => {
  const { id } = await cut(true)
  expect((await operator.lift(id)).status).toBe(200)
  await page.goto(`${app.address}/patients/a1`)
  expect(await body()).not.toMatch(/durand/i)
  await page.goto(`${here.issuer}/account`)
  expect(page.url()).toContain('/signin')
  autofill = true
  await signInThroughApp()
  await page.goto(`${app.address}/patients/a1`)
  expect(await body()).toMatch(/durand/i)
})

test('no page broke the content security policy', () => {
  expect(violations).toEqual([])
})
