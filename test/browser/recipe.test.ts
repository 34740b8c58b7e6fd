/** The configuration for fhirclient in a real Chromium: bundled as an app would be, it signs in and reads a record. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseClient } from '../../src/clients/client.ts'
import { offers } from '../../src/clients/recipes/targets.ts'
import { saveClient } from '../../src/clients/store.ts'
import { paths } from '../../src/oauth/accepted.ts'
import { addAuthenticator, launchChromium, type TestBrowser } from '../support/chromium.ts'
import { audienceOf, twoPatients, world, type World } from '../support/world.ts'

let here: World
let chromium: TestBrowser
let page: Page
let app: { address: string; server: Server }

beforeAll(async () => {
  here = await world()
  const [lilas, tilleuls] = [await here.practice('Lilas'), await here.practice('Tilleuls')]
  here.records.load(twoPatients(lilas, tilleuls) as never)
  app = await serveApp()
  const { link } = await here.invited(lilas)
  chromium = await launchChromium()
  const context = await chromium.browser.newContext({ locale: 'en-GB' })
  page = await context.newPage()
  await addAuthenticator(context, page)
  await page.goto(link)
  await page.locator('form button').first().click()
  await page.locator('form[data-passkey="create"] button').click()
  await page.waitForURL(`${here.issuer}/account*`)
})
afterAll(async () => {
  await chromium.close()
  app.server.close()
  await here.close()
})

/** Two pages, as the configuration says: one that begins, and one that is come back to. */
async function serveApp() {
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const script = scripts.get(path)
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    response.end(
      script ?? `<!doctype html><title>app</title><script type="module" src="${path}.js"></script>`,
    )
  })
  const scripts = new Map<string, string>()
  server.listen(0, 'localhost')
  await once(server, 'listening')
  const address = `http://localhost:${(server.address() as AddressInfo).port}`
  const recipe = await recipeFor(`${address}/back`)
  scripts.set('/launch.js', await bundled(`${recipe}\nvoid signIn()`))
  scripts.set(
    '/back.js',
    await bundled(`${recipe}
comeBack()
  .then(async (smart) => {
    const patient = await smart.request('Patient/a1')
    document.title = 'read ' + patient.name[0].family
  })
  .catch((error) => { document.title = 'failed ' + error.message })`),
  )
  return { address, server }
}

async function recipeFor(redirectUri: string): Promise<string> {
  const { services, issuer, clock } = here
  const { client } = await saveClient(
    services,
    { at: clock.now(), actor: { kind: 'system', id: 'test' } },
    parseClient({
      id: 'smart-app',
      name: 'SMART',
      profile: 'smart-public',
      firstParty: true,
      redirectUris: [redirectUri],
      scopes: ['openid', 'fhirUser', 'user/*.rs'],
      resources: [audienceOf(issuer)],
    }),
  )
  const server = { issuer, endpoints: paths, resources: services.resources.all() }
  const offered = offers(client, server).find(({ name }) => name === 'fhirclient')
  return offered && 'text' in offered ? offered.text : ''
}

async function bundled(contents: string): Promise<string> {
  const made = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: 'browser',
    // As its own build for browsers of today: nothing is polyfilled.
    define: { FHIRCLIENT_PURE: 'true' },
    format: 'esm',
    logLevel: 'silent',
  })
  return made.outputFiles[0]?.text ?? ''
}

test('fhirclient finds the endpoints, signs in and reads a record of the practice', async () => {
  await page.goto(`${app.address}/launch`)
  await page.waitForFunction('/^(read|failed)/.test(document.title)')
  expect(await page.title()).toBe('read Durand')
})
