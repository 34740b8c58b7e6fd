/** protocols 2: every step also without JavaScript where no passkey is needed; in a real Chromium that runs none. */

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { mintId } from '../../src/core/ids.ts'
import { addMembership } from '../../src/people/memberships.ts'
import { insertPasskey } from '../../src/people/passkey-store.ts'
import { createPractice } from '../../src/people/practices.ts'
import { changeQueue } from '../../src/people/sign-in-queue-store.ts'
import { keepSecret, offerCode, prepareSecret } from '../../src/people/secret.ts'
import { totpCode, totpStep } from '../../src/people/totp.ts'
import { launchChromium, type TestBrowser } from '../support/chromium.ts'
import { audience, authorizeAddress, callback, oauthHouse, type OauthHouse } from '../support/oauth.ts'

const secret = 'quatre lièvres roux'
let house: OauthHouse
let chromium: TestBrowser
let context: BrowserContext
let page: Page
let key: string

beforeAll(async () => {
  house = await oauthHouse()
  const { services, head, person } = house
  const port = await createPractice(
    services,
    { name: 'MSP du Port', recordsName: 'port', secretSignIn: true },
    head(),
  )
  await addMembership(services, person.id, port.id, { role: 'clinician', doctors: 1 }, head())
  const agenda = {
    id: 'agenda',
    name: 'Agenda',
    profile: 'smart-public',
    redirectUris: [callback],
    scopes: ['openid', 'user/Appointment.rs'],
    resources: [audience],
  }
  await saveClient(services, head(), parseClient(agenda))
  const offer = await offerCode(services, person.email, 'test')
  key = offer.key
  const chosen = { secret, code: code(), offer }
  const holder = { kind: 'practitioner', id: person.id } as const
  await keepSecret(services.db, holder, await prepareSecret(services, person.id, [], chosen), head())
  chromium = await launchChromium()
  context = await chromium.browser.newContext({ locale: 'fr-FR', javaScriptEnabled: false })
  page = await context.newPage()
  await page.route(`${callback}**`, (route) => route.fulfill({ body: 'the application' }))
})
afterAll(async () => {
  await chromium.close()
  await house.close()
})

/** Locators by text pass over `noscript`. */
const advice = () => page.locator('noscript')
const code = () => totpCode(key, totpStep(house.clock.now()))
const asked = (changes = {}) =>
  `${house.issuer}${authorizeAddress({ client_id: 'agenda', scope: 'openid user/Appointment.rs', ...changes })}`
const folder = process.env['GARDE_FACES']
const picture = (name: string) => folder && page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })

async function signIn(typed = code()) {
  await page.getByLabel('Adresse électronique').fill('anne@example.org')
  await page.getByLabel('Mot de passe', { exact: true }).fill(secret)
  await page.getByLabel('Code à 6 chiffres').fill(typed)
  await page.getByRole('button', { name: 'Se connecter', exact: true }).click()
}
const cameBack = async () => {
  await page.waitForURL(`${callback}**`)
  return new URL(page.url()).searchParams
}

test('the page says what to do, and the flow goes on to the application', async () => {
  house.clock.advance(30)
  await page.goto(asked())
  expect(await advice().isVisible()).toBe(true)
  expect(await advice().innerText()).toContain('Les clés d’accès ont besoin de JavaScript')
  expect(await page.getByRole('button', { name: 'Se connecter avec une clé d’accès' }).isVisible()).toBe(
    false,
  )
  await advice().locator('a').click()
  await picture('no-script-sign-in')
  await signIn('000000')
  await page.getByRole('alert').filter({ hasText: 'La connexion n’a pas abouti' }).waitFor()
  await signIn()
  await page.getByRole('heading', { name: 'Autoriser Agenda' }).waitFor()
  await page.getByLabel('MSP du Port').check()
  await picture('no-script-consent')
  await page.getByRole('button', { name: 'Autoriser' }).click()
  const answer = await cameBack()
  expect([answer.get('state'), answer.get('iss')]).toEqual(['s1', house.issuer])
  const { body } = await house.exchange(answer.get('code') ?? '', { client_id: 'agenda' })
  expect(body.scope).toBe('openid user/Appointment.rs')
})

test('prompt=login, for one who has a passkey too: the way on is said', async () => {
  const { services, person, clock } = house
  await insertPasskey(services.db, {
    id: mintId('credential'),
    holder: { kind: 'practitioner', id: person.id },
    credential: 'phone',
    publicKey: new Uint8Array([1]),
    thumbprint: 't',
    counter: 0,
    aaguid: '00000000-0000-0000-0000-000000000000',
    transports: [],
    backupEligible: true,
    backedUp: true,
    label: 'iPhone',
    createdAt: clock.now(),
  })
  clock.advance(60)
  await page.goto(asked({ prompt: 'login' }))
  await page.getByRole('heading', { name: 'Confirmez que c’est vous' }).waitFor()
  await picture('no-script-confirm')
  await advice().locator('a').click()
  await signIn()
  await page.getByLabel('MSP du Port').check()
  await page.getByRole('button', { name: 'Continuer' }).click()
  expect((await cameBack()).has('code')).toBe(true)
})

test('refusing goes back with the reason, and an error before the address is proven is a page', async () => {
  await page.goto(asked({ prompt: 'consent' }))
  await page.getByRole('button', { name: 'Refuser' }).click()
  expect((await cameBack()).get('error')).toBe('access_denied')
  await page.goto(asked({ redirect_uri: 'https://evil.example/cb' }))
  await page.getByText('Code pour l’assistance').waitFor()
  expect(new URL(page.url()).origin).toBe(house.issuer)
})

test('who waits in the queue comes to the form by themselves', async () => {
  const { services, clock } = house
  clock.advance(7200)
  const now = clock.now()
  await context.clearCookies({ name: '__Host-garde-session' })
  const queue = { at: now, credit: 0, known: { served: 0, given: 4 }, others: { served: 0, given: {} } }
  await changeQueue(services.db, queue, () => ({ queue }))
  await page.goto(`${house.issuer}/signin`)
  await page.getByText('4 personnes passent avant vous.').waitFor()
  await picture('no-script-waiting')
  clock.advance(1)
  await page.getByLabel('Adresse électronique').waitFor()
})
