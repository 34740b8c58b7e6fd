/** protocols 3: step-up (RFC 9470). Only a re-authorized grant rises; refreshing keeps what the grant had. */

import * as fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorizeAddress, oauthHouse, type Browser, type OauthHouse } from '../../test/support/oauth.ts'
import { grants } from '../db/schema.ts'
import { createPractitioner } from '../people/practitioners.ts'
import { addMembership } from '../people/memberships.ts'
import { beginSession, findSession, stepUp } from '../people/session.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

interface Strength {
  acr: string
  auth_time: number
}
const strengthOf = (token = ''): Strength => {
  const { acr, auth_time } = decodeJwt<Strength>(token)
  return { acr, auth_time }
}
const cookie = '__Host-garde-session'

type Act =
  | { do: 'wait'; seconds: number }
  | { do: 'sign in'; passkey: boolean }
  | { do: 'step up' | 'authorize' }
  | { do: 'refresh'; which: number }

/** What a person and their applications do, in any order. */
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ do: fc.constant('sign in' as const), passkey: fc.boolean() }),
  fc.record({ do: fc.constant('step up' as const) }),
  fc.record({ do: fc.constant('authorize' as const) }),
  fc.record({ do: fc.constant('refresh' as const), which: fc.nat(20) }),
)

test('in any history of sign-ins, step-ups, authorizations and refreshes, no grant changes what it has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 16 }), async (acts) => {
      const browser = house.browser()
      await browser.signIn()
      const held: { refresh: string; strength: Strength }[] = []
      for (const each of acts) await doing(browser, held, each)
    }),
    { numRuns: 12 },
  )
})

async function doing(
  browser: Browser,
  held: { refresh: string; strength: Strength }[],
  each: Act,
): Promise<void> {
  const { services, clock, head, person } = house
  const holder = { kind: 'practitioner', id: person.id } as const
  const session = await findSession(services, browser.cookies.get(cookie) ?? '')
  if (each.do === 'wait') clock.advance(each.seconds)
  if (each.do === 'sign in') {
    const proof = each.passkey
      ? ({ acr: 'garde:passkey', amr: ['user', 'mfa'] } as const)
      : ({ acr: 'garde:secret-otp', amr: ['pwd', 'otp'] } as const)
    const begun = await beginSession(services, {
      ...proof,
      amr: [...proof.amr],
      holder,
      network: '192.0.2.0/24',
      userAgent: 'test',
      sharedDesk: false,
    })
    browser.cookies.set(cookie, begun.cookie)
  }
  if (each.do === 'step up' && session) {
    const raised = await stepUp(services, session, { acr: 'garde:passkey', amr: ['user', 'mfa'] }, head())
    browser.cookies.set(cookie, raised.cookie)
  }
  if (each.do === 'authorize' && session) {
    const { left } = await browser.follow(authorizeAddress())
    const { body } = await house.exchange(left?.searchParams.get('code') ?? '')
    const strength = strengthOf(body.access_token)
    // As strong and as recent as the session is now: the grant that was just authorized, and no other.
    expect(strength).toEqual({ acr: session.acr, auth_time: session.authTime })
    held.push({ refresh: body.refresh_token ?? '', strength })
  }
  const one = each.do === 'refresh' ? held[each.which % Math.max(1, held.length)] : undefined
  if (one) {
    const { body } = await house.refresh(one.refresh)
    expect(strengthOf(body.access_token)).toEqual(one.strength)
    expect(strengthOf(body.id_token)).toEqual(one.strength)
    one.refresh = body.refresh_token ?? ''
  }
}

test('the row of a grant is never written to but to end it or to bind its key', async () => {
  const browser = house.browser()
  await browser.signIn()
  const { left } = await browser.follow(authorizeAddress())
  const { body } = await house.exchange(left?.searchParams.get('code') ?? '')
  const row = async () => {
    const rows = await house.services.db.select().from(grants)
    return rows.find(({ id }) => id === decodeJwt<{ grant_id: string }>(body.access_token ?? '').grant_id)
  }
  const before = await row()
  house.clock.advance(60)
  await browser.signIn()
  await house.refresh(body.refresh_token)
  await browser.follow(authorizeAddress({ prompt: 'login', acr_values: 'garde:passkey' }))
  expect(await row()).toEqual(before)
})

test('somebody else who steps up in this browser raises no grant of the first, and gets their own', async () => {
  const { services, head, practice, clock } = house
  const bea = { givenName: 'Béa', familyName: 'Roy', email: 'bea@example.org', language: 'fr' } as const
  const other = (await createPractitioner(services, bea, head())).id
  await addMembership(services, other, practice.id, { role: 'clinician', doctors: 1 }, head())
  const browser = house.browser()
  await browser.signIn()
  const first = await browser.follow(authorizeAddress())
  const { body } = await house.exchange(first.left?.searchParams.get('code') ?? '')
  clock.advance(60)
  const asked = await browser.follow(authorizeAddress({ max_age: '0' }))
  await browser.signIn({ kind: 'practitioner', id: other })
  const back = asked.left?.searchParams.get('continue') ?? ''
  const { left } = await browser.follow(back)
  const hers = await house.exchange(left?.searchParams.get('code') ?? '')
  expect(decodeJwt(hers.body.access_token ?? '').sub).toBe(other)
  const refreshed = await house.refresh(body.refresh_token)
  expect(strengthOf(refreshed.body.access_token)).toEqual(strengthOf(body.access_token))

  // An application that says whom it means gets nobody else.
  clock.advance(60)
  await browser.signIn()
  clock.advance(1)
  const meant = await browser.follow(authorizeAddress({ max_age: '0', id_token_hint: body.id_token ?? '' }))
  await browser.signIn({ kind: 'practitioner', id: other })
  const wrong = await browser.follow(meant.left?.searchParams.get('continue') ?? '')
  expect(wrong.left?.searchParams.get('error')).toBe('login_required')
})
