/**
 * Step-up end to end (RFC 9470) in a real Chromium: the gateway asks, the records app sends the person to Garde with what was
 * asked, one touch, and the same page opens. The grant of another application stays as it was.
 */

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listGrants } from '../../src/grants/store.ts'
import { addAuthenticator, launchChromium, type TestBrowser } from '../support/chromium.ts'
import { startRecordsApp } from '../support/records-app.ts'
import { twoPatients, world, type OperatorAtWork, type World } from '../support/world.ts'

let here: World
let operator: OperatorAtWork
let chromium: TestBrowser
let context: BrowserContext
let page: Page
let person: Awaited<ReturnType<World['invited']>>
let dossier: Awaited<ReturnType<typeof startRecordsApp>>
let agenda: Awaited<ReturnType<typeof startRecordsApp>>

beforeAll(async () => {
  here = await world()
  const practice = await here.practice('Lilas')
  here.records.load(twoPatients(practice, await here.practice('Tilleuls')) as never)
  person = await here.invited(practice)
  operator = await here.operator()
  dossier = await startRecordsApp(here)
  agenda = await startRecordsApp(here, 'agenda', 'localhost')
  chromium = await launchChromium()
  context = await chromium.browser.newContext({ locale: 'en-GB' })
  page = await context.newPage()
  await addAuthenticator(context, page)
  await page.goto(person.link)
  await page.locator('form button').first().click()
  await page.locator('form[data-passkey="create"] button').click()
  await page.waitForURL(`${here.issuer}/account*`)
})
afterAll(async () => {
  await chromium.close()
  await dossier.close()
  await agenda.close()
  await here.close()
})

const body = () => page.locator('body').innerText()
const folder = process.env['GARDE_FACES']
const picture = (name: string) => folder && page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })

/** The app compares with the clock of this machine. */
const catchUp = () => here.clock.advance(Math.max(1, Math.floor(Date.now() / 1000) - here.clock.now()))

/** When the person was proven, by application. */
async function provenAt() {
  const grants = await listGrants(here.services.db, person.practitioner.id, here.clock.now())
  return new Map(grants.toReversed().map(({ client, authTime }) => [client as string, authTime]))
}

test('refused, asked, one touch, opened; and the other application’s grant stays low', async () => {
  for (const { address } of [dossier, agenda]) {
    await page.goto(`${address}/sign-in?return=/patients/a1`)
    await page.waitForURL(`${address}/patients/a1`)
    expect(await body()).toMatch(/durand/i)
  }
  const before = await provenAt()
  catchUp()
  await operator.restrict({
    selector: { practitioner: person.practitioner.id },
    effect: { kind: 'step-up' },
    endsSessions: false,
    reason: 'many patients in an hour',
  })

  await page.goto(`${dossier.address}/patients/a1`)
  expect(await body()).toContain('Garde asks you to confirm that it is you')
  expect(await body()).not.toMatch(/durand/i)
  await picture('step-up-refused')
  catchUp()
  await page.getByRole('link', { name: 'Confirm with Garde' }).click()
  await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
  await picture('step-up-confirm')
  await page.getByRole('button', { name: 'Confirm with my passkey' }).click()
  await page.waitForURL(`${dossier.address}/patients/a1`)
  expect(await body()).toMatch(/durand/i)

  const after = await provenAt()
  expect(after.get('dossier')).toBe(here.clock.now())
  expect(after.get('agenda')).toBe(before.get('agenda'))
  await page.goto(`${agenda.address}/patients/a1`)
  expect(await body()).toContain('Garde asks you to confirm that it is you')
})

test('somebody else at the keyboard does not step up for this person', async () => {
  await context.clearCookies({ name: '__Host-garde-session' })
  const { link } = await here.invited(await here.practice('Port'))
  catchUp()
  await page.goto(`${agenda.address}/patients/a1`)
  const ask = await page.getByRole('link', { name: 'Confirm with Garde' }).getAttribute('href')
  await page.goto(link)
  await page.locator('form button').first().click()
  await page.locator('form[data-passkey="create"] button').click()
  await page.waitForURL(`${here.issuer}/account*`)
  await page.goto(`${agenda.address}${ask}`)
  expect(page.url()).toContain(`${here.issuer}/signin`)
  expect(await body()).not.toMatch(/durand/i)
})
