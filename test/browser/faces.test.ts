/**
 * Every screen in a real Chromium, as `app.ts` serves it: nothing breaks the content policy, nothing overflows a narrow
 * screen, every control has a name and can be hit. `GARDE_FACES` names a folder that then receives a picture of each.
 */

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve, type ServerType } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Language } from '../../src/core/language.ts'
import { launchChromium, type TestBrowser } from '../support/chromium.ts'
import { faces } from '../support/faces.ts'
import { testServices, type TestServices } from '../support/services.ts'

let services: TestServices
let server: ServerType
let browser: TestBrowser
let origin: string

beforeAll(async () => {
  services = await testServices()
  const app = createApp(services)
  app.get('/faces/:language/:name', async (c) => {
    const draw = faces(c.req.param('language') as Language)[c.req.param('name')]
    return draw ? c.html(draw()) : c.notFound()
  })
  app.get('/faces/stream', (c) => c.body(': nothing yet\n\n', 200, { 'Content-Type': 'text/event-stream' }))
  server = serve({
    fetch: (request) => app.fetch(request, { remote: '127.0.0.1' }),
    port: 0,
    hostname: '127.0.0.1',
  })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await new Promise((resolve) => server.close(resolve))
  await services.close()
})

/** Runs in the page: what an accessibility checker would say first. */
const inspect = `${readFileSync(new URL('inspect.js', import.meta.url), 'utf8').replace('export ', '')}; inspect()`
const screens = Object.keys(faces('fr'))
const folder = process.env['GARDE_FACES']

async function open(context: BrowserContext, language: string, name: string) {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(`${origin}/faces/${language}/${name}`, { waitUntil: 'load' })
  return { page, complaints }
}

async function picture(page: Page, name: string): Promise<void> {
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

const settings = [
  { language: 'fr', width: 1280, scheme: 'light' },
  { language: 'en', width: 1280, scheme: 'dark' },
  { language: 'fr', width: 360, scheme: 'light' },
  { language: 'en', width: 320, scheme: 'dark' },
] as const

test.each(settings)(
  'all screens hold at $width px, $scheme, in $language',
  async ({ language, width, scheme }) => {
    const context = await browser.browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: scheme,
    })
    const faults: string[] = []
    for (const name of screens) {
      const { page, complaints } = await open(context, language, name)
      const found = await page.evaluate<string[]>(inspect)
      faults.push(...[...complaints, ...found].map((fault) => `${name}: ${fault}`))
      await picture(page, `${name}-${width}-${scheme}-${language}`)
      await page.close()
    }
    await context.close()
    expect(faults).toEqual([])
  },
)
