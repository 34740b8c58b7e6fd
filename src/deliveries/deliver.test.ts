/** OpenID Connect Back-Channel Logout 1.0, with a relying party on a real port that verifies what it is sent. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { loopbackOutbound, relyingParty, type RelyingParty } from '../../test/support/relying-party.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { SessionId } from '../core/ids.ts'
import { hours } from '../core/time.ts'
import { deliveries } from '../db/schema.ts'
import { disownGrant, disownSession, disownSessions, signOut } from '../people/disown.ts'
import { disablePractitioner, enablePractitioner } from '../people/practitioners.ts'
import type { Session } from '../people/session.ts'
import { restrict } from '../restrictions/store.ts'
import type { Outbound } from '../core/ports.ts'
import { deliverDue } from './deliver.ts'
import { takeDue } from './due-store.ts'

let house: OauthHouse
let party: RelyingParty
const clientOf = (uri: string | undefined, id = 'records-app') =>
  parseClient({
    id,
    name: 'Dossier',
    profile: 'smart-public',
    firstParty: true,
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['openid', 'profile', 'offline_access', 'fhirUser', 'user/*.cruds'],
    resources: ['https://records.example/fhir'],
    ...(uri !== undefined && { options: { backchannelLogoutUri: uri } }),
  })

beforeAll(async () => {
  house = await oauthHouse()
  party = await relyingParty(
    house.issuer,
    'records-app',
    () => house.services.keys.jwks('token'),
    () => house.clock.now(),
  )
})
beforeEach(async () => {
  house.clock.advance(1)
  await saveClient(house.services, house.head(), clientOf(party.uri))
  await turn()
  await house.services.db.delete(deliveries)
  party.heard.length = 0
  party.calls = 0
  party.answer = 200
})
afterAll(async () => {
  await party.close()
  await house.close()
})

const turn = (outbound: Outbound = loopbackOutbound) => deliverDue({ ...house.services, outbound })
const outbound = (call: Outbound['call']): Outbound => ({ call })
const rows = () => house.services.db.query.deliveries.findMany()
const last = async () => (await rows()).toSorted((a, b) => a.id - b.id).at(-1)
const holder = () => ({ kind: 'practitioner', id: house.person.id }) as const

/** Signed in, with a grant at the records app. */
async function visiting(): Promise<Session> {
  const browser = house.browser()
  const session = await browser.signIn()
  const address = `/oauth/authorize?${new URLSearchParams({
    client_id: 'records-app',
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1/callback',
    scope: 'openid offline_access user/*.cruds',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }).toString()}`
  expect((await browser.open(address)).status).toBe(303)
  return session
}
const told = () => party.heard.map(({ claims }) => claims['sid'])

test('Back-Channel Logout 2.4: the logout token says who, where and that it is one, and never a nonce', async () => {
  const session = await visiting()
  await signOut(house.services, session, house.head())
  await turn()
  const [{ claims, header } = { claims: {}, header: {} }] = party.heard
  expect(header).toMatchObject({ typ: 'logout+jwt' })
  expect(claims).toMatchObject({
    iss: house.issuer,
    sub: house.person.id,
    aud: 'records-app',
    sid: session.id,
    iat: house.clock.now(),
    exp: house.clock.now() + 120,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  })
  expect(claims).not.toHaveProperty('nonce')
})

test('Back-Channel Logout 2.4: each attempt has a token of its own', async () => {
  await signOut(house.services, await visiting(), house.head())
  const sent: string[] = []
  const keeping = outbound(async ({ body }) => {
    sent.push(new URLSearchParams(body ?? '').get('logout_token') ?? '')
    return { status: 503, headers: {}, body: new Uint8Array() }
  })
  await turn(keeping)
  house.clock.advance(60)
  await turn(keeping)
  expect(new Set(sent).size).toBe(2)
})

const someone = { kind: 'rule', rule: 'test' } as const
const cutting = { effect: { kind: 'step-up' } as const, endsSessions: true, reason: 'test' }
const why = { cause: 'not-me', message: { fr: 'Test.', en: 'Test.' } } as const

test.each<[string, (session: Session) => Promise<unknown>]>([
  ['signing out', (session) => signOut(house.services, session, house.head())],
  ['“this was not me”', (session) => disownSession(house.services, session, why, house.head())],
  ['the account page ending all', () => disownSessions(house.services, holder(), why, house.head())],
  [
    'taking the application’s grant away',
    async (session) => {
      const grants = await house.services.db.query.grants.findMany()
      const id = grants.find((grant) => grant.session === session.id)?.id
      if (id) await disownGrant(house.services, holder(), id, why, house.head())
    },
  ],
  [
    'disabling the practitioner',
    async () => {
      await disablePractitioner(house.services, house.person.id, house.head())
      await enablePractitioner(house.services, house.person.id, house.head())
    },
  ],
  [
    'a restriction on the session',
    ({ id }) => restrict(house.services, someone, { ...cutting, selector: { session: id } }),
  ],
  [
    'a restriction on the practice',
    () => restrict(house.services, someone, { ...cutting, selector: { practice: house.practice.id } }),
  ],
  [
    'a restriction on the application',
    () => restrict(house.services, someone, { ...cutting, selector: { client: 'records-app' as never } }),
  ],
  [
    'a restriction on everybody',
    () => restrict(house.services, someone, { ...cutting, selector: { everything: true } }),
  ],
])('the client is told, once, of a session ended by %s', async (_name, end) => {
  const session = await visiting()
  await end(session)
  await turn()
  await turn()
  expect(told()).toEqual([session.id])
})

test('a restriction that ends no sessions tells nobody, nor does one on somebody else', async () => {
  const session = await visiting()
  await restrict(house.services, someone, {
    ...cutting,
    endsSessions: false,
    selector: { session: session.id },
  })
  await turn()
  expect(told()).toEqual([])
  await signOut(house.services, session, house.head())
})

test('a session begun after the cut is not told of', async () => {
  await visiting()
  await restrict(house.services, someone, { ...cutting, selector: { practice: house.practice.id } })
  const later = await visiting()
  await turn()
  expect(told()).not.toContain(later.id)
  await signOut(house.services, later, house.head())
})

test('a cut writes one row however many sessions it ends; the rest is done by the clock, in pages', async () => {
  const sessions: SessionId[] = []
  for (let n = 0; n < 7; n++) sessions.push((await visiting()).id)
  const before = (await rows()).length
  await restrict(house.services, someone, { ...cutting, selector: { practice: house.practice.id } })
  expect((await rows()).length).toBe(before)
  await turn()
  expect(new Set(told())).toEqual(new Set(sessions))
})

test('a client without an address is told nothing, and a client that gave one later nothing of before', async () => {
  await saveClient(house.services, house.head(), clientOf(undefined))
  await signOut(house.services, await visiting(), house.head())
  await turn()
  await saveClient(house.services, house.head(), clientOf(party.uri))
  await turn()
  expect(party.calls).toBe(0)
})

test('a row that was lent to a node that died is delivered by the next one', async () => {
  const session = await visiting()
  await signOut(house.services, session, house.head())
  expect(await takeDue(house.services.db, 'records-app' as never, house.clock.now(), 4)).toHaveLength(1)
  await turn()
  expect(told()).toEqual([])
  house.clock.advance(31)
  await turn()
  expect(told()).toEqual([session.id])
})

test('Back-Channel Logout 2.8: 204 is as good as 200', async () => {
  await signOut(house.services, await visiting(), house.head())
  party.answer = 204
  await turn()
  expect(await last()).toMatchObject({ attempts: 1, deliveredAt: house.clock.now(), deadAt: null })
})

test('Back-Channel Logout 2.8: 400 is given up at once, and says why', async () => {
  await signOut(house.services, await visiting(), house.head())
  party.answer = 400
  await turn()
  expect(await last()).toMatchObject({ attempts: 1, deliveredAt: null, fault: 'status 400' })
  expect((await last())?.deadAt).toBe(house.clock.now())
})

test.each([500, 302, 401])(
  'status %i is tried again, later and later, and given up after a day',
  async (status) => {
    await signOut(house.services, await visiting(), house.head())
    const begun = house.clock.now()
    const waits: number[] = []
    const failing = outbound(async () => ({ status, headers: {}, body: new Uint8Array() }))
    for (let n = 0; n < 30; n++) {
      await turn(failing)
      const row = await last()
      if (row?.deadAt !== null) break
      waits.push(row.nextAt - house.clock.now())
      house.clock.advance(row.nextAt - house.clock.now())
    }
    expect(waits[0]).toBeLessThanOrEqual(6)
    expect(waits[1]).toBeGreaterThanOrEqual(24)
    expect(waits[4]).toBeGreaterThan(hours(0.7))
    expect(await last()).toMatchObject({ fault: `status ${status}` })
    expect(house.clock.now() - begun).toBeLessThanOrEqual(hours(24))
  },
)

test('a receiver that never answers holds up nobody else, and its own lane for one batch', async () => {
  await saveClient(house.services, house.head(), clientOf('http://127.0.0.1:9/slow', 'slow-app'))
  const session = await visiting()
  const { db } = house.services

  const slow = Array.from({ length: 40 }, (_, n) => ({
    kind: 'backchannel-logout' as const,
    client: 'slow-app' as never,
    address: 'http://127.0.0.1:9/slow',
    fields: { sub: house.person.id, sid: `ses_${n}` },
    createdAt: house.clock.now(),
    nextAt: house.clock.now() - 1,
  }))
  await db.insert(deliveries).values(slow)
  await signOut(house.services, session, house.head())
  let release: (answer: { fault: 'time' }) => void = () => {}
  const hung = new Promise<{ fault: 'time' }>((resolve) => (release = resolve))
  let asked = 0
  const going = turn(
    outbound(async (request) => {
      if (!request.url.endsWith('/slow')) return loopbackOutbound.call(request)
      asked++
      return hung
    }),
  )
  await expect.poll(told).toEqual([session.id])
  release({ fault: 'time' })
  await going
  expect(asked).toBe(4)
})
