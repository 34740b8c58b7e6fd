import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hours, minutes } from '../core/time.ts'
import type { EventHead, Holder } from '../audit/event.ts'
import { auditQueue, sessions } from '../db/schema.ts'
import type { Facts } from '../restrictions/facts.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { endMembership, addMembership, membershipsOf } from './memberships.ts'
import { listNotices } from './notice-store.ts'
import { createPractice } from './practices.ts'
import { createPractitioner, disablePractitioner } from './practitioners.ts'
import {
  beginSession,
  endAllSessions,
  endSession,
  findLiveSession,
  findSession,
  listSessions,
  requireSession,
  stepUp,
  touchSessions,
} from './session.ts'

let services: TestServices
let holder: Holder & { kind: 'practitioner' }
let denied: (facts: Facts) => 'restricted' | 'session_ended' | undefined
let sequence: number
let caughtUp: number
const head = (): EventHead => ({ at: services.clock.now(), actor: { kind: 'system', id: 'test' } })

beforeAll(async () => {
  const basis = () => ({ sequence, ageMs: 0, tier: 'fresh' as const })
  services = await testServices({
    restrictions: {
      decide: (facts) => {
        const reason = denied(facts)
        return reason
          ? { allow: false, basis: basis(), reason, by: 'rst_test' as never }
          : { allow: true, basis: basis() }
      },
      basis,
      onChange: () => () => {},
      catchUp: async () => {
        caughtUp += 1
        sequence = 7
      },
      follow: async () => {},
      stop: async () => {},
    },
  })
})
afterAll(() => services.close())
beforeEach(async () => {
  denied = () => undefined
  sequence = 3
  caughtUp = 0
  const person = await createPractitioner(
    services,
    { givenName: 'Anne', familyName: 'Martin', email: `${crypto.randomUUID()}@example.org`, language: 'fr' },
    head(),
  )
  holder = { kind: 'practitioner', id: person.id }
})

const begin = (more: { deviceCookie?: string; sharedDesk?: boolean; acr?: 'garde:secret-otp' } = {}) =>
  beginSession(services, {
    holder,
    acr: 'garde:passkey',
    amr: ['user', 'mfa', 'phr'],
    network: '192.0.2.0/24',
    userAgent: 'Test',
    sharedDesk: false,
    ...more,
  })

test('the session’s sequence is read after catching up, and only a hash of the cookie is kept', async () => {
  const { session, cookie } = await begin()
  expect(caughtUp).toBe(1)
  expect(session.facts.session_sequence).toBe(7)
  const rows = await services.db.select().from(sessions)
  expect(JSON.stringify(rows)).not.toContain(cookie)
  expect((await findSession(services, cookie))?.id).toBe(session.id)
})

test('a desk that is shared ends after 5 minutes without activity, one’s own after an hour', async () => {
  const shared = await begin({ sharedDesk: true })
  const own = await begin()
  services.clock.advance(minutes(5))
  expect(await findSession(services, shared.cookie)).toBeUndefined()
  expect(await findSession(services, own.cookie)).toBeDefined()
  services.clock.advance(minutes(55))
  expect(await findSession(services, own.cookie)).toBeUndefined()
  const events = (await services.db.select().from(auditQueue)).map(({ event }) => event)
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'session.ended', session: own.session.id, cause: 'idle' }),
  )
})

test('activity keeps a session open, but never past 12 hours, and never revives it', async () => {
  const { session, cookie } = await begin()
  for (let i = 0; i < 12; i++) {
    services.clock.advance(minutes(59))
    await touchSessions(services, [session.id])
  }
  expect(await findSession(services, cookie)).toBeDefined()
  services.clock.advance(minutes(12))
  await touchSessions(services, [session.id])
  expect(await findSession(services, cookie)).toBeUndefined()
  const idle = await begin()
  services.clock.advance(hours(1))
  await touchSessions(services, [idle.session.id])
  expect(await findSession(services, idle.cookie)).toBeUndefined()
})

test('a session below a restriction that ends sessions is gone, a denied holder is told so', async () => {
  const { session, cookie } = await begin()
  denied = (facts) => (facts.sessionSequence === 7 ? 'session_ended' : undefined)
  expect(await findSession(services, cookie)).toBeUndefined()
  await expect(requireSession(services, cookie)).rejects.toMatchObject({ reason: 'session_required' })
  denied = (facts) => (facts.practitioner === session.holder.id ? 'restricted' : undefined)
  await expect(requireSession(services, cookie)).rejects.toMatchObject({ reason: 'restricted' })
  await expect(begin()).rejects.toMatchObject({ reason: 'restricted' })
})

test('a practitioner all of whose practices are denied does not get in; one open practice is enough', async () => {
  const practices = await Promise.all(
    ['a', 'b'].map((name) =>
      createPractice(
        services,
        { name, recordsName: `${name}-${crypto.randomUUID()}`, secretSignIn: true },
        head(),
      ),
    ),
  )
  for (const { id } of practices)
    await addMembership(services, holder.id, id, { role: 'clinician', doctors: 1 }, head())
  denied = ({ practice }) => (practice === practices[0]?.id ? 'restricted' : undefined)
  expect(await begin()).toBeDefined()
  denied = ({ practice }) => (practice ? 'restricted' : undefined)
  await expect(begin()).rejects.toMatchObject({ reason: 'restricted' })
})

test('disabling a practitioner ends every session at once', async () => {
  const { cookie } = await begin()
  await disablePractitioner(services, holder.id, head())
  expect(await findSession(services, cookie)).toBeUndefined()
})

test('a step-up rotates the cookie, raises acr and time of authentication, and moves no fact', async () => {
  const { session, cookie } = await begin({ acr: 'garde:secret-otp' })
  services.clock.advance(minutes(10))
  sequence = 99
  const raised = await stepUp(
    services,
    session,
    { acr: 'garde:passkey', amr: ['user', 'mfa', 'phr'] },
    head(),
  )
  expect(await findSession(services, cookie)).toBeUndefined()
  const found = await requireSession(services, raised.cookie)
  expect(found).toMatchObject({
    id: session.id,
    acr: 'garde:passkey',
    authTime: session.authTime + minutes(10),
    facts: session.facts,
  })
})

test('sessions end one by one or all but this one, once', async () => {
  const kept = await begin()
  const other = await begin()
  const third = await begin()
  expect(await endSession(services, other.session, 'signed-out', head())).toBe(true)
  expect(await endSession(services, other.session, 'signed-out', head())).toBe(false)
  expect(await endAllSessions(services, holder, 'not-me', head(), kept.session.id)).toEqual([
    third.session.id,
  ])
  expect((await listSessions(services, holder)).map(({ id }) => id)).toEqual([kept.session.id])
})

test('a browser is new once; a notice says so', async () => {
  const first = await begin()
  const again = await begin({ deviceCookie: first.deviceCookie })
  expect([first.newDevice, again.newDevice]).toEqual([true, false])
  expect(again.deviceCookie).toBe(first.deviceCookie)
  const planted = await begin({ deviceCookie: 'chosen-by-somebody' })
  expect(planted.deviceCookie).not.toBe('chosen-by-somebody')
  expect((await listNotices(services.db, holder)).map(({ kind }) => kind)).toEqual([
    'new-device',
    'new-device',
  ])
})

test('the leaver: a membership whose end has come opens nothing', async () => {
  const practice = await createPractice(
    services,
    { name: 'Cabinet', recordsName: crypto.randomUUID(), secretSignIn: true },
    head(),
  )
  const startAt = services.clock.now() + hours(1)
  const member = await addMembership(
    services,
    holder.id,
    practice.id,
    { role: 'clinician', doctors: 1, startAt },
    head(),
  )
  const open = () => membershipsOf(services, holder.id, services.clock.now())
  expect(await open()).toEqual([])
  services.clock.advance(hours(1))
  expect((await open()).map(({ id }) => id)).toEqual([member.id])
  await endMembership(services, member.id, services.clock.now() + hours(1), head())
  expect(await open()).toHaveLength(1)
  services.clock.advance(hours(1))
  expect(await open()).toEqual([])
})

test('somebody who is denied hides no session from whoever ends it', async () => {
  const { session } = await begin()
  denied = () => 'restricted'
  expect(await listSessions(services, session.holder)).toEqual([])
  expect((await findLiveSession(services, session.id))?.id).toBe(session.id)
  await endSession(services, session, 'operator', head())
  expect(await findLiveSession(services, session.id)).toBeUndefined()
})
