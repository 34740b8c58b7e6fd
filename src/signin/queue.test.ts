/** The queue before the sign-in page, through the front door; and what people try to get ahead in it. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { parseConfig } from '../config.ts'
import { signInQueues } from '../db/schema.ts'
import { emptyQueue } from '../people/sign-in-queue.ts'
import { changeQueue } from '../people/sign-in-queue-store.ts'
import { paceOf } from '../people/admission.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { memoryThrottle } from '../runtime/throttle.ts'
import { join } from '../people/sign-in-queue.ts'
import { freshPostgres } from '../../test/support/postgres.ts'
import {
  enrolOperator,
  enrolPractitioner,
  openBrowser,
  signIn,
  tryPasskey,
  type Browser,
} from '../../test/support/people.ts'
import { freshDatabase, testServices, type TestServices } from '../../test/support/services.ts'

let services: TestServices
let app: ReturnType<typeof createApp>
beforeAll(async () => {
  const config = parseConfig({ GARDE_SIGN_INS_PER_SECOND: '2' }, () => '')
  services = await testServices({ config, throttle: memoryThrottle() })
  app = createApp(services)
})
afterAll(() => services.close())

/** Nothing is saved up: whoever comes now waits. */
const busy = async () => {
  const now = services.clock.now()
  const queue = { ...emptyQueue(now, paceOf(services)), credit: 0 }
  await services.db.delete(signInQueues)
  await changeQueue(services.db, queue, () => ({ queue }))
}
beforeEach(async () => {
  services.clock.advance(3600)
  await busy()
})

const place = '__Host-garde-place'
const open = (remote?: string) => openBrowser(app, services.config.issuer, remote)
const look = async (browser: Browser) => {
  const answer = await browser.get('/signin?continue=%2Faccount')
  const page = await answer.text()
  const waits = page.includes('Beaucoup de personnes se connectent')
  return { answer, page, waits, ahead: /(\d+|Une) personnes? passe(?:nt)? avant vous/.exec(page)?.[1] }
}
/** Somebody who has signed in here before, and whose session was ended. */
async function known(remote?: string) {
  const person = await enrolPractitioner(app, services, remote === undefined ? {} : { remote })
  person.browser.cookies.delete('__Host-garde-session')
  return person
}

test('when nobody waits, the form is there and nothing is kept of who looked', async () => {
  services.clock.advance(3600)
  const browser = open()
  expect((await look(browser)).waits).toBe(false)
  expect(browser.cookies.has(place)).toBe(false)
})

test('whoever waits is told their place and how long, in a page that moves by itself without script', async () => {
  const browsers = Array.from({ length: 5 }, () => open())
  const seen = []
  for (const browser of browsers) seen.push(await look(browser))
  expect(seen.map(({ ahead }) => ahead)).toEqual([undefined, 'Une', '2', '3', '4'])
  const last = seen.at(-1)
  expect(seen[0]?.page).toContain('Vous êtes la prochaine personne.')
  expect(last?.page).toContain('Attente\u00a0: moins d’une minute.')
  expect(last?.answer.headers.get('refresh')).toBe('3; url=/signin?continue=%2Faccount')
  expect(last?.page).not.toContain('<script')
  const english = await browsers[0]?.get('/signin', { 'Accept-Language': 'en' })
  expect(await english?.text()).toContain('Many people are signing in')
})

test('a turn that has come shows the form and opens the door, for a passkey too', async () => {
  const { browser, authenticator } = await known()
  await busy()
  expect((await look(browser)).waits).toBe(true)
  const early = (await (await tryPasskey(browser, authenticator, { continue: '/account' })).json()) as object
  expect(early).toEqual({ continue: '/signin?continue=%2Faccount' })
  services.clock.advance(1)
  expect((await look(browser)).waits).toBe(false)
  await busy()
  expect(await signIn(browser, authenticator)).toBe('/account')
  expect(browser.cookies.has(place)).toBe(false)
})

test('a form that is posted out of turn leads to the waiting page, and nothing was tried', async () => {
  const browser = open()
  const form = { email: 'anne@example.org', secret: 'x', code: '000000', continue: '/account' }
  const answer = await browser.form('/signin/secret', form)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/signin?continue=%2Faccount'])
  expect((await look(browser)).waits).toBe(true)
})

test('those who are known pass before a flood of strangers, and operators do not wait at all', async () => {
  const { browser } = await known()
  const security = await enrolOperator(app, services)
  security.browser.cookies.delete('__Host-garde-session')
  await busy()
  for (let n = 0; n < 30; n++) await look(open('203.0.113.9'))
  expect((await look(browser)).page).toContain('Vous êtes la prochaine personne.')
  expect((await look(security.browser)).waits).toBe(false)
  expect(await signIn(security.browser, security.authenticator)).toBe('/console')
})

test('another network waits its turn, not behind the flood', async () => {
  for (let n = 0; n < 30; n++) await look(open('203.0.113.9'))
  expect((await look(open('198.51.100.4'))).ahead).toBe('Une')
})

describe('who wants to get ahead', () => {
  test('by throwing the cookie away: takes the last place', async () => {
    const browser = open()
    await look(browser)
    for (let n = 0; n < 4; n++) await look(open())
    browser.cookies.delete(place)
    expect((await look(browser)).ahead).toBe('5')
  })

  test('by writing a place, or changing one: has none', async () => {
    const browser = open()
    await look(browser)
    const [body = '', signature = ''] = (browser.cookies.get(place) ?? '').split('.')
    const changed = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/'))) as Record<
      string,
      unknown
    >
    const forged = btoa(JSON.stringify({ ...changed, openedAt: services.clock.now() })).replaceAll('=', '')
    for (const value of [
      `${forged}.${signature}`,
      `${body}.${signature.slice(1)}A`,
      `${body}.`,
      'x',
      forged,
    ]) {
      const thief = open()
      thief.cookies.set('__Host-garde-browser', browser.cookies.get('__Host-garde-browser') ?? '')
      thief.cookies.set(place, value)
      expect((await look(thief)).waits).toBe(true)
    }
  })

  test('by the place of somebody else: it opens in no other browser', async () => {
    const browser = open()
    await look(browser)
    services.clock.advance(1)
    await look(browser)
    await busy()
    const thief = open()
    thief.cookies.set(place, browser.cookies.get(place) ?? '')
    expect((await look(thief)).waits).toBe(true)
    expect((await look(browser)).waits).toBe(false)
  })

  test('by hoarding: a place lapses when nobody looks, and when its turn is not used', async () => {
    const browser = open()
    await look(browser)
    const kept = browser.cookies.get(place) ?? ''
    services.clock.advance(300)
    await busy()
    await changeQueue(
      services.db,
      emptyQueue(0, paceOf(services)),
      (queue) => join(queue, 'known') ?? { queue },
    )
    expect((await look(browser)).waits).toBe(true)
    expect(browser.cookies.get(place)).not.toBe(kept)
    services.clock.advance(60)
    expect((await look(browser)).waits).toBe(false)
    services.clock.advance(300)
    await busy()
    expect((await look(browser)).waits).toBe(true)
  })

  test('by trying again and again on one place: after three tries it leads to the end of the line', async () => {
    const browser = open()
    await look(browser)
    services.clock.advance(1)
    await look(browser)
    await busy()
    const form = { email: 'nobody@example.org', secret: 'x', code: '000000' }
    const statuses = []
    for (let n = 0; n < 4; n++) statuses.push((await browser.form('/signin/secret', form)).status)
    expect(statuses).toEqual([400, 400, 400, 303])
    expect((await look(browser)).waits).toBe(true)
  })

  test('by the known browser of one person: it joins the first line a few times a minute only', async () => {
    const { browser } = await known()
    await busy()
    for (let n = 0; n < 6; n++) {
      browser.cookies.delete(place)
      await look(browser)
    }
    const [row] = await services.db.select().from(signInQueues)
    expect(row?.queue.known.given).toBe(4)
  })
})

test('a hospital behind one address is not slowed for its number', async () => {
  services.clock.advance(3600)
  for (let n = 0; n < 130; n++)
    expect((await open('192.0.2.1').json('/signin/passkey/options', {})).status).toBe(200)
})

test('three hundred people at the same moment: each has a place of their own, nobody an error', async () => {
  const seen = await Promise.all(Array.from({ length: 300 }, (_, n) => look(open(`10.${n % 60}.0.1`))))
  expect(seen.filter(({ waits, answer }) => !waits || answer.status !== 200)).toEqual([])
  const [row] = await services.db.select().from(signInQueues)
  const given = Object.values(row?.queue.others.given ?? {})
  const served = row?.queue.others.served ?? 0
  expect(Math.round(given.reduce((sum, turn) => sum + turn - served, 0))).toBe(300)
})

describe.each([
  ['PGlite', freshDatabase],
  ['PostgreSQL', async () => openPostgres((await freshPostgres()).url)],
])('on %s', (_name, openDatabase) => {
  test('of 50 who join in the same moment no two have the same turn', async () => {
    const database = await openDatabase()
    await database.migrate()
    const first = { ...emptyQueue(0, { perSecond: 1, burstSeconds: 5 }), credit: 0 }
    const joined = await Promise.all(
      Array.from({ length: 50 }, () =>
        changeQueue(database.db, first, (queue) => {
          const next = join(queue, 'known')
          if (!next) throw new Error('the first line has no end')
          return next
        }),
      ),
    )
    const turns = joined.map(({ standing }) => standing.turn).toSorted((a, b) => a - b)
    expect(turns).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    await database.close()
  })
})
