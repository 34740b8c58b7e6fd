import { afterEach, beforeEach, expect, test } from 'vitest'
import { restrictionServices } from '../../test/support/restrictions.ts'
import type { TestServices } from '../../test/support/services.ts'
import type { FindingId, PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import { days, hours } from '../core/time.ts'
import { auditEntries, auditQueue, notices, practices, practitioners, sessions } from '../db/schema.ts'
import { journalSince } from '../restrictions/store.ts'
import { actOnFinding, listFindings, servedLastDay } from './finding-store.ts'
import type { Finding } from './finding.ts'

let services: TestServices
beforeEach(async () => {
  services = await restrictionServices()
  await services.db
    .insert(practitioners)
    .values({ id: ada, givenName: 'Ada', familyName: 'Lef', email: 'ada@example', createdAt: 0 })
  await services.db.insert(practices).values({ id: here, name: 'Cabinet', recordsName: 'cab', createdAt: 0 })
  await services.db.insert(sessions).values({
    id: sid,
    tokenHash: 't',
    holderKind: 'practitioner',
    holder: ada,
    startedAt: 0,
    facts: { session_started_at: 0, session_sequence: 0 },
    authTime: 0,
    acr: 'garde:passkey',
    amr: [],
    lastActiveAt: 0,
    idleSeconds: 3600,
    endsAt: 1,
    network: 'n',
    userAgent: 'u',
  })
})
afterEach(() => services.close())

const ada = 'prt_ada' as PractitionerId
const here = 'prc_here' as PracticeId
const sid = 'ses_ada' as SessionId

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'fnd_one' as FindingId,
  rule: 'patients-24h-stop',
  practitioner: ada,
  practice: here,
  session: sid,
  access: 'opened',
  value: 241,
  threshold: 240,
  windowSeconds: days(1),
  action: 'stop',
  observed: false,
  at: services.clock.now(),
  ...more,
})
const asked = { practitioner: ada, session: sid, sessionSequence: 0, authTime: 0, safe: true }
const decide = () => services.restrictions.decide(asked, services.clock.now())
const recorded = async () =>
  (await services.db.select().from(auditQueue))
    .map(({ event }) => event)
    .filter(({ kind }) => kind !== 'key.created')

test('a stop becomes a quota of no new patient, for 24 h, with its reason in a sentence', async () => {
  expect(await actOnFinding(services, finding())).toBe(true)
  expect(decide()).toMatchObject({
    allow: true,
    newPatients: 0,
    message: { en: expect.stringContaining('More than 240 different patients in 24 h') as string },
  })
  services.clock.advance(hours(24))
  await services.restrictions.catchUp()
  expect(decide()).not.toHaveProperty('newPatients')
})

test('what was found is stored, audited, told, and names its restriction', async () => {
  await actOnFinding(services, finding())
  const [stored] = await listFindings(services.db, { since: 0 })
  expect(stored).toMatchObject({
    rule: 'patients-24h-stop',
    value: 241,
    threshold: 240,
    window: '24 h',
    action: 'stop',
  })
  const [row] = await journalSince(services.db, 0)
  expect(row).toMatchObject({ restriction: { id: stored?.restriction, author: { kind: 'rule' } } })
  expect((await recorded()).map(({ kind }) => kind)).toEqual(['finding', 'restriction.made'])
  expect(await services.db.select().from(notices)).toMatchObject([{ holder: ada, kind: 'finding.stop' }])
})

test('acting twice on one finding restricts once', async () => {
  await actOnFinding(services, finding())
  expect(await actOnFinding(services, finding())).toBe(true)
  expect(await journalSince(services.db, 0)).toHaveLength(1)
  expect(await listFindings(services.db, { since: 0 })).toHaveLength(1)
})

test('a note restricts nobody', async () => {
  await actOnFinding(services, finding({ action: 'notice', rule: 'patients-24h-note' }))
  expect(await journalSince(services.db, 0)).toEqual([])
  expect(await services.db.select().from(notices)).toHaveLength(1)
})

test('what is only observed is written down, and nobody is told', async () => {
  await actOnFinding(services, finding({ action: 'step-up', observed: true }))
  expect(await listFindings(services.db, { since: 0 })).toMatchObject([
    { action: 'observe', restriction: null },
  ])
  expect(await services.db.select().from(notices)).toEqual([])
})

test('a step-up asks for a sign-in after it', async () => {
  await actOnFinding(services, finding({ action: 'step-up' }))
  expect(decide()).toMatchObject({ allow: false, reason: 'step_up_required' })
})

test('an ended session stays ended after the restriction is over', async () => {
  await actOnFinding(services, finding({ action: 'end-session', rule: 'other-practice-reads' }))
  expect(decide()).toMatchObject({ allow: false, reason: 'session_ended' })
  services.clock.advance(hours(12) - 1)
  await services.restrictions.catchUp()
  expect(decide()).toMatchObject({ allow: false, reason: 'session_ended' })
  services.clock.advance(1)
  await services.restrictions.catchUp()
  expect(decide()).toMatchObject({ allow: false, reason: 'session_ended' })
})

test('what was served in the last 24 h is found again, first and last time', async () => {
  const now = services.clock.now()
  const entry = (index: number, at: number) => ({
    log: 'server',
    index,
    leaf: 'x',
    entry: 'x',
    at,
    kind: 'access.served' as const,
    actor: 'x',
    practitioner: ada,
    patient: '1.p',
    access: 'opened' as const,
  })
  await services.db
    .insert(auditEntries)
    .values([entry(0, now - days(1)), entry(1, now - 500), entry(2, now - 300), entry(3, now - 100)])
  expect(await servedLastDay(services.db, now)).toEqual([
    { practitioner: ada, patient: '1.p', access: 'opened', at: now - 500 },
    { practitioner: ada, patient: '1.p', access: 'opened', at: now - 100 },
  ])
})
