/** What an authorization request may ask of the person and about them: OpenID Connect Core §3.1.2.1 and §5.5, RFC 9470. */

import { decodeJwt, SignJWT, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  callback,
  oauthHouse,
  type Browser,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { PractitionerId } from '../core/ids.ts'
import { addMembership } from '../people/memberships.ts'
import { createPractitioner } from '../people/practitioners.ts'

let house: OauthHouse
let other: PractitionerId
beforeAll(async () => {
  house = await oauthHouse()
  const { services, head, practice } = house
  const bea = { givenName: 'Béa', familyName: 'Roy', email: 'bea@example.org', language: 'fr' } as const
  other = (await createPractitioner(services, bea, head())).id
  await addMembership(services, other, practice.id, { role: 'clinician', doctors: 1 }, head())
})
afterAll(() => house.close())

const idIn = (page = '') => /name="id" value="([\w-]+)"/.exec(page)?.[1] ?? ''
const errorOf = (left: URL | undefined) => left?.searchParams.get('error')

async function tokensAfter(browser: Browser, address: string) {
  const { left } = await browser.follow(address)
  const { body } = await house.exchange(left?.searchParams.get('code') ?? '')
  return body
}

describe('protocols 3: prompt=select_account', () => {
  test('a page says who is signed in, and lets them go on', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const { page } = await browser.follow(authorizeAddress({ prompt: 'select_account' }))
    expect(page).toContain('Avec quel compte ?')
    expect(page).toContain('Continuer en tant que Anne Martin')
    const form = { id: idIn(page), account: house.person.id }
    const { left } = await browser.follow('/oauth/resume', { form })
    expect(left?.searchParams.has('code')).toBe(true)
  })

  test('or sign in as somebody else, who is then not asked again', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const { page = '' } = await browser.follow(authorizeAddress({ prompt: 'select_account' }))
    const [, link = ''] = /href="(\/signin\?continue=[^"]+)"/.exec(page) ?? []
    const back = new URL(link, house.issuer).searchParams.get('continue') ?? ''
    await browser.signIn({ kind: 'practitioner', id: other })
    const body = await tokensAfter(browser, back)
    expect(decodeJwt(body.id_token ?? '').sub).toBe(other)
  })

  test('together with consent: the answer to the first question is carried to the second', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const first = await browser.follow(authorizeAddress({ prompt: 'select_account consent' }))
    const second = await browser.follow('/oauth/resume', {
      form: { id: idIn(first.page), account: house.person.id },
    })
    expect(second.page).toContain('Autoriser Dossier ?')
    expect(second.page).toContain(`name="account" value="${house.person.id}"`)
    const form = { id: idIn(second.page), account: house.person.id, consent: 'given' }
    expect((await browser.follow('/oauth/resume', { form })).left?.searchParams.has('code')).toBe(true)
  })
})

describe('protocols 3: id_token_hint', () => {
  const hintFor = async () => {
    const { body } = await house.exchange(await house.code())
    return body.id_token ?? ''
  }

  test('for whoever is signed in goes on, also long after it has expired', async () => {
    const id_token_hint = await hintFor()
    house.clock.advance(1800)
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const { left } = await browser.follow(authorizeAddress({ id_token_hint, prompt: 'none' }))
    expect(left?.searchParams.has('code')).toBe(true)
  })

  test('for another person is login_required where nobody may be asked, and else the sign-in page', async () => {
    const id_token_hint = await hintFor()
    const browser = house.browser()
    await browser.signIn({ kind: 'practitioner', id: other })
    house.clock.advance(1)
    const { left } = await browser.follow(authorizeAddress({ id_token_hint, prompt: 'none' }))
    expect(errorOf(left)).toBe('login_required')
    const asked = await browser.follow(authorizeAddress({ id_token_hint }))
    expect(asked.left?.pathname).toBe('/signin')
    house.clock.advance(1)
    await browser.signIn({ kind: 'practitioner', id: other })
    const again = await browser.follow(asked.left?.searchParams.get('continue') ?? '')
    expect(errorOf(again.left)).toBe('login_required')
    await browser.signIn()
    house.clock.advance(1)
    const rightly = await browser.follow(asked.left?.searchParams.get('continue') ?? '')
    expect(rightly.left?.searchParams.has('code')).toBe(true)
  })

  test('that is not ours, or of another client, is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const forged = await new SignJWT({ sub: house.person.id, sid: 'ses_x' })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuer(house.issuer)
      .setAudience('records-app')
      .sign(privateKey)
    const foreign = await house.services.keys.sign('token', 'JWT', {
      iss: house.issuer,
      sub: house.person.id,
      aud: 'other-app',
      sid: 'ses_x',
    })
    for (const id_token_hint of [forged, foreign, 'x']) {
      const { left } = await house.browser().follow(authorizeAddress({ id_token_hint }))
      expect(errorOf(left)).toBe('invalid_request')
      expect(house.reason()).toBe('malformed_request')
    }
  })
})

describe('protocols 3: acr_values and the claim acr', () => {
  const claims = (acr: unknown) => JSON.stringify({ id_token: { acr } })

  test('a lower session is asked for a fresh proof; what is voluntary then goes on as it is', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const { left } = await browser.follow(authorizeAddress({ acr_values: 'urn:x garde:passkey-hw' }))
    expect(left?.pathname).toBe('/signin/confirm')
    await browser.signIn()
    house.clock.advance(1)
    const body = await tokensAfter(browser, left?.searchParams.get('continue') ?? '')
    expect(decodeJwt(body.id_token ?? '')['acr']).toBe('garde:passkey')
  })

  test('values that are reached, or that nobody knows, cost nothing', async () => {
    const browser = house.browser()
    await browser.signIn()
    for (const acr_values of ['garde:passkey', 'garde:passkey-hw garde:secret-otp', '1 2', ''])
      expect((await browser.follow(authorizeAddress({ acr_values }))).left?.searchParams.has('code')).toBe(
        true,
      )
  })

  test('an essential one that is not reached is unmet_authentication_requirements', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const address = authorizeAddress({ claims: claims({ essential: true, value: 'garde:passkey-hw' }) })
    const { left } = await browser.follow(address)
    expect(left?.pathname).toBe('/signin/confirm')
    await browser.signIn()
    house.clock.advance(1)
    const unmet = await browser.follow(left?.searchParams.get('continue') ?? '')
    expect(errorOf(unmet.left)).toBe('unmet_authentication_requirements')
    expect(house.reason()).toBe('authentication_unmet')
  })

  test('an essential one that is reached is stated', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(1)
    const values = ['garde:passkey', 'garde:passkey-hw']
    const body = await tokensAfter(browser, authorizeAddress({ claims: claims({ essential: true, values }) }))
    expect(decodeJwt(body.id_token ?? '')['acr']).toBe('garde:passkey')
  })
})

describe('protocols 3: claims', () => {
  const bearer = { authorization: '' }
  const userinfo = async (token = '') =>
    (await fetch(`${house.issuer}/oauth/userinfo`, {
      headers: { ...bearer, authorization: `Bearer ${token}` },
    }).then((answer) => answer.json())) as Record<string, unknown>

  test('asked for by name are in their place, and only there', async () => {
    const browser = house.browser()
    await browser.signIn()
    const claims = JSON.stringify({
      id_token: { given_name: { essential: true }, birthdate: null, auth_time: { essential: true } },
      userinfo: { name: null, 'https://x.example/unknown': { value: 3 } },
      other: { name: null },
    })
    const body = await tokensAfter(browser, authorizeAddress({ claims }))
    const idToken = decodeJwt(body.id_token ?? '')
    expect(idToken).toMatchObject({ given_name: 'Anne' })
    expect(idToken).not.toHaveProperty('name')
    expect(await userinfo(body.access_token)).toEqual({ sub: house.person.id, name: 'Anne Martin' })
    const { body: refreshed } = await house.refresh(body.refresh_token)
    expect(decodeJwt(refreshed.id_token ?? '')).toMatchObject({ given_name: 'Anne' })
  })

  test('of a scope that the client is not registered for are not given', async () => {
    const input = { id: 'narrow-app', name: 'Agenda', profile: 'smart-public', firstParty: true }
    const rest = { redirectUris: [callback], scopes: ['openid'], resources: [audience] }
    await saveClient(house.services, house.head(), parseClient({ ...input, ...rest }))
    const browser = house.browser()
    await browser.signIn()
    const claims = JSON.stringify({ id_token: { name: { essential: true } } })
    const { left } = await browser.follow(
      authorizeAddress({ client_id: 'narrow-app', scope: 'openid', claims }),
    )
    const code = left?.searchParams.get('code') ?? ''
    const { body } = await house.exchange(code, { client_id: 'narrow-app' })
    expect(decodeJwt(body.id_token ?? '')).not.toHaveProperty('name')
  })

  test('are consented to like the scope that gives them', async () => {
    const input = { id: 'asking-app', name: 'Agenda', profile: 'smart-public' }
    const rest = { redirectUris: [callback], scopes: ['openid', 'profile'], resources: [audience] }
    await saveClient(house.services, house.head(), parseClient({ ...input, ...rest }))
    const browser = house.browser()
    await browser.signIn()
    const asking = { client_id: 'asking-app', scope: 'openid' }
    const first = await browser.follow(authorizeAddress(asking))
    await browser.follow('/oauth/resume', { form: { id: idIn(first.page), consent: 'given' } })
    const claims = JSON.stringify({ userinfo: { name: null } })
    const wider = authorizeAddress({ ...asking, claims })
    const { page } = await browser.follow(wider)
    expect(page).toContain('voir votre nom et votre langue')
    await browser.follow('/oauth/resume', { form: { id: idIn(page), consent: 'given' } })
    expect((await browser.follow(wider)).left?.searchParams.has('code')).toBe(true)
  })

  test('a sub that is not of whoever is signed in', async () => {
    const browser = house.browser()
    await browser.signIn()
    const claims = JSON.stringify({ id_token: { sub: { value: other } } })
    const { left } = await browser.follow(authorizeAddress({ claims, prompt: 'none' }))
    expect(errorOf(left)).toBe('login_required')
  })

  test.each([
    'x',
    '[]',
    '{"id_token":3}',
    '{"id_token":{"name":"x"}}',
    '{"id_token":{"sub":{"values":["a","b"]}}}',
  ])('%s is refused', async (claims) => {
    const { left } = await house.browser().follow(authorizeAddress({ claims }))
    expect(errorOf(left)).toBe('invalid_request')
  })
})

describe('protocols 3: what makes the sign-in easier', () => {
  test('login_hint is in the form, whoever it names', async () => {
    for (const login_hint of ['anne@example.org', 'nobody@example.org']) {
      const { left } = await house.browser().follow(authorizeAddress({ login_hint }))
      const page = await house.browser().open(left?.href ?? '')
      expect(await page.text()).toContain(`value="${login_hint}"`)
    }
  })

  test('ui_locales says the language, and what the person has chosen says more', async () => {
    const browser = house.browser()
    await browser.signIn()
    const address = authorizeAddress({ ui_locales: 'de en-GB', prompt: 'consent' })
    expect((await browser.follow(address)).page).toContain('Allow Dossier?')
    browser.cookies.set('garde-language', 'fr')
    expect((await browser.follow(address)).page).toContain('Autoriser Dossier')
  })

  test('a display is accepted, known or not', async () => {
    const browser = house.browser()
    await browser.signIn()
    for (const display of ['popup', 'wap'])
      expect((await browser.follow(authorizeAddress({ display }))).left?.searchParams.has('code')).toBe(true)
  })
})

test('a client may say how old a sign-in its people may have', async () => {
  const input = { id: 'strict-app', name: 'Agenda', profile: 'smart-public', firstParty: true }
  const rest = { redirectUris: [callback], scopes: ['openid'], resources: [audience] }
  const options = { defaultMaxAge: 60 }
  await saveClient(house.services, house.head(), parseClient({ ...input, ...rest, options }))
  const browser = house.browser()
  await browser.signIn()
  const strict = { client_id: 'strict-app', scope: 'openid' }
  expect((await browser.follow(authorizeAddress(strict))).left?.searchParams.has('code')).toBe(true)
  house.clock.advance(61)
  expect((await browser.follow(authorizeAddress(strict))).left?.pathname).toBe('/signin/confirm')
  const longer = authorizeAddress({ ...strict, max_age: '3600' })
  expect((await browser.follow(longer)).left?.searchParams.has('code')).toBe(true)
  expect(() => parseClient({ ...input, ...rest, options: { defaultMaxAge: -1 } })).toThrow(
    'malformed_request',
  )
})

describe('protocols 3: state comes back byte for byte, and what is refused leaves nothing', () => {
  test.each(['&=%25+ é 🩺 %', 'x'.repeat(1000), 'é'.repeat(1000), '%00%', 'a=b&state=c', '  '])(
    'state %#, also after a question',
    async (state) => {
      const browser = house.browser()
      await browser.signIn()
      const direct = await browser.follow(authorizeAddress({ state, nonce: state }))
      expect(direct.left?.searchParams.get('state')).toBe(state)
      const { body } = await house.exchange(direct.left?.searchParams.get('code') ?? '')
      expect(decodeJwt(body.id_token ?? '')['nonce']).toBe(state)
      const { page } = await browser.follow(authorizeAddress({ state, prompt: 'consent' }))
      const form = { id: idIn(page), consent: 'denied' }
      const { left } = await browser.follow('/oauth/resume', { form })
      expect(left?.searchParams.get('state')).toBe(state)
    },
  )

  test('more than a browser can keep waiting is said to be too large', async () => {
    const { left } = await house.browser().follow(authorizeAddress({ nonce: 'é'.repeat(2600) }))
    expect(errorOf(left)).toBe('invalid_request')
    expect(house.reason()).toBe('too_large')
  })
})

test('refreshing never raises anything; only the grant made anew rises', async () => {
  const browser = house.browser()
  const begun = await browser.signIn()
  const low = await tokensAfter(browser, authorizeAddress())
  house.clock.advance(120)
  const { left } = await browser.follow(authorizeAddress({ max_age: '60', acr_values: 'garde:passkey' }))
  house.clock.advance(5)
  const session = await browser.signIn()
  const risen = await tokensAfter(browser, left?.searchParams.get('continue') ?? '')
  const proven = (body: { access_token?: string } = {}) => {
    const { acr, auth_time: at } = decodeJwt(body.access_token ?? '')
    return { acr, at }
  }
  expect(proven(risen)).toEqual({ acr: 'garde:passkey', at: session.authTime })
  let refreshed = low
  for (let turn = 0; turn < 3; turn++) {
    house.clock.advance(10)
    refreshed = (await house.refresh(refreshed.refresh_token)).body
    expect(proven(refreshed)).toEqual({ acr: 'garde:passkey', at: begun.authTime })
  }
})
