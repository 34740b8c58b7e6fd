/** Whoever kept an access token tries it after the way in was closed. */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { authorizeAddress, oauthHouse, type Browser, type OauthHouse } from '../../test/support/oauth.ts'
import { listRestrictions } from '../restrictions/listing-store.ts'
import type { PersonClaims } from '../tokens/claims.ts'
import { signOut } from './disown.ts'
import { addMembership, endMembership } from './memberships.ts'
import { disablePractitioner, enablePractitioner } from './practitioners.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())
beforeEach(() => house.clock.advance(3600))

/** A person at an application: their browser and the token it got. */
async function tokenOf(browser: Browser) {
  await browser.signIn()
  const answer = await browser.open(authorizeAddress())
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const { body } = await house.exchange(code)
  return {
    claims: decodeJwt(body.access_token ?? '') as unknown as PersonClaims,
    idToken: body.id_token ?? '',
    refreshToken: body.refresh_token,
  }
}

/** As every enforcement point decides. */
function verdictOn({ sub, practice, client_id, sid, session_sequence, grant_id, auth_time }: PersonClaims) {
  const verdict = house.services.restrictions.decide(
    {
      practitioner: sub,
      practice,
      client: client_id,
      session: sid,
      sessionSequence: session_sequence,
      grant: grant_id,
      authTime: auth_time,
      safe: true,
    },
    house.clock.now(),
  )
  return verdict.allow ? 'served' : verdict.reason
}

const active = () => listRestrictions(house.services.db, { now: house.clock.now() })

test('a token kept from before signing out opens nothing', async () => {
  const browser = house.browser()
  const { claims } = await tokenOf(browser)
  expect(verdictOn(claims)).toBe('served')
  await browser.open('/signin/out', { form: {} })
  expect(verdictOn(claims)).toBe('session_ended')
  house.clock.advance(600)
  expect(verdictOn(claims)).toBe('session_ended')
})

test('a token kept from before signing out at the application opens nothing', async () => {
  const browser = house.browser()
  const { claims, idToken } = await tokenOf(browser)
  await browser.open(`/oauth/logout?id_token_hint=${idToken}`)
  expect(verdictOn(claims)).toBe('session_ended')
})

test('the desk is not crowded with sign-outs, and one that gave nothing writes no row', async () => {
  const browser = house.browser()
  await tokenOf(browser)
  await browser.open('/signin/out', { form: {} })
  const desk = { now: house.clock.now(), withoutOwn: true }
  expect(await active()).toHaveLength(1)
  expect(await listRestrictions(house.services.db, desk)).toEqual([])
  const idle = house.browser()
  await idle.signIn()
  await idle.open('/signin/out', { form: {} })
  expect(await active()).toHaveLength(1)
  house.clock.advance(600)
  expect(await active()).toEqual([])
})

test('signing out twice at once writes one row', async () => {
  const browser = house.browser()
  const { claims } = await tokenOf(browser)
  const session = { id: claims.sid, holder: { kind: 'practitioner', id: claims.sub } } as const
  await Promise.all([1, 2].map(() => signOut(house.services, session, house.head())))
  expect(await active()).toHaveLength(1)
})

test('a token kept by somebody disabled opens nothing; enabled again, they sign in again', async () => {
  const { services, person, head } = house
  const { claims, refreshToken } = await tokenOf(house.browser())
  await disablePractitioner(services, person.id, head())
  expect(verdictOn(claims)).toBe('session_ended')
  expect((await house.refresh(refreshToken)).status).toBe(400)
  await enablePractitioner(services, person.id, head())
  expect(verdictOn(claims)).toBe('session_ended')
  house.clock.advance(1)
  expect(verdictOn((await tokenOf(house.browser())).claims)).toBe('served')
})

test('a token kept by somebody who left a practice opens nothing there, and no other person’s', async () => {
  const { services, person, practice, head } = house
  const { claims } = await tokenOf(house.browser())
  house.clock.advance(1)
  const fields = { role: 'clinician', doctors: 1 } as const
  const next = await addMembership(services, person.id, practice.id, fields, head())
  await endMembership(services, house.membership.id, house.clock.now(), head())
  expect(verdictOn(claims)).toBe('step_up_required')
  expect(verdictOn({ ...claims, sub: 'prt_other' as PersonClaims['sub'] })).toBe('served')
  // The membership that is still theirs opens with a new proof.
  house.clock.advance(1)
  const browser = house.browser()
  expect(verdictOn((await tokenOf(browser)).claims)).toBe('served')
  // A token never says more than the membership that is ending.
  house.clock.advance(3600)
  await endMembership(services, next.id, house.clock.now() + 400, head())
  house.clock.advance(200)
  const { claims: last } = await tokenOf(browser)
  expect(last.exp - last.iat).toBe(200)
})
