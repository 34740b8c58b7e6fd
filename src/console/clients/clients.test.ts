/** Applications on the desk, through the front door. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { confirmAct, enrolOperator, ok } from '../../../test/support/people.ts'
import { seatOperator, seatPractitioner, type Seat } from '../../../test/support/seated.ts'
import { testServices, type TestServices } from '../../../test/support/services.ts'
import { sequenceOnce } from '../../audit/sequencer.ts'
import { createApp } from '../../app.ts'
import { parseClient } from '../../clients/client.ts'
import { disableClient, findClient, saveClient } from '../../clients/store.ts'
import type { ClientId } from '../../core/ids.ts'
import { hashSecret } from '../../core/secret.ts'
import { createPractice } from '../../people/practices.ts'
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

test('a service is shown with its practice and keys, and only the programs that act for nobody', async () => {
  const practice = await createPractice(
    services,
    { name: 'Cabinet des Lilas', recordsName: 'lilas', secretSignIn: true },
    head(),
  )
  const key = { kid: 'archive-1', kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }
  await register('archive', {
    profile: 'backend',
    redirectUris: [],
    scopes: ['system/Patient.rs'],
    practice: practice.id,
    options: { jwks: { keys: [key] } },
  })
  const page = await text(ada.get('/console/clients/archive'))
  expect(page).toContain('sur les dossiers du cabinet Cabinet des Lilas')
  expect(page).toContain('archive-1')
  expect(page).toContain('clientCredentialsGrant')
  expect(page).toContain('Ce programme connecte des personnes')
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

describe('acts', () => {
  const fields = {
    name: 'Agenda',
    profile: 'web-confidential',
    redirectUris: 'https://agenda.example/retour\r\n',
    scopes: 'openid user/*.rs',
    resources: 'https://records.example/fhir',
  }
  const reason = () => services.lines.findLast(({ message }) => message === 'refused')?.fields['reason']

  test('a new application is registered, and its secret is shown once', async () => {
    const answer = await ada.post('/console/register', { ...fields, id: 'agenda' })
    const page = await answer.text()
    expect(page).toContain('Son secret, à transmettre maintenant')
    const [, secret = ''] = /<code>([\w-]{43})<\/code>/.exec(page) ?? []
    const saved = await findClient(services.db, 'agenda' as ClientId)
    expect(saved).toMatchObject({
      redirectUris: ['https://agenda.example/retour'],
      secretHash: hashSecret(services.primitives, secret),
    })
    expect(await text(ada.get('/console/clients/agenda'))).not.toContain(secret)
    expect((await ada.post('/console/register', { ...fields, id: 'agenda' })).status).toBe(409)
  })

  test('what is wrong stands at its field, and what was typed stays', async () => {
    const answer = await ada.post('/console/register', {
      ...fields,
      redirectUris: 'http://agenda.example/retour',
      name: 'Agenda du cabinet',
    })
    expect(answer.status).toBe(400)
    const page = await answer.text()
    expect(page).toContain('must use https, or http on loopback')
    expect(page).toContain('value="Agenda du cabinet"')
  })

  test('narrowing is done at once', async () => {
    await register('narrowed')
    await ok(
      await ada.post('/console/clients/narrowed/edit', {
        ...fields,
        name: 'Dossiers',
        redirectUris: 'https://app.example/oauth2/callback',
        scopes: 'openid',
        dpopRequired: 'yes',
      }),
      303,
    )
    expect(await findClient(services.db, 'narrowed' as ClientId)).toMatchObject({
      scopes: ['openid'],
      options: { dpopRequired: true },
    })
  })

  test('what the form does not show stays as it was', async () => {
    await register('kept', {
      authentication: ['client_secret_post'],
      options: { introspects: ['https://records.example/fhir'] },
    })
    await ok(
      await ada.post('/console/clients/kept/edit', {
        ...fields,
        name: 'Dossiers',
        redirectUris: 'https://app.example/oauth2/callback',
        scopes: 'openid',
      }),
      303,
    )
    expect(await findClient(services.db, 'kept' as ClientId)).toMatchObject({
      scopes: ['openid'],
      authentication: ['client_secret_post'],
      options: { introspects: ['https://records.example/fhir'] },
    })
  })

  test('an operator’s session without a touch widens nothing and makes no secret', async () => {
    await register('guarded')
    const before = await findClient(services.db, 'guarded' as ClientId)
    const wider = await ada.post('/console/clients/guarded/edit', {
      ...fields,
      name: 'Dossiers',
      redirectUris: 'https://app.example/oauth2/callback\nhttps://evil.example/steal',
    })
    const renewed = await ada.post('/console/clients/guarded/secret')
    for (const answer of [wider, renewed]) {
      const waits = (await ok(answer, 303)).headers.get('location') ?? ''
      expect(waits).toMatch(/^\/console\/approvals\/apr_/)
      expect(await text(ada.get(waits))).toContain('Rien ne change sans votre clé d’accès.')
      expect((await ada.post(`${waits}/approve`)).status).toBe(403)
      expect(reason()).toBe('fresh_passkey_required')
    }
    expect(await findClient(services.db, 'guarded' as ClientId)).toEqual(before)
  })

  test('a touch for exactly what changes widens, and a new secret is shown once', async () => {
    await register('widened')
    const app = createApp(services)
    const { browser, authenticator } = await enrolOperator(app, services)
    const waits = (await ok(await browser.form('/console/clients/widened/secret', {}), 303)).headers.get(
      'location',
    )
    const page = await text(browser.get(waits ?? ''))
    expect(page).toContain('client.renewSecret')
    const [, act = ''] = /data-confirm-act="([^"]+)"/.exec(page) ?? []
    const assertion = await confirmAct(browser, authenticator, act)
    const done = await text(browser.form(`${waits}/approve`, { assertion }))
    const [, secret = ''] = /<code>([\w-]{43})<\/code>/.exec(done) ?? []
    expect(await findClient(services.db, 'widened' as ClientId)).toMatchObject({
      secretHash: hashSecret(services.primitives, secret),
    })
    expect(await text(browser.get(waits ?? ''))).not.toContain(secret)
  })

  test('one is disabled when its identifier was typed, and nothing of it is changed afterwards', async () => {
    await register('ending')
    expect((await ada.post('/console/clients/ending/disable', { typed: 'endin' })).status).toBe(400)
    expect(await findClient(services.db, 'ending' as ClientId)).toBeDefined()
    await ok(await ada.post('/console/clients/ending/disable', { typed: 'ending' }), 303)
    expect(await findClient(services.db, 'ending' as ClientId)).toBeUndefined()
    expect((await ada.get('/console/clients/ending/edit')).status).toBe(404)
    expect((await ada.post('/console/clients/ending/secret')).status).toBe(404)
  })

  test.each([
    '/console/register',
    '/console/clients/listed/edit',
    '/console/clients/listed/disable',
    '/console/check',
  ])('no other site posts to %s, and nobody but an operator', async (path) => {
    const foreign = await createApp(services).request(
      `${services.config.issuer}${path}`,
      {
        method: 'POST',
        headers: {
          cookie: ada.cookie,
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'cross-site',
        },
        body: 'typed=listed&address=x',
      },
      { remote: '192.0.2.7' },
    )
    expect(foreign.status).toBe(403)
    expect(reason()).toBe('cross_site')
    const claire = await seatPractitioner(services)
    expect((await claire.post(path, { address: 'https://x.example/' })).status).toBe(403)
    expect(reason()).toBe('operator_required')
  })
})

describe('the checker', () => {
  test('says why, in words, and repeats no secret', async () => {
    await register('checked')
    const address = `${services.config.issuer}/oauth/authorize?client_id=checked&redirect_uri=${encodeURIComponent('https://app.example/oauth2/Callback')}&response_type=code&scope=openid&client_secret=s3cret-value&state=%3Cscript%3E`
    const page = await text(ada.post('/console/check', { address }))
    expect(page).toContain('L’adresse de retour diffère au caractère 28. Des majuscules et des minuscules.')
    expect(page).toContain('code_challenge manque')
    expect(page).toContain('<mark>C</mark>')
    expect(page).not.toContain('s3cret-value')
    expect(JSON.stringify(services.lines)).not.toContain('s3cret-value')
  })

  test('shows a hostile address as text, leads nowhere and asks nobody', async () => {
    const asked: unknown[] = []
    const outbound = { call: async (call: unknown) => (asked.push(call), Promise.reject(new Error('asked'))) }
    const app = createApp({ ...services, outbound })
    const answer = await app.request(
      `${services.config.issuer}/console/check`,
      {
        method: 'POST',
        headers: {
          cookie: ada.cookie,
          accept: 'text/html',
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({
          address: `http://169.254.169.254/oauth/authorize?client_id="><script>alert(1)</script>&redirect_uri=javascript:alert(1)`,
        }).toString(),
      },
      { remote: '192.0.2.7' },
    )
    const page = await answer.text()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('location')).toBeNull()
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('href="http://169')
    expect(asked).toEqual([])
  })
})

test('the code of an error page leads to what was refused, to whom and at which application', async () => {
  await register('coded', { redirectUris: ['https://coded.example/cb'] })
  const claire = await seatPractitioner(services)
  const address = `/oauth/authorize?client_id=coded&redirect_uri=${encodeURIComponent('https://coded.example/wrong')}`
  const [, shown = ''] = /<code>([0-9A-Z]{4}-[0-9A-Z]{4})<\/code>/.exec(await text(claire.get(address))) ?? []
  await sequenceOnce(services)
  for (const typed of [shown, shown.toLowerCase().replace('-', ' ').replaceAll('0', 'o')]) {
    const page = await text(ada.post('/console/check/code', { code: typed }))
    expect(page, typed).toContain('redirect_uri_mismatch')
    expect(page).toContain('Claire Martin')
    expect(page).toContain('/console/clients/coded')
  }
  expect(await text(ada.get('/console/clients/coded'))).toContain('redirect_uri_mismatch')
  expect(await text(ada.post('/console/check/code', { code: 'AAAA-AAAA' }))).toContain(
    'n’a rien sous ce code',
  )
  expect((await ada.post('/console/check/code', { code: 'x%_' })).status).toBe(400)
})
