/** One button, one touch: lifting and approving in a real browser, where the passkey confirms that very act. */

import type { AddressInfo } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import type { OperatorId, RestrictionId } from '../../src/core/ids.ts'
import { findApproval, requestLift } from '../../src/operators/approval-store.ts'
import { createOperator } from '../../src/people/operators.ts'
import { findRestriction } from '../../src/restrictions/listing-store.ts'
import { restrict } from '../../src/restrictions/store.ts'
import {
  addAuthenticator,
  launchChromium,
  type TestBrowser,
  type VirtualAuthenticator,
} from '../support/chromium.ts'
import { invite, newPerson } from '../support/people.ts'
import { testServices, type TestServices } from '../support/services.ts'

let services: TestServices
let server: ServerType
let chromium: TestBrowser
let issuer: string
let context: BrowserContext
let page: Page
let device: VirtualAuthenticator
let operator: OperatorId
const faults: string[] = []

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
  context = await chromium.browser.newContext({ locale: 'fr-FR' })
  page = await context.newPage()
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) faults.push(message.text())
  })
  device = await addAuthenticator(context, page)
  const fields = { name: 'Ada Renard', email: 'ada@garde.example', language: 'fr' } as const
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } } as const
  operator = (await createOperator(services, fields, head)).id
  const token = await invite(services, { kind: 'operator', id: operator })
  await page.goto(`${issuer}/signin/enrol#${token}`)
  await page.getByRole('button', { name: 'Créer ma clé d’accès' }).click()
  await page.waitForURL(`${issuer}/console`)
})
afterAll(async () => {
  await chromium.close()
  await new Promise((resolve) => server.close(resolve))
  await services.close()
})

async function cut(): Promise<RestrictionId> {
  const { id } = await newPerson(services)
  const made = await restrict(
    services,
    { kind: 'rule', rule: 'patients-24h' },
    { selector: { practitioner: id }, effect: { kind: 'deny' }, endsSessions: false, reason: 'seuil' },
  )
  return made.restriction.id
}

const stateOf = async (id: RestrictionId) =>
  (await findRestriction(services.db, id, services.clock.now()))?.state

const verifies = (isUserVerified: boolean) =>
  device.session.send('WebAuthn.setUserVerified', { authenticatorId: device.id, isUserVerified })

test('a restriction is lifted by one button and one touch, an hour after signing in', async () => {
  const id = await cut()
  services.clock.advance(3000)
  await page.goto(`${issuer}/console/restrictions/${id}`)
  await page.getByLabel('Motif').fill('Vérifié par téléphone.')
  await page.getByRole('button', { name: 'Lever maintenant' }).click()
  await page.getByText('La restriction est levée.').waitFor()
  expect(await stateOf(id)).toBe('lifted')
  expect(faults).toEqual([])
})

test('a person whom the passkey does not know lifts nothing, reads why, and may try again', async () => {
  const id = await cut()
  await page.goto(`${issuer}/console/restrictions/${id}`)
  await page.getByLabel('Motif').fill('Vérifié.')
  await verifies(false)
  await page.getByRole('button', { name: 'Lever maintenant' }).click()
  await page.getByText('la clé d’accès n’a pas répondu').waitFor()
  expect(await stateOf(id)).toBe('active')
  await verifies(true)
  await page.getByRole('button', { name: 'Lever maintenant' }).click()
  await page.getByText('La restriction est levée.').waitFor()
})

test('what a script asked for is approved by one touch, and says by whom', async () => {
  const restriction = await cut()
  const actor = { kind: 'operator', id: operator, via: 'token' } as const
  const head = { at: services.clock.now(), actor }
  const { id } = await requestLift(services, { restriction, reason: 'Tournée' }, head)
  await page.goto(`${issuer}/console/approvals/${id}`)
  await page.getByRole('button', { name: 'Approuver' }).click()
  await page.waitForURL(`${issuer}/console/restrictions/${restriction}`)
  expect(await findApproval(services.db, id, services.clock.now())).toMatchObject({
    outcome: 'approved',
    decidedBy: operator,
  })
  await page.goto(`${issuer}/console/approvals/${id}`)
  await page.getByText('Approuvée').waitFor()
  expect(faults).toEqual([])
})
