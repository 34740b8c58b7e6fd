import { afterEach, beforeEach, expect, test } from 'vitest'
import { enrolOperator, signIn } from '../../test/support/operators.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import { hours } from '../core/time.ts'
import { addMembership } from '../people/memberships.ts'
import { createPractice } from '../people/practices.ts'
import { createPractitioner } from '../people/practitioners.ts'
import { beginSession } from '../people/session.ts'
import { impactOf } from './impact-store.ts'
import { findRestriction, listRestrictions } from './listing-store.ts'
import { lift, restrict } from './store.ts'

let services: TestServices
let here: PracticeId
let ada: PractitionerId
let first: SessionId
const now = () => services.clock.now()
const head = () => ({ at: now(), actor: { kind: 'system', id: 'test' } as const })

async function clinician(name: string, practice: PracticeId): Promise<PractitionerId> {
  const fields = {
    givenName: name,
    familyName: 'Test',
    email: `${name}@cab.example`,
    language: 'fr' as const,
  }
  const { id } = await createPractitioner(services, fields, head())
  await addMembership(services, id, practice, { role: 'clinician', doctors: 1 }, head())
  return id
}
const signInAs = async (id: PractitionerId) =>
  (
    await beginSession(services, {
      holder: { kind: 'practitioner', id },
      acr: 'garde:passkey',
      amr: [],
      network: 'n',
      userAgent: 'u',
      sharedDesk: false,
    })
  ).session.id

beforeEach(async () => {
  services = await testServices()
  here = (await createPractice(services, { name: 'Ici', recordsName: 'here', secretSignIn: true }, head())).id
  const there = (
    await createPractice(services, { name: 'Là', recordsName: 'there', secretSignIn: true }, head())
  ).id
  ada = await clinician('ada', here)
  const ben = await clinician('ben', there)
  first = await signInAs(ada)
  await signInAs(ada)
  await signInAs(ben)
  await signIn(services, await enrolOperator(services))
})
afterEach(() => services.close())

test('counts who is signed in and selected', async () => {
  expect(await impactOf(services.db, { everything: true }, now())).toEqual({ people: 2, sessions: 3 })
  expect(await impactOf(services.db, { practice: here }, now())).toEqual({ people: 1, sessions: 2 })
  expect(await impactOf(services.db, { practitioner: ada }, now())).toEqual({ people: 1, sessions: 2 })
  expect(await impactOf(services.db, { session: first }, now())).toEqual({ people: 1, sessions: 1 })
  expect(await impactOf(services.db, { session: first, practice: here }, now())).toEqual({
    people: 1,
    sessions: 1,
  })
  expect(await impactOf(services.db, { client: 'records-app' as never }, now())).toEqual({
    people: 0,
    sessions: 0,
  })
  expect(await impactOf(services.db, {}, now())).toEqual({ people: 0, sessions: 0 })
})

test('who has left is not counted', async () => {
  services.clock.advance(hours(1))
  expect(await impactOf(services.db, { everything: true }, now())).toEqual({ people: 0, sessions: 0 })
})

test('restrictions are listed newest first, each as it stands', async () => {
  const author = { kind: 'rule', rule: 'test' } as const
  const act = (more: object) => ({
    selector: { practitioner: ada },
    effect: { kind: 'deny' } as const,
    endsSessions: false,
    reason: 'r',
    ...more,
  })
  const { restriction: lifted } = await restrict(services, author, act({}))
  const { restriction: short } = await restrict(services, author, act({ expiresAt: now() + 10 }))
  const { restriction: standing } = await restrict(services, author, act({}))
  await lift(services, author, { restriction: lifted.id, reason: 'over' })
  services.clock.advance(10)
  const all = await listRestrictions(services.db, { now: now(), state: 'all' })
  expect(all.map(({ restriction, state }) => [restriction.id, state])).toEqual([
    [standing.id, 'active'],
    [short.id, 'expired'],
    [lifted.id, 'lifted'],
  ])
  expect(all[2]?.lift?.reason).toBe('over')
  expect(await listRestrictions(services.db, { now: now() })).toEqual([
    { restriction: standing, state: 'active' },
  ])
  const older = await listRestrictions(services.db, {
    now: now(),
    state: 'all',
    before: standing.sequence,
    limit: 1,
  })
  expect(older.map(({ restriction }) => restriction.id)).toEqual([short.id])
  expect(await findRestriction(services.db, lifted.id, now())).toEqual(all[2])
})
