import type { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Env } from '../../src/web.ts'
import { enrolPractitioner, ok, signIn } from '../support/people.ts'
import { testServices, type TestServices } from '../support/services.ts'

let services: TestServices
let app: Hono<Env>
beforeAll(async () => {
  services = await testServices()
  app = createApp(services)
})
afterAll(() => services.close())

const session = '__Host-garde-session'

test('from an invitation to a passkey to a session, and back in with the passkey', async () => {
  const { browser, authenticator } = await enrolPractitioner(app, services)
  const first = browser.cookies.get(session)
  expect(first).toMatch(/^[\w-]{43}$/)
  await ok(await browser.form('/signin/out', {}), 303)
  expect(browser.cookies.has(session)).toBe(false)
  expect(await signIn(browser, authenticator)).toBe('/account')
  expect(browser.cookies.get(session)).not.toBe(first)
})
