/**
 * protocols 2: every step also without JavaScript where no passkey is needed. A user agent of cookies, links and forms; the
 * application is openid-client.
 */

import * as oidc from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { audience, callback, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { invite } from '../../test/support/people.ts'
import { simpleAgent } from '../../test/support/simple-agent.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import { addMembership } from '../people/memberships.ts'
import { createPractice } from '../people/practices.ts'
import { totpCode, totpStep } from '../people/totp.ts'

const secret = 'quatre lièvres roux'
let house: OauthHouse
let key: string
let agent: ReturnType<typeof simpleAgent>
let app: oidc.Configuration

beforeAll(async () => {
  house = await oauthHouse()
  const { services, head, person } = house
  const port = await createPractice(
    services,
    { name: 'MSP du Port', recordsName: 'port', secretSignIn: true },
    head(),
  )
  await addMembership(services, person.id, port.id, { role: 'clinician', doctors: 1 }, head())
  await saveClient(
    services,
    head(),
    parseClient({
      id: 'agenda',
      name: 'Agenda',
      profile: 'smart-public',
      redirectUris: [callback],
      scopes: ['openid', 'user/Appointment.rs'],
      resources: [audience],
    }),
  )
  app = await oidc.discovery(new URL(house.issuer), 'agenda', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
  // The invitation needs no script either.
  const first = simpleAgent(house.issuer)
  await first.open('/signin/enrol')
  await first.press('Ouvrir l’invitation', {
    link: await invite(services, { kind: 'practitioner', id: person.id }),
  })
  const { page } = await first.link('Choisir un mot de passe et un code')
  key = /<code>([A-Z2-7 ]+)<\/code>/.exec(page)?.[1]?.replaceAll(' ', '') ?? ''
  const done = await first.press('Enregistrer et se connecter', { secret, code: code() })
  expect(done.url.pathname).toBe('/account')
})
afterAll(() => house.close())
beforeEach(() => {
  // A code is taken once.
  house.clock.advance(30)
  agent = simpleAgent(house.issuer)
})

const code = () => totpCode(key, totpStep(house.clock.now()))
const right = () => ({ email: 'anne@example.org', secret, code: code() })

/** What the application sends the browser to, and what it makes of the answer. */
async function request(parameters: Record<string, string> = {}) {
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const address = oidc.buildAuthorizationUrl(app, {
    redirect_uri: callback,
    scope: 'openid user/Appointment.rs',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...parameters,
  })
  const finish = (url: URL) =>
    oidc.authorizationCodeGrant(app, url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      idTokenExpected: true,
    })
  return { address: address.href, finish }
}

test('sign-in, choice of the practice and consent, to the tokens', async () => {
  const { address, finish } = await request()
  const asked = await agent.open(address)
  expect(asked.url.pathname).toBe('/signin')
  const way = await agent.link('Continuer avec un mot de passe et un code')
  expect(way.page).toContain('<details class="card fold" data-other-way open>')
  const question = await agent.press('Se connecter', right())
  expect(question.page).toContain('Autoriser Agenda')
  const { url } = await agent.press('Autoriser', {}, 'MSP du Port')
  expect(`${url.origin}${url.pathname}`).toBe(callback)
  const tokens = await finish(url)
  expect(tokens.claims()).toMatchObject({
    sub: house.person.id,
    acr: 'garde:secret-otp',
    amr: ['pwd', 'otp', 'mfa'],
  })

  // Once consented, only the practice is asked for.
  const again = await request()
  expect((await agent.open(again.address)).page).not.toContain('Autoriser Agenda')
  const back = await agent.press('Continuer', {}, 'MSP du Port')
  expect((await again.finish(back.url)).claims()?.sub).toBe(house.person.id)
})

test('whoever refuses goes back with access_denied', async () => {
  const { address, finish } = await request({ prompt: 'consent' })
  await agent.open(address)
  await agent.press('Se connecter', right())
  const { url } = await agent.press('Refuser')
  await expect(finish(url)).rejects.toMatchObject({ error: 'access_denied' })
})

test('prompt=login asks again, and the answer says when', async () => {
  await agent.open('/signin')
  await agent.press('Se connecter', right())
  house.clock.advance(60)
  const { address, finish } = await request({ prompt: 'login' })
  const asked = await agent.open(address)
  expect(asked.url.pathname).toBe('/signin')
  await agent.press('Se connecter', right())
  const { url } = await agent.press('Continuer', {}, 'MSP du Port')
  expect((await finish(url)).claims()?.['auth_time']).toBe(house.clock.now())
})

describe('what goes wrong is said on the page', () => {
  test('a wrong code: the form stands open, the address is kept, nothing secret comes back', async () => {
    const { address } = await request()
    await agent.open(address)
    const wrong = await agent.press('Se connecter', { ...right(), code: '000000' })
    expect(wrong.status).toBe(400)
    expect(wrong.page).toContain('role="alert"')
    expect(wrong.page).toContain('value="anne@example.org"')
    expect(wrong.page).not.toContain(secret)
    const on = await agent.press('Se connecter', right())
    expect(on.page).toContain('MSP du Port')
  })

  test('a return address that is not registered: a page with a code for support, and no way there', async () => {
    const { address } = await request({ redirect_uri: 'https://evil.example/cb' })
    const { status, page, url } = await agent.open(address)
    expect([status, url.origin]).toEqual([400, house.issuer])
    expect(page).toContain('Code pour l’assistance')
  })

  test('a request that has waited too long', async () => {
    const { address } = await request()
    await agent.open(address)
    house.clock.advance(3600)
    const { page } = await agent.press('Se connecter', right())
    expect(page).toContain('Cette demande de connexion a expiré')
  })
})

test('a form that another site has this browser send is refused, and so is one that says nothing', async () => {
  const fields = new URLSearchParams(right()).toString()
  const post = (headers: Record<string, string>) =>
    fetch(`${house.issuer}/signin/secret`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: fields,
    })
  for (const headers of [
    {},
    { referer: 'https://evil.example/signin' },
    { referer: `${house.issuer}.evil.example/` },
    { referer: 'nonsense' },
    { origin: 'null', referer: `${house.issuer}/signin` },
    { origin: 'https://evil.example', referer: `${house.issuer}/signin` },
    { 'sec-fetch-site': 'cross-site', referer: `${house.issuer}/signin` },
  ] as Record<string, string>[]) {
    expect((await post(headers)).status).toBe(403)
    expect(house.reason()).toBe('cross_site')
  }
  expect((await post({ referer: `${house.issuer}/signin` })).status).toBe(303)
})
