/** Guessing at secret and code. Each test is named after what the attacker tries; the doctor gets in all the same. */

import type { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { days, minutes } from '../../src/core/time.ts'
import { auditQueue, failures } from '../../src/db/schema.ts'
import type { Authenticator } from '../../src/demo/authenticator.ts'
import { addMembership } from '../../src/people/memberships.ts'
import { listNotices } from '../../src/people/notice-store.ts'
import { updatePractice, type Practice } from '../../src/people/practices.ts'
import { keepSecret, offerCode, prepareSecret } from '../../src/people/secret.ts'
import { totpCode, totpStep } from '../../src/people/totp.ts'
import { recordFailure } from '../../src/risk/lockout-store.ts'
import { primitives } from '../../src/runtime/primitives.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import type { Env } from '../../src/web.ts'
import {
  enrolPractitioner,
  newPerson,
  ok,
  openBrowser,
  openPractice,
  signIn,
  type Browser,
} from '../support/people.ts'
import { freshPostgres } from '../support/postgres.ts'
import { testServices, type TestServices } from '../support/services.ts'

const secret = 'quatre lièvres roux'
const sessionCookie = '__Host-garde-session'

/** A quick hash: these tests count guesses, not work. */
const quick = {
  ...primitives,
  scrypt: async (value: Uint8Array, salt: Uint8Array) => primitives.hmacSha256(salt, value),
}

let services: TestServices
let app: Hono<Env>
let practice: Practice
let email: string
let key: string
let doctor: Browser
let authenticator: Authenticator
let holder: { kind: 'practitioner'; id: Awaited<ReturnType<typeof newPerson>>['id'] }

const head = () => ({ at: services.clock.now(), actor: { kind: 'system', id: 'test' } as const })
const lastReason = (): unknown =>
  services.lines.findLast(({ message }) => message === 'refused')?.fields['reason']
const code = (offset = 0) => totpCode(key, totpStep(services.clock.now()) + offset)
const attempt = (browser: Browser, fields: Record<string, string> = {}) =>
  browser.form('/signin/secret', { email, secret, code: code(), ...fields })
const at = (remote: string) => openBrowser(app, services.config.issuer, remote)

async function open(overrides: Parameters<typeof testServices>[0] = {}) {
  services = await testServices({ primitives: quick, ...overrides })
  app = createApp(services)
}

/** A practitioner with a passkey, a secret and a code, and one known browser. */
async function settle() {
  practice = await openPractice(services)
  const enrolled = await enrolPractitioner(app, services, { practice, remote: '198.51.100.1' })
  doctor = enrolled.browser
  authenticator = enrolled.authenticator
  email = enrolled.practitioner.email
  holder = { kind: 'practitioner', id: enrolled.practitioner.id }
  const offer = await offerCode(services, email, 'test')
  key = offer.key
  const chosen = { secret, code: code(), offer }
  await keepSecret(services.db, holder, await prepareSecret(services, holder.id, [], chosen), head())
  services.clock.advance(60)
}

/** Everything that could have been locked: the passkey, and the known browser's secret and code. */
async function expectDoctorGetsIn() {
  expect(await signIn(doctor, authenticator)).toBe('/account')
  expect(await signIn(at('203.0.113.200'), authenticator)).toBe('/account')
  services.clock.advance(60)
  await ok(await attempt(doctor), 303)
}

describe('on PGlite', () => {
  beforeAll(() => open())
  afterAll(() => services.close())
  beforeEach(settle)

  test('five wrong codes: that network waits fifteen minutes, a known browser does not', async () => {
    const thief = at('192.0.2.1')
    for (let i = 0; i < 5; i++) {
      expect((await attempt(thief, { code: '000000' })).status).toBe(400)
      expect(lastReason()).toBe('secret_or_code_wrong')
    }
    expect((await attempt(at('192.0.2.77'))).status).toBe(400)
    expect(lastReason()).toBe('factor_locked')
    await expectDoctorGetsIn()
    services.clock.advance(minutes(15))
    await ok(await attempt(at('192.0.2.77')), 303)
    const kinds = (await services.db.select().from(auditQueue)).map(({ event }) => event.kind)
    expect(kinds.filter((kind) => kind === 'factor.locked')).toHaveLength(1)
    expect((await listNotices(services.db, holder)).map(({ kind }) => kind)).toContain('factor-locked')
  })

  test('many networks: twenty failures a day are all that strangers have together', async () => {
    for (let i = 0; i < 20; i++) await attempt(at(`10.0.${i}.1`), { code: '000000' })
    expect((await attempt(at('10.0.99.1'))).status).toBe(400)
    expect(lastReason()).toBe('factor_locked')
    await expectDoctorGetsIn()
    services.clock.advance(days(1))
    await ok(await attempt(at('10.0.99.1')), 303)
  })

  test('a hundred failures over many days close the way to strangers, and to nobody else', async () => {
    for (let day = 0; day < 5; day++) {
      for (let i = 0; i < 20; i++)
        await recordFailure(services.db, holder, 'secret-code', `network:10.${day}.${i}.0/24`, head().at)
      services.clock.advance(days(1))
    }
    expect((await attempt(at('10.9.9.1'))).status).toBe(400)
    expect(lastReason()).toBe('factor_locked')
    await expectDoctorGetsIn()
    services.clock.advance(60)
    await ok(await attempt(at('10.9.9.1')), 303)
  })

  test('guesses at the same moment count like guesses one after another', async () => {
    const thief = at('192.0.2.1')
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => attempt(thief, { code: String(i).padStart(6, '0') })),
    )
    expect(answers.every(({ status }) => status === 400)).toBe(true)
    const rows = await services.db.select().from(failures)
    expect(rows.filter((row) => row.holder === holder.id)).toHaveLength(5)
  })

  test('the secret alone, the code alone, and a code again: one text', async () => {
    const texts = new Set<string>()
    const refused = async (response: Response) => {
      expect([response.status, lastReason()]).toEqual([400, 'secret_or_code_wrong'])
      texts.add(/<p>([^<]+)<\/p>/.exec(await response.text())?.[1] ?? '')
    }
    await refused(await attempt(at('192.0.2.1'), { code: '000000' }))
    await refused(await attempt(at('192.0.2.1'), { secret: 'mille lièvres roux' }))
    const taken = code()
    await ok(await attempt(doctor, { code: taken }), 303)
    await refused(await attempt(at('192.0.2.1'), { code: taken }))
    await refused(await attempt(at('192.0.2.1'), { code: code(-1) }))
    expect(texts.size).toBe(1)
  })

  test('asking who exists: unknown, without secret, locked, switched off, all the same page', async () => {
    const pages = new Set<string>()
    const look = async (address: string, browser: Browser, reason: string) => {
      const response = await attempt(browser, { email: address, code: '000000' })
      expect([response.status, lastReason()]).toEqual([400, reason])
      pages.add((await response.text()).replaceAll(address, 'ADDRESS').replaceAll(/req_[\w-]+/g, ''))
    }
    await look('nobody@example.org', at('192.0.2.1'), 'secret_or_code_wrong')
    await look((await newPerson(services)).email, at('192.0.2.1'), 'secret_or_code_wrong')
    for (let i = 0; i < 5; i++) await look(email, at('192.0.2.1'), 'secret_or_code_wrong')
    await look(email, at('192.0.2.1'), 'factor_locked')
    await updatePractice(services, practice.id, { secretSignIn: false }, head())
    await look(email, at('203.0.113.5'), 'secret_sign_in_off')
    expect(pages.size).toBe(1)
  })

  test('whoever is asked about, the same expensive work is done once', async () => {
    let hashed = 0
    const counting = createApp({
      ...services,
      primitives: { ...quick, scrypt: (...given) => ((hashed += 1), quick.scrypt(...given)) },
    })
    const ask = async (address: string) => {
      hashed = 0
      const browser = openBrowser(counting, services.config.issuer, '192.0.2.200')
      await attempt(browser, { email: address, code: '000000' })
      return hashed
    }
    expect(await ask('nobody@example.org')).toBe(1)
    expect(await ask((await newPerson(services)).email)).toBe(1)
    for (let i = 0; i < 7; i++) expect(await ask(email)).toBe(1)
  })

  test('a name that is nobody’s fills no table', async () => {
    const before = (await services.db.select().from(failures)).length
    for (let i = 0; i < 8; i++) await attempt(at('192.0.2.1'), { email: 'nobody@example.org' })
    expect(await services.db.select().from(failures)).toHaveLength(before)
  })

  test('a second practice that switched it off switches it off', async () => {
    await ok(await attempt(doctor), 303)
    const strict = await openPractice(services, { secretSignIn: false })
    await addMembership(services, holder.id, strict.id, { role: 'clinician', doctors: 1 }, head())
    services.clock.advance(60)
    expect((await attempt(doctor)).status).toBe(400)
    expect(lastReason()).toBe('secret_sign_in_off')
    expect(doctor.cookies.has(sessionCookie)).toBe(true)
  })
})

describe('on PostgreSQL', () => {
  beforeAll(async () => open({ database: openPostgres((await freshPostgres()).url) }))
  afterAll(() => services.close())
  beforeEach(settle)

  test('one code in two hands at once opens one session', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((i) => attempt(at(`192.0.${i}.1`))))
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([303, 400, 400, 400])
  })

  test('guesses at the same moment count like guesses one after another', async () => {
    const thief = at('192.0.2.1')
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => attempt(thief, { code: String(i).padStart(6, '0') })),
    )
    const rows = await services.db.select().from(failures)
    expect(rows.filter((row) => row.holder === holder.id)).toHaveLength(5)
  })

  test('one passkey answer in three hands at once opens one session', async () => {
    const options = await (await doctor.json('/signin/passkey/options', {})).json()
    const answer = authenticator.get(options as Parameters<Authenticator['get']>[0])
    const answers = await Promise.all([1, 2, 3].map(() => doctor.json('/signin/passkey', { answer })))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 400, 400])
  })
})
