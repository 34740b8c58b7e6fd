/** The way back to an application in a real browser: strict CSP, forms that post, another origin to return to. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addMembership } from '../../src/people/memberships.ts'
import { createPractice } from '../../src/people/practices.ts'
import { launchChromium, type TestBrowser } from '../support/chromium.ts'
import { authorizeAddress, oauthHouse, type OauthHouse } from '../support/oauth.ts'

let house: OauthHouse
let chromium: TestBrowser
const application = createServer((_request, response) => response.end('the application'))
let callback: string

beforeAll(async () => {
  house = await oauthHouse()
  chromium = await launchChromium()
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
  callback = `http://127.0.0.1:${(application.address() as AddressInfo).port}/callback`
})
afterAll(async () => {
  await chromium.close()
  application.close()
  await house.close()
})

test('practice, consent and sign-out are asked on pages, and each leads back to the application', async () => {
  const { services, head, person } = house
  const port = await createPractice(
    services,
    { name: 'Cabinet du Port', recordsName: 'port', secretSignIn: true },
    head(),
  )
  await addMembership(services, person.id, port.id, { role: 'clinician', doctors: 1 }, head())
  const context = await chromium.browser.newContext({ locale: 'fr-FR' })
  const ours = house.browser()
  await ours.signIn()
  // A `__Host-` cookie has to be set as by https; the browser then sends it to http on localhost, as it does to us.
  const held = { url: 'https://localhost', secure: true, httpOnly: true }
  await context.addCookies([...ours.cookies].map(([name, value]) => ({ name, value, ...held })))
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })

  const address = authorizeAddress({ redirect_uri: callback, prompt: 'consent' })
  await page.goto(new URL(address, house.issuer).href)
  await page.getByRole('button', { name: 'Refuser' }).click()
  await page.waitForURL(`${callback}?**error=access_denied**`)
  await page.goto(new URL(address, house.issuer).href)
  await page.getByLabel('Cabinet du Port').check()
  await page.getByRole('button', { name: 'Autoriser' }).click()
  await page.waitForURL(`${callback}?**`)
  expect(await page.textContent('body')).toBe('the application')
  const code = new URL(page.url()).searchParams.get('code') ?? ''
  expect((await house.exchange(code, { redirect_uri: callback })).status).toBe(200)

  await page.goto(
    `${house.issuer}/oauth/logout?client_id=records-app&post_logout_redirect_uri=http://127.0.0.1/bye`,
  )
  await page.route('http://127.0.0.1/bye', (route) => route.fulfill({ body: 'gone' }))
  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await page.waitForURL('http://127.0.0.1/bye')
  expect(faults).toEqual([])
  await context.close()
})
