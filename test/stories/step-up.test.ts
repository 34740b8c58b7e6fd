/** The gateway asks for a fresher sign-in (RFC 9470); only an application that had its own grant authorized anew goes on. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { saveResource } from '../../src/resources/store.ts'
import {
  audienceOf,
  twoPatients,
  world,
  type Clinician,
  type OperatorAtWork,
  type World,
} from '../support/world.ts'

let here: World
let clinician: Clinician
let operator: OperatorAtWork
beforeAll(async () => {
  here = await world()
  const practice = await here.practice('Lilas')
  here.records.load(twoPatients(practice, await here.practice('Tilleuls')) as never)
  clinician = await here.clinician(practice)
  operator = await here.operator()
})
afterAll(() => here.close())

const asks = (answer: Response) => [answer.status, answer.headers.get('www-authenticate')] as const

test('a resource that wants a recent sign-in', async () => {
  const { services, clock } = here
  const resource = services.resources.findByAudience(audienceOf(here.issuer))
  const head = { at: clock.now(), actor: { kind: 'system', id: 'test' } } as const
  await saveResource(services, head, { ...resource, signIn: { acr: 'garde:passkey', maxAge: 60 } })
  await clinician.signIn()
  const mine = await clinician.openApp()
  expect((await mine.get('/Patient/a1')).status).toBe(200)

  clock.advance(61)
  await clinician.browser.get('/account')
  const refreshed = await mine.refresh()
  const [status, challenge] = asks(await refreshed.get('/Patient/a1'))
  expect(status).toBe(401)
  expect(challenge).toContain('error="insufficient_user_authentication"')
  expect(challenge).toContain('acr_values="garde:passkey"')
  expect(challenge).toContain('max_age="60"')

  // Authorizing without a fresh proof raises nothing.
  const silent = await clinician.openApp()
  expect((await silent.get('/Patient/a1')).status).toBe(401)

  await clinician.signIn()
  const raised = await clinician.openApp()
  expect((await raised.get('/Patient/a1')).status).toBe(200)
  for (const low of [refreshed, await refreshed.refresh(), silent, await silent.refresh()])
    expect((await low.get('/Patient/a1')).status).toBe(401)
  expect(here.lastReason()).toBe('step_up_required')
  await saveResource(services, head, resource)
})

test('a restriction that asks for a step-up: the grant that was authorized since passes, the others wait', async () => {
  await clinician.signIn()
  const [mine, other] = [await clinician.openApp(), await clinician.openApp()]
  here.clock.advance(1)
  const { id } = await operator.restrict({
    selector: { practitioner: clinician.practitioner.id },
    effect: { kind: 'step-up' },
    endsSessions: false,
    reason: 'many patients in an hour',
  })
  const [status, challenge] = asks(await mine.get('/Patient/a1'))
  expect(status).toBe(401)
  expect(challenge).toContain('max_age="0"')
  here.clock.advance(1)
  await clinician.signIn()
  const raised = await clinician.openApp()
  expect((await raised.get('/Patient/a1')).status).toBe(200)
  expect((await other.get('/Patient/a1')).status).toBe(401)
  expect((await mine.get('/Patient/a1')).status).toBe(401)
  await operator.lift(id)
  expect((await other.get('/Patient/a1')).status).toBe(200)
})
