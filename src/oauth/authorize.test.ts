import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  callback,
  oauthHouse,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { disableClient, saveClient } from '../clients/store.ts'
import type { Reason } from '../core/refusal.ts'
import { addMembership, endMembership } from '../people/memberships.ts'
import { createOperator } from '../people/operators.ts'
import { createPractice } from '../people/practices.ts'
import { lift, restrict } from '../restrictions/store.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

const app = {
  id: 'other-app',
  name: 'Agenda',
  profile: 'smart-public',
  redirectUris: [callback],
  scopes: ['openid', 'user/Appointment.rs'],
  resources: [audience],
}

describe('before the return address is proven, an error is a page', () => {
  test.each<[string, Changes, Reason]>([
    ['an unknown client', { client_id: 'nobody' }, 'client_unknown'],
    ['no client', { client_id: undefined }, 'malformed_id'],
    ['an address of somebody else', { redirect_uri: 'https://evil.example/cb' }, 'redirect_uri_mismatch'],
    ['another path', { redirect_uri: `${callback}/x` }, 'redirect_uri_mismatch'],
    ['no address', { redirect_uri: undefined }, 'redirect_uri_mismatch'],
  ])('%s', async (_name, changes, reason) => {
    const answer = await house.browser().open(authorizeAddress(changes))
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(house.reason()).toBe(reason)
  })

  test.each([
    ['the return address', `&redirect_uri=${encodeURIComponent(callback)}`],
    ['the client', '&client_id=records-app'],
  ])('%s given twice', async (_what, twice) => {
    const answer = await house.browser().open(`${authorizeAddress()}${twice}`)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(house.reason()).toBe('repeated_parameter')
  })

  test('a disabled client', async () => {
    await saveClient(house.services, house.head(), parseClient({ ...app, id: 'gone' }))
    await disableClient(house.services, house.head(), 'gone' as never)
    await house.browser().open(authorizeAddress({ client_id: 'gone' }))
    expect(house.reason()).toBe('client_unknown')
  })
})

describe('afterwards it goes back, with state and issuer', () => {
  test('anything else that is there twice (RFC 6749 §4.1.2.1)', async () => {
    const answer = await house.browser().open(`${authorizeAddress()}&scope=openid`)
    const back = new URL(answer.headers.get('location') ?? '')
    expect(back.origin + back.pathname).toBe(callback)
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error: 'invalid_request',
      state: 's1',
      iss: house.issuer,
    })
    expect(house.reason()).toBe('repeated_parameter')
  })

  test('a state that is there twice is not sent back', async () => {
    const answer = await house.browser().open(`${authorizeAddress()}&state=s2`)
    const back = new URL(answer.headers.get('location') ?? '')
    expect(back.searchParams.get('error')).toBe('invalid_request')
    expect(back.searchParams.has('state')).toBe(false)
  })

  test('nothing goes to an address that is not registered, whatever is there twice', async () => {
    const elsewhere = authorizeAddress({ redirect_uri: 'https://thief.example/cb' })
    const answer = await house.browser().open(`${elsewhere}&scope=openid`)
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null])
    expect(house.reason()).toBe('redirect_uri_mismatch')
  })

  test.each<[string, Changes, error: string, Reason]>([
    [
      'a token in the address',
      { response_type: 'token' },
      'unsupported_response_type',
      'unsupported_response_type',
    ],
    ['no response type', { response_type: undefined }, 'invalid_request', 'malformed_request'],
    ['a form post', { response_mode: 'form_post' }, 'invalid_request', 'malformed_request'],
    ['no challenge', { code_challenge: undefined }, 'invalid_request', 'pkce_required'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request', 'pkce_required'],
    ['no method', { code_challenge_method: undefined }, 'invalid_request', 'pkce_required'],
    ['a short challenge', { code_challenge: 'abc' }, 'invalid_request', 'pkce_required'],
    ['a scope that is not registered', { scope: 'openid system/*.rs' }, 'invalid_scope', 'scope_not_allowed'],
    ['no scope', { scope: undefined }, 'invalid_scope', 'scope_not_allowed'],
    [
      'a resource we do not serve',
      { resource: 'https://other.example' },
      'invalid_target',
      'resource_unknown',
    ],
    [
      'resource and aud that differ',
      { resource: audience, aud: 'https://x.example' },
      'invalid_target',
      'resource_unknown',
    ],
    ['a request object', { request: 'e30.e30.' }, 'request_not_supported', 'request_object_unsupported'],
    [
      'a request address',
      { request_uri: 'https://x.example' },
      'request_uri_not_supported',
      'request_uri_unsupported',
    ],
    ['a prompt nobody knows', { prompt: 'create' }, 'invalid_request', 'malformed_request'],
    ['none and login', { prompt: 'none login' }, 'invalid_request', 'malformed_request'],
    ['an age in words', { max_age: 'soon' }, 'invalid_request', 'malformed_request'],
    ['nobody signed in, nobody to be asked', { prompt: 'none' }, 'login_required', 'login_required'],
  ])('%s', async (_name, changes, error, reason) => {
    const answer = await house.browser().open(authorizeAddress({ state: 'a b+c%20é', ...changes }))
    expect(answer.status).toBe(303)
    const returned = new URL(answer.headers.get('location') ?? '')
    expect(returned.href).toContain(`${callback}?`)
    expect(Object.fromEntries(returned.searchParams)).toMatchObject({
      error,
      state: 'a b+c%20é',
      iss: house.issuer,
    })
    expect(house.reason()).toBe(reason)
  })

  test('without a state, none comes back', async () => {
    const answer = await house.browser().open(authorizeAddress({ state: undefined, prompt: 'none' }))
    expect(new URL(answer.headers.get('location') ?? '').searchParams.has('state')).toBe(false)
  })

  test('by a form as by a query; another media type is refused', async () => {
    const browser = house.browser()
    await browser.signIn()
    const query = new URL(authorizeAddress(), house.issuer).searchParams
    const answer = await browser.open('/oauth/authorize', { form: Object.fromEntries(query) })
    expect(new URL(answer.headers.get('location') ?? '').searchParams.has('code')).toBe(true)
    await fetch(`${house.issuer}/oauth/authorize`, { method: 'POST', body: '{}' })
    expect(house.reason()).toBe('unsupported_media_type')
    await browser.open('/oauth/authorize', { form: { state: 'x'.repeat(70_000) } })
    expect(house.reason()).toBe('too_large')
  })
})

describe('signing in on the way', () => {
  test('the request waits, and goes on in the browser that brought it', async () => {
    const browser = house.browser()
    const { left } = await browser.follow(authorizeAddress({ nonce: 'n1' }))
    expect(left?.pathname).toBe('/signin')
    const resume = left?.searchParams.get('continue') ?? ''
    expect(resume).toMatch(/^\/oauth\/resume\?id=[\w-]+$/)

    const thief = house.browser()
    await thief.signIn()
    expect((await thief.open(resume)).status).toBe(400)
    expect(house.reason()).toBe('interaction_expired')

    await browser.signIn()
    const back = await browser.follow(resume)
    expect(back.left?.searchParams.get('state')).toBe('s1')
    const { status } = await house.exchange(back.left?.searchParams.get('code') ?? '')
    expect(status).toBe(200)

    expect((await browser.open(resume)).status).toBe(400)
    expect(house.reason()).toBe('interaction_expired')
  })

  test('it waits an hour', async () => {
    const browser = house.browser()
    const { left } = await browser.follow(authorizeAddress())
    house.clock.advance(3600)
    await browser.open(left?.searchParams.get('continue') ?? '')
    expect(house.reason()).toBe('interaction_expired')
  })

  test('a browser gets a page that moves on by itself; anything else a redirect', async () => {
    const browser = house.browser()
    const { left } = await browser.follow(authorizeAddress())
    await browser.signIn()
    const resume = left?.searchParams.get('continue') ?? ''
    const page = await browser.open(resume)
    expect(page.status).toBe(200)
    expect(page.headers.get('refresh')).toMatch(/^0; url=http:\/\/127\.0\.0\.1\/callback\?code=/)
    const again = await browser.follow(authorizeAddress({ prompt: 'login' }))
    house.clock.advance(1)
    const waiting = again.left?.searchParams.get('continue') ?? ''
    await browser.signIn()
    expect((await browser.open(waiting, { accept: '*/*' })).status).toBe(303)
  })

  test.each<[string, Changes]>([
    ['prompt=login', { prompt: 'login' }],
    ['max_age', { max_age: '60' }],
    ['max_age=0', { max_age: '0' }],
  ])('%s asks the person anew, once', async (_name, changes) => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(61)
    const { left } = await browser.follow(authorizeAddress(changes))
    expect(left?.pathname).toBe('/signin/confirm')
    const resume = left?.searchParams.get('continue') ?? ''
    house.clock.advance(5)
    expect((await browser.follow(resume)).left?.pathname).toBe('/signin/confirm')
    await browser.signIn()
    expect((await browser.follow(resume)).left?.searchParams.has('code')).toBe(true)
  })

  test.each<[string, Changes]>([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
  ])('%s: a sign-in of the same second, but before the request, is none', async (_name, changes) => {
    const browser = house.browser()
    await browser.signIn()
    const { left } = await browser.follow(authorizeAddress(changes))
    const resume = left?.searchParams.get('continue') ?? ''
    expect((await browser.follow(resume)).left?.pathname).toBe('/signin/confirm')
    await browser.signIn()
    expect((await browser.follow(resume)).left?.searchParams.has('code')).toBe(true)
  })

  test('prompt=login posted by another site, whose form brings no cookies, is not met by the sign-in before it', async () => {
    const browser = house.browser()
    const [path = '', query = ''] = authorizeAddress({ prompt: 'login' }).split('?')
    const form = Object.fromEntries(new URLSearchParams(query))
    const { left } = await browser.follow(path, { form })
    const resume = left?.searchParams.get('continue') ?? ''
    await browser.signIn()
    expect((await browser.follow(resume)).left?.pathname).toBe('/signin/confirm')
    house.clock.advance(1)
    await browser.signIn()
    expect((await browser.follow(resume)).left?.searchParams.has('code')).toBe(true)
  })

  test('a young session satisfies max_age, and an old one is not asked when nobody may be', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(60)
    expect((await browser.follow(authorizeAddress({ max_age: '60' }))).left?.searchParams.has('code')).toBe(
      true,
    )
    house.clock.advance(1)
    const { left } = await browser.follow(authorizeAddress({ max_age: '60', prompt: 'none' }))
    expect(left?.searchParams.get('error')).toBe('login_required')
  })
})

describe('what the person is asked', () => {
  afterEach(() => house.services.lines.splice(0))

  test('a client of somebody else asks for consent, once for the same scopes, in the language of the person', async () => {
    await saveClient(house.services, house.head(), parseClient(app))
    const browser = house.browser()
    await browser.signIn()
    const address = authorizeAddress({ client_id: 'other-app', scope: 'openid' })
    const asked = await browser.follow(address)
    expect(asked.page).toContain('Autoriser Agenda ?')
    expect(asked.page).toContain('savoir qui vous êtes')
    const id = /name="id" value="([\w-]+)"/.exec(asked.page ?? '')?.[1] ?? ''

    const denied = await browser.follow('/oauth/resume', { form: { id, consent: 'denied' } })
    expect(denied.left?.searchParams.get('error')).toBe('access_denied')
    expect(house.reason()).toBe('consent_denied')
    const given = await browser.follow('/oauth/resume', { form: { id, consent: 'given' } })
    expect(given.left?.searchParams.has('code')).toBe(true)

    expect((await browser.follow(address)).left?.searchParams.has('code')).toBe(true)
    const wider = authorizeAddress({ client_id: 'other-app', scope: 'openid user/Appointment.rs' })
    expect((await browser.follow(wider)).page).toContain('lire, rechercher les rendez-vous')
    const silent = await browser.follow(`${wider}&prompt=none`)
    expect(silent.left?.searchParams.get('error')).toBe('consent_required')
    expect(house.reason()).toBe('consent_required')
    expect((await browser.follow(`${address}&prompt=consent`)).page).toContain('Autoriser')
  })

  test('consent posted from another site counts for nothing', async () => {
    await saveClient(house.services, house.head(), parseClient({ ...app, id: 'forged' }))
    const browser = house.browser()
    await browser.signIn()
    const asked = await browser.follow(authorizeAddress({ client_id: 'forged', scope: 'openid' }))
    const id = /name="id" value="([\w-]+)"/.exec(asked.page ?? '')?.[1] ?? ''
    const answer = await fetch(`${house.issuer}/oauth/resume`, {
      method: 'POST',
      headers: {
        cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
        origin: 'https://evil.example',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ id, consent: 'given' }).toString(),
    })
    expect(answer.status).toBe(403)
    expect(house.reason()).toBe('cross_site')
    const byLink = await browser.follow(`/oauth/resume?id=${id}&consent=given`)
    expect(byLink.page).toContain('Autoriser')
  })

  test('a practitioner of several practices chooses one; a practice of others cannot be chosen', async () => {
    const { services, head, person } = house
    const second = await createPractice(
      services,
      { name: 'Cabinet du Port', recordsName: 'port', secretSignIn: true },
      head(),
    )
    const strangers = await createPractice(
      services,
      { name: 'Ailleurs', recordsName: 'ailleurs', secretSignIn: true },
      head(),
    )
    const role = { role: 'secretary', doctors: 3 } as const
    const membership = await addMembership(services, person.id, second.id, role, head())
    const browser = house.browser()
    await browser.signIn()
    const silent = await browser.follow(authorizeAddress({ prompt: 'none' }))
    expect(silent.left?.searchParams.get('error')).toBe('account_selection_required')
    expect(house.reason()).toBe('account_selection_required')
    const asked = await browser.follow(authorizeAddress())
    expect(asked.page).toContain('Cabinet des Tilleuls')
    expect(asked.page).toContain('Cabinet du Port')
    expect(asked.page).not.toContain(strangers.name)
    const id = /name="id" value="([\w-]+)"/.exec(asked.page ?? '')?.[1] ?? ''
    const forged = await browser.follow('/oauth/resume', { form: { id, membership: 'mbr_of_somebody_else' } })
    expect(forged.left?.searchParams.get('error')).toBe('access_denied')
    expect(house.reason()).toBe('no_membership')

    const chosen = await browser.follow('/oauth/resume', { form: { id, membership: membership.id } })
    const { body } = await house.exchange(chosen.left?.searchParams.get('code') ?? '')
    const claims = await services.keys.verify(body.access_token ?? '', audience, house.clock.now())
    expect(claims).toMatchObject({ practice: second.id, role: 'secretary', doctors: 3 })
    await endMembership(services, membership.id, house.clock.now(), head())
    expect((await house.refresh(body.refresh_token)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('grant_ended')
  })

  test('an operator belongs to no practice', async () => {
    const { services, head } = house
    const operator = await createOperator(
      services,
      { name: 'Olga', email: 'olga@example.org', language: 'fr' },
      head(),
    )
    const browser = house.browser()
    await browser.signIn({ kind: 'operator', id: operator.id })
    const { left } = await browser.follow(authorizeAddress())
    expect(left?.searchParams.get('error')).toBe('access_denied')
    expect(house.reason()).toBe('no_membership')
  })
})

describe('restrictions', () => {
  const author = { kind: 'rule', rule: 'test' } as const

  test('who is denied is told so; after the lift the same session goes on', async () => {
    const browser = house.browser()
    await browser.signIn()
    const { restriction } = await restrict(house.services, author, {
      selector: { practice: house.practice.id },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'test',
    })
    const { left } = await browser.follow(authorizeAddress())
    expect(left?.searchParams.get('error')).toBe('access_denied')
    expect(house.reason()).toBe('restricted')
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
    expect((await browser.follow(authorizeAddress())).left?.searchParams.has('code')).toBe(true)
  })

  test('a denied practitioner is not sent through sign-in first', async () => {
    const browser = house.browser()
    await browser.signIn()
    const { restriction } = await restrict(house.services, author, {
      selector: { practitioner: house.person.id },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'test',
    })
    expect((await browser.follow(authorizeAddress())).left?.searchParams.get('error')).toBe('access_denied')
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
  })

  test('a step-up asks for a fresh proof, and the grant made after it has one', async () => {
    const browser = house.browser()
    await browser.signIn()
    house.clock.advance(10)
    const { restriction } = await restrict(house.services, author, {
      selector: { client: 'records-app' as never },
      effect: { kind: 'step-up' },
      endsSessions: false,
      reason: 'test',
    })
    const { left } = await browser.follow(authorizeAddress())
    expect(left?.pathname).toBe('/signin/confirm')
    house.clock.advance(1)
    const session = await browser.signIn()
    const back = await browser.follow(left?.searchParams.get('continue') ?? '')
    const { body } = await house.exchange(back.left?.searchParams.get('code') ?? '')
    const claims = await house.services.keys.verify(body.access_token ?? '', audience, house.clock.now())
    expect(claims).toMatchObject({ auth_time: session.authTime })
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
  })

  test('a session that was ended for ever has to be begun anew', async () => {
    const browser = house.browser()
    await browser.signIn()
    const { restriction } = await restrict(house.services, author, {
      selector: { practitioner: house.person.id },
      effect: { kind: 'read-only' },
      endsSessions: true,
      reason: 'test',
    })
    expect((await browser.follow(authorizeAddress())).left?.pathname).toBe('/signin')
    await lift(house.services, author, { restriction: restriction.id, reason: 'test' })
    expect((await browser.follow(authorizeAddress())).left?.pathname).toBe('/signin')
    await browser.signIn()
    expect((await browser.follow(authorizeAddress())).left?.searchParams.has('code')).toBe(true)
  })
})

test('a stranger leaves no row behind, however much he asks; the longest request still comes back', async () => {
  const rows = () => house.services.db.query.answeredRequests.findMany()
  const before = await rows()
  for (let n = 0; n < 20; n++) await house.browser().follow(authorizeAddress())
  expect(await rows()).toEqual(before)
  const browser = house.browser()
  const { left } = await browser.follow(`${authorizeAddress()}&nonce=${'n'.repeat(3500)}`)
  const resume = left?.searchParams.get('continue') ?? ''
  expect(resume.length).toBeLessThan(6000)
  await browser.signIn()
  expect((await browser.follow(resume)).left?.searchParams.has('code')).toBe(true)
})
