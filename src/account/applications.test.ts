/** What a person sees of the applications they authorised, and what forgetting one does everywhere. */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  authorizeAddress,
  audience,
  callback,
  oauthHouse,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { PractitionerId } from '../core/ids.ts'
import { auditQueue, deliveries } from '../db/schema.ts'
import { addMembership } from '../people/memberships.ts'
import { createPractitioner } from '../people/practitioners.ts'
import type { ListedGrant } from '../grants/store.ts'
import { applicationsOf } from './applications.ts'

let house: OauthHouse
let other: PractitionerId
beforeAll(async () => {
  house = await oauthHouse()
  const bea = { givenName: 'Béa', familyName: 'Roy', email: 'bea@example.org', language: 'fr' } as const
  other = (await createPractitioner(house.services, bea, house.head())).id
  const role = { role: 'clinician', doctors: 1 } as const
  await addMembership(house.services, other, house.practice.id, role, house.head())
  await saveClient(
    house.services,
    house.head(),
    parseClient({
      id: 'agenda',
      name: 'Agenda',
      profile: 'smart-public',
      redirectUris: [callback],
      scopes: ['openid', 'offline_access', 'user/Appointment.rs'],
      resources: [audience],
      options: { backchannelLogoutUri: 'https://agenda.example/logout' },
    }),
  )
})
afterAll(() => house.close())
beforeEach(() => house.clock.advance(1))

const asked = { client_id: 'agenda', scope: 'openid offline_access user/Appointment.rs' }
const idIn = (page = '') => /name="id" value="([\w-]+)"/.exec(page)?.[1] ?? ''

/** Consents where asked, and answers the tokens. */
async function authorised(browser = house.browser()) {
  await browser.signIn()
  const first = await browser.follow(authorizeAddress(asked))
  const { left } =
    first.left === undefined
      ? await browser.follow('/oauth/resume', { form: { id: idIn(first.page), consent: 'given' } })
      : first
  const { body } = await house.exchange(left?.searchParams.get('code') ?? '', { client_id: 'agenda' })
  return { browser, tokens: body }
}

const account = async (browser: ReturnType<OauthHouse['browser']>) => (await browser.open('/account')).text()
const forget = (browser: ReturnType<OauthHouse['browser']>, client = 'agenda') =>
  browser.open(`/account/applications/${client}/forget`, { form: {} })

test('an application is listed with what it may do in words, for which practice, since when and where', async () => {
  const { browser, tokens } = await authorised()
  house.clock.advance(3600)
  await browser.signIn()
  const page = await account(browser)
  expect(page).toContain('Agenda')
  expect(page).toContain('lire, rechercher les rendez-vous')
  expect(page).toContain('rester ouverte pendant votre session')
  // That session has gone idle: nothing is open any more, and yet it would not be asked about.
  expect(page).toContain('Fermée en ce moment')
  expect(page).not.toContain('Cabinet des Tilleuls')
  expect((await house.refresh(tokens.refresh_token, { client_id: 'agenda' })).body.error).toBe(
    'invalid_grant',
  )

  const again = await authorised(browser)
  house.clock.advance(600)
  await house.refresh(again.tokens.refresh_token, { client_id: 'agenda' })
  const open = await account(browser)
  expect(open).toContain('Ouverte')
  expect(open).toContain('Cabinet des Tilleuls')
  const usedAt = new Date(house.clock.now() * 1000).toISOString()
  expect(open).toContain(`<time datetime="${usedAt}">`)
})

test('forgetting stops its tokens at once, ends its refresh tokens on every device, and tells it', async () => {
  const here = await authorised()
  const phone = await authorised()
  await house.services.db.delete(deliveries)
  house.clock.advance(1)
  const answer = await forget(here.browser)
  expect(answer.headers.get('location')).toBe('/account?done=application-forgotten')
  const sessions: string[] = []
  for (const { tokens } of [here, phone]) {
    const { grant_id, sid } = decodeJwt<{ grant_id: string; sid: string }>(tokens.access_token ?? '')
    sessions.push(sid)
    const facts = { grant: grant_id, session: sid, sessionSequence: 0, safe: true } as never
    expect(house.services.restrictions.decide(facts, house.clock.now()).allow).toBe(false)
    expect((await house.refresh(tokens.refresh_token, { client_id: 'agenda' })).body.error).toBe(
      'invalid_grant',
    )
    expect(house.reason()).toBe('grant_ended')
  }
  const told = await house.services.db.query.deliveries.findMany()
  expect(new Set(told.map(({ client, address }) => `${client} ${address}`))).toEqual(
    new Set(['agenda https://agenda.example/logout']),
  )
  expect(told.map(({ fields }) => fields['sid'])).toEqual(expect.arrayContaining(sessions))
  const events = (await house.services.db.select().from(auditQueue)).map(({ event }) => event)
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'consent.forgotten', practitioner: house.person.id, client: 'agenda' }),
  )
  expect(await account(here.browser)).not.toContain('id="application-agenda"')
})

test('a forgotten application has to ask again, and a code it had not used yet is worth nothing', async () => {
  const { browser } = await authorised()
  const { left } = await browser.follow(authorizeAddress(asked))
  await forget(browser)
  const late = await house.exchange(left?.searchParams.get('code') ?? '', { client_id: 'agenda' })
  expect([late.body.error, house.reason()]).toEqual(['invalid_grant', 'grant_ended'])
  expect((await browser.follow(authorizeAddress(asked))).page).toContain('Autoriser Agenda')
  const silent = await browser.follow(authorizeAddress({ ...asked, prompt: 'none' }))
  expect(silent.left?.searchParams.get('error')).toBe('consent_required')
})

test('a first-party application, which skips the question, is asked about once it was forgotten', async () => {
  const browser = house.browser()
  await browser.signIn()
  expect((await browser.follow(authorizeAddress())).left?.searchParams.has('code')).toBe(true)
  expect((await forget(browser, 'records-app')).status).toBe(303)
  const asking = await browser.follow(authorizeAddress())
  expect(asking.page).toContain('Autoriser Dossier')
  await browser.follow('/oauth/resume', { form: { id: idIn(asking.page), consent: 'given' } })
  const wider = await browser.follow(authorizeAddress({ scope: 'openid profile' }))
  expect(wider.left?.searchParams.has('code')).toBe(true)
})

test('nobody forgets for somebody else, nor what is not theirs, nor from another site', async () => {
  const { tokens, browser } = await authorised()
  const thief = house.browser()
  await thief.signIn({ kind: 'practitioner', id: other })
  expect((await forget(thief)).status).toBe(404)
  expect((await forget(thief, 'nobody')).status).toBe(404)
  const crossSite = await fetch(`${house.issuer}/account/applications/agenda/forget`, {
    method: 'POST',
    headers: {
      cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      'sec-fetch-site': 'cross-site',
    },
  })
  expect([crossSite.status, house.reason()]).toEqual([403, 'cross_site'])
  expect((await house.refresh(tokens.refresh_token, { client_id: 'agenda' })).status).toBe(200)
})

test('“this was not me” forgets what somebody else may have consented to', async () => {
  const { browser } = await authorised()
  await browser.open('/account/not-me', { form: {} })
  expect((await browser.follow(authorizeAddress(asked))).page).toContain('Autoriser Agenda')
})

test('several devices and practices of one application are one entry', () => {
  const grant = (fields: object) =>
    ({ client: 'agenda', clientName: 'Agenda', practiceName: 'A', userAgent: 'x', ...fields }) as ListedGrant
  const [row] = applicationsOf(
    [
      grant({ scope: 'openid', createdAt: 5, lastUsedAt: 9 }),
      grant({ scope: 'openid profile', createdAt: 3, lastUsedAt: 4, practiceName: 'B', userAgent: 'y' }),
    ],
    [],
  )
  expect(row).toMatchObject({
    scope: 'openid profile',
    practices: ['A', 'B'],
    since: 3,
    open: { lastUsedAt: 9, userAgents: ['x', 'y'] },
  })
})
