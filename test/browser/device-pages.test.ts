/** A device is let in by its page in a real browser that runs no script: typed, compared, connected or refused. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { launchChromium, type TestBrowser } from '../support/chromium.ts'
import { audience, oauthHouse, type OauthHouse } from '../support/oauth.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

let house: OauthHouse
let chromium: TestBrowser
beforeAll(async () => {
  house = await oauthHouse()
  await saveClient(
    house.services,
    house.head(),
    parseClient({
      id: 'ecg',
      name: 'Électrocardiographe',
      profile: 'smart-public',
      grantTypes: [deviceGrant],
      scopes: ['openid', 'user/Observation.cruds'],
      resources: [audience],
    }),
  )
  chromium = await launchChromium()
})
afterAll(async () => {
  await chromium.close()
  await house.close()
})

const post = async (path: string, fields: Record<string, string>) => {
  const answer = await fetch(`${house.issuer}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: 'ecg', ...fields }).toString(),
  })
  return (await answer.json()) as Record<string, string>
}
const ask = () => post('/oauth/device-authorization', { scope: 'openid user/Observation.cruds' })
const poll = async ({ device_code = '' }: Record<string, string>) =>
  post('/oauth/token', { grant_type: deviceGrant, device_code })

test('without a script: a wrong code is said to be one, the right one is compared, then connected or refused', async () => {
  const context = await chromium.browser.newContext({ locale: 'fr-FR', javaScriptEnabled: false })
  const ours = house.browser()
  await ours.signIn()
  // A `__Host-` cookie has to be set as by https; the browser then sends it to http on localhost, as it does to us.
  const held = { url: 'https://localhost', secure: true, httpOnly: true }
  await context.addCookies([...ours.cookies].map(([name, value]) => ({ name, value, ...held })))
  const page = await context.newPage()

  const first = await ask()
  await page.goto(`${house.issuer}/device`)
  await page.getByLabel('Code affiché').fill('BBBB-BBBB')
  await page.getByRole('button', { name: 'Continuer' }).click()
  expect(await page.locator('.problem').textContent()).toContain('Ce code n’est pas valable')
  await page.getByLabel('Code affiché').fill((first['user_code'] ?? '').toLowerCase().replace('-', ' '))
  await page.getByRole('button', { name: 'Continuer' }).click()
  expect(await page.locator('.device-code').textContent()).toBe(first['user_code'])
  await page.getByRole('button', { name: 'Connecter l’appareil' }).click()
  expect(await page.textContent('h1')).toBe('Appareil connecté')
  expect((await poll(first))['access_token']).toBeTruthy()

  const second = await ask()
  await page.goto(second['verification_uri_complete'] ?? '')
  await page.getByRole('button', { name: 'Continuer' }).click()
  await page.getByRole('button', { name: 'Refuser' }).click()
  expect(await page.textContent('h1')).toBe('Demande refusée')
  expect((await poll(second))['error']).toBe('access_denied')
  await context.close()
})
