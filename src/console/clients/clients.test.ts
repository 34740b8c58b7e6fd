/** Applications on the desk, through the front door. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { seatOperator, seatPractitioner, type Seat } from '../../../test/support/seated.ts'
import { testServices, type TestServices } from '../../../test/support/services.ts'
import { parseClient } from '../../clients/client.ts'
import { disableClient, saveClient } from '../../clients/store.ts'
import type { ClientId } from '../../core/ids.ts'
import { saveResource } from '../../resources/store.ts'

let services: TestServices
let ada: Seat
beforeAll(async () => {
  services = await testServices()
  ada = await seatOperator(services)
  await saveResource(services, head(), {
    kind: 'fhir',
    name: 'records',
    audience: 'https://records.example/fhir',
    base: '/records',
    upstream: 'http://127.0.0.1:9',
  })
})
afterAll(() => services.close())

const head = () => ({ at: services.clock.now(), actor: { kind: 'system', id: 'test' } as const })
const text = async (answer: Response | Promise<Response>) => (await answer).text()
const register = (id: string, more: Record<string, unknown> = {}) =>
  saveClient(
    services,
    head(),
    parseClient({
      id,
      name: 'Dossiers',
      profile: 'web-confidential',
      redirectUris: ['https://app.example/oauth2/callback'],
      scopes: ['openid', 'user/*.rs'],
      resources: ['https://records.example/fhir'],
      ...more,
    }),
  )

test('nobody but an operator sees an application', async () => {
  await register('hidden')
  const claire = await seatPractitioner(services)
  for (const path of ['/console/clients', '/console/clients/hidden'])
    expect((await claire.get(path)).status, path).toBe(403)
})

test('all of them are listed, those disabled too', async () => {
  await register('listed', { name: 'Agenda du cabinet' })
  await register('gone', { name: 'Ancien logiciel' })
  await disableClient(services, head(), 'gone' as ClientId)
  const page = await text(ada.get('/console/clients'))
  expect(page).toContain('Agenda du cabinet')
  expect(page).toContain('Ancien logiciel')
  expect(page).toContain('désactivée')
})

test('one says what it may do, its addresses and the configuration of a program with the real values', async () => {
  const { secret = '' } = await register('shown', { options: { pushedRequestsOnly: false } })
  const page = await text(ada.get('/console/clients/shown'))
  expect(page).toContain('https://app.example/oauth2/callback')
  expect(page).toContain('Obtenir l’accord de la personne')
  expect(page).toContain('client_id = &quot;shown&quot;')
  expect(page).toContain(`oidc_issuer_url = &quot;${services.config.issuer}&quot;`)
  expect(page).not.toContain(secret)
})

test('an application that nobody registered is not there', async () => {
  expect((await ada.get('/console/clients/nobody')).status).toBe(404)
})

test('what an application calls itself, and where it returns, is text on every page', async () => {
  const script = `"><script>alert(1)</script>`
  await register('hostile', {
    name: script,
    redirectUris: [`https://app.example/'onload=alert(1)/callback/garde`],
  })
  for (const path of ['/console/clients', '/console/clients/hostile']) {
    const page = await text(ada.get(path))
    expect(page, path).toContain('&lt;script&gt;alert(1)')
    expect(page, path).not.toContain('<script>alert')
    expect(page, path).not.toContain(`'onload`)
  }
})
