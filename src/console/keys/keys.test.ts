/** Signing keys on the desk: seen by operators, moved by a touch for that very act. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { confirmAct, enrolOperator, ok, type Browser } from '../../../test/support/people.ts'
import { seatPractitioner } from '../../../test/support/seated.ts'
import { testServices, type TestServices } from '../../../test/support/services.ts'
import { createApp } from '../../app.ts'
import { findKeys } from '../../tokens/keys-store.ts'

let services: TestServices
let ada: Awaited<ReturnType<typeof enrolOperator>>
beforeAll(async () => {
  services = await testServices()
  ada = await enrolOperator(createApp(services), services)
})
afterAll(() => services.close())

const text = async (answer: Response | Promise<Response>) => (await answer).text()
const reason = () => services.lines.findLast(({ message }) => message === 'refused')?.fields['reason']
const currentKid = async (use = 'token', alg = 'ES256') =>
  (await findKeys(services.db)).find((key) => key.use === use && key.alg === alg && key.state === 'current')
    ?.kid ?? ''
const touchFor = async (browser: Browser, address: string) => {
  const [, act = ''] = /data-confirm-act="([^"]+)"/.exec(await text(browser.get(address))) ?? []
  return confirmAct(browser, ada.authenticator, act)
}

test('a practitioner neither sees nor moves a key', async () => {
  const claire = await seatPractitioner(services)
  const kid = await currentKid()
  for (const path of ['/console/keys', `/console/keys/${kid}/revoke`])
    expect((await claire.get(path)).status, path).toBe(403)
  for (const path of ['/console/keys/rotate', `/console/keys/${kid}/revoke`])
    expect((await claire.post(path, { typed: 'token ES256' })).status, path).toBe(403)
  expect(await currentKid()).toBe(kid)
})

test('each key is shown with its state and what comes next', async () => {
  const page = await text(ada.browser.get('/console/keys'))
  expect(page).toContain(await currentKid())
  expect(page).toContain('en service')
  expect(page).toContain('reste')
  expect(page).not.toMatch(/"d"|private/)
})

test('without a touch nothing is replaced and nothing revoked', async () => {
  const kid = await currentKid()
  expect((await ada.browser.form('/console/keys/rotate', {})).status).toBe(403)
  expect(reason()).toBe('fresh_passkey_required')
  expect((await ada.browser.form(`/console/keys/${kid}/revoke`, { typed: 'token ES256' })).status).toBe(403)
  const forRotation = await touchFor(ada.browser, '/console/keys')
  const other = { typed: 'token ES256', assertion: forRotation }
  expect((await ada.browser.form(`/console/keys/${kid}/revoke`, other)).status).toBe(400)
  expect(reason()).toBe('challenge_invalid')
  expect(await currentKid()).toBe(kid)
})

test('a touch replaces them all; what the old ones signed is still verified', async () => {
  const kid = await currentKid()
  const assertion = await touchFor(ada.browser, '/console/keys')
  await ok(await ada.browser.form('/console/keys/rotate', { assertion }), 303)
  expect(await currentKid()).not.toBe(kid)
  expect(services.keys.jwks('token').keys.map((key) => key.kid)).toContain(kid)
  expect(await text(ada.browser.get('/console/keys'))).toContain('conservée')
})

test('a key is revoked when what it signs was typed, here and in the key set at once', async () => {
  const kid = await currentKid()
  const address = `/console/keys/${kid}/revoke`
  const assertion = await touchFor(ada.browser, address)
  expect((await ada.browser.form(address, { typed: 'ES256', assertion })).status).toBe(400)
  await ok(await ada.browser.form(address, { typed: 'token ES256', assertion }), 303)
  expect(services.keys.jwks('token').keys.map((key) => key.kid)).not.toContain(kid)
  expect(await text(ada.browser.get('/console/keys'))).toContain('ce qu’elle a signé est refusé')
  const events = (await services.db.query.auditQueue.findMany()).map(({ event }) => event)
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'key.state',
      kid,
      state: 'revoked',
      actor: { kind: 'operator', id: ada.operator.id, via: 'console' },
    }),
  )
  expect((await ada.browser.get(address)).status).toBe(404)
})

test('the key that proves the log is not offered, and not revoked', async () => {
  const kid = await currentKid('checkpoint', 'EdDSA')
  expect(await text(ada.browser.get('/console/keys'))).not.toContain(`/console/keys/${kid}/revoke`)
  const sent = { typed: 'checkpoint EdDSA' }
  expect((await ada.browser.form(`/console/keys/${kid}/revoke`, sent)).status).toBe(409)
  expect((await ada.browser.get('/console/keys/../revoke')).status).toBe(404)
})

test('no other site moves a key', async () => {
  const foreign = await ada.browser.form('/console/keys/rotate', {}, { 'Sec-Fetch-Site': 'cross-site' })
  expect(foreign.status).toBe(403)
  expect(reason()).toBe('cross_site')
})
