/**
 * SMART App Launch with a client of others, in a real Chromium: `fhirclient` opens standalone, with the choice of a patient
 * on our page, and from a records application; either way it reads its patient through the gateway, from another origin.
 */

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAuthenticator, launchChromium, type TestBrowser } from '../support/chromium.ts'
import { freePort } from '../support/postgres.ts'
import { smartWorld, type SmartWorld } from '../support/smart.ts'
import { audienceOf } from '../support/world.ts'

let here: SmartWorld
let app: { address: string; server: Server }
let chromium: TestBrowser
let context: BrowserContext
let page: Page
const faults: string[] = []

beforeAll(async () => {
  const port = await freePort()
  here = await smartWorld('PGlite', {
    app: `http://127.0.0.1:${port}/app`,
    ehr: `http://127.0.0.1:${port}/ehr`,
  })
  app = await startApplication(port, audienceOf(here.issuer))
  chromium = await launchChromium()
  context = await chromium.browser.newContext({ locale: 'fr-FR' })
  page = await context.newPage()
  page.on('console', (line) => {
    if (line.type() === 'error') faults.push(line.text())
  })
  await addAuthenticator(context, page)
  const { link } = await here.invited(here.lilas)
  await page.goto(link)
  await page.locator('form button').first().click()
  await page.locator('form[data-passkey="create"] button').click()
  await page.waitForURL(`${here.issuer}/account*`)
})
afterAll(async () => {
  await chromium.close()
  app.server.close()
  app.server.closeAllConnections()
  await here.close()
})

/** What the application shows of what it was opened on. */
async function shown(): Promise<Record<string, unknown>> {
  await page.waitForURL(`${app.address}/app*`)
  await page.locator('#shown').waitFor()
  return JSON.parse(await page.locator('#shown').innerText()) as Record<string, unknown>
}

test('standalone: the person chooses the patient, the application reads them and no other', async () => {
  await page.goto(`${app.address}/launch`)
  await page.getByLabel('Nom de naissance ou d’usage').fill('Durand')
  await page.getByLabel('Date de naissance').fill('1951-03-03')
  await page.getByRole('button', { name: 'Rechercher' }).click()
  await page.getByLabel('DURAND Jeanne').check()
  await page.getByRole('button', { name: 'Ouvrir ce dossier' }).click()
  expect(await shown()).toEqual({
    patient: 'a1',
    family: 'Durand',
    scope: 'openid fhirUser launch/patient patient/*.rs',
    others: 403,
  })
})

test('from the records application: opened on its patient, without a question', async () => {
  await page.goto(`${here.issuer}${here.ehrAddress()}`)
  await page.waitForURL(`${app.address}/ehr*`)
  const { access_token } = await here.exchangeEhr(new URL(page.url()))
  const answer = await here.launch(access_token, { client: 'smart-app', patient: 'a2' })
  const { iss = '', launch = '' } = (await answer.json()) as Record<string, string>
  await page.goto(`${app.address}/launch?${new URLSearchParams({ iss, launch }).toString()}`)
  expect(await shown()).toMatchObject({ patient: 'a2', family: 'Durand-Leroy', others: 403 })
})

test('no page of ours broke its policy, and the browser withheld nothing', () =>
  // That reading another patient is refused is what the application tries.
  expect(faults.filter((fault) => !fault.includes('403'))).toEqual([]))

/** Its Node part is not installed: the browser's bundle, as its vendor made it. */
const library = readFileSync(
  new URL('build/fhir-client.pure.min.js', import.meta.resolve('fhirclient/package.json')),
)

async function startApplication(port: number, iss: string): Promise<typeof app> {
  const address = `http://127.0.0.1:${port}`
  const html = (script: string) =>
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script src="/fhir-client.js"></script><script>${script}</script>`
  const pages: Record<string, { type: string; body: string | Uint8Array }> = {
    '/fhir-client.js': { type: 'text/javascript', body: library },
    '/ehr': { type: 'text/plain', body: 'the records application' },
    '/launch': {
      type: 'text/html',
      body: html(`
        const launched = new URLSearchParams(location.search).has('launch')
        FHIR.oauth2.authorize({
          clientId: 'smart-app',
          scope: launched ? 'openid fhirUser launch patient/*.rs' : 'openid fhirUser launch/patient patient/*.rs',
          redirectUri: '${address}/app',
          pkceMode: 'required',
          ...(launched ? {} : { iss: '${iss}' }),
        })`),
    },
    '/app': {
      type: 'text/html',
      body: html(`
        const show = (what) => {
          const shown = document.createElement('pre')
          shown.id = 'shown'
          shown.textContent = JSON.stringify(what)
          document.body.append(shown)
        }
        FHIR.oauth2.ready().then(async (client) => {
          const patient = await client.patient.read()
          const other = client.patient.id === 'a1' ? 'a2' : 'a1'
          const others = await client.request('Patient/' + other).then(() => 200, (error) => error.statusCode)
          show({
            patient: client.patient.id,
            family: patient.name[0].family,
            scope: client.state.tokenResponse.scope,
            others,
          })
        }).catch((error) => show({ error: String(error) }))`),
    },
  }
  const server = createServer((request, response) => {
    const found = pages[new URL(request.url ?? '', address).pathname]
    response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' })
    response.end(found?.body)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { address, server }
}
