/** The main job, without a browser: sign in, read, be cut, be refused, be let back in; and the log proves all of it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  expectStatus,
  twoPatients,
  world,
  type Clinician,
  type OperatorAtWork,
  type Store,
  type World,
} from '../support/world.ts'

describe.each<Store>(['PGlite', 'PostgreSQL'])('on %s', (store) => {
  let here: World
  let clinician: Clinician
  let operator: OperatorAtWork

  beforeAll(async () => {
    here = await world(store)
    const [lilas, tilleuls] = [await here.practice('Lilas'), await here.practice('Tilleuls')]
    here.records.load(twoPatients(lilas, tilleuls) as never)
    clinician = await here.clinician(lilas)
    operator = await here.operator()
  })
  afterAll(() => here.close())

  test('a practitioner reads a record of the practice through a records app', async () => {
    const app = await clinician.openApp()
    const answer = await app.get('/Patient/a1')
    await expectStatus(answer, 200)
    expect(await answer.json()).toMatchObject({ resourceType: 'Patient', id: 'a1' })
  })

  test('a patient of another practice is neither read nor written, and the records API sees no write', async () => {
    const app = await clinician.openApp()
    const before = here.forwarded().length
    const answer = await app.get('/Patient/b1')
    expect(await answer.text()).not.toContain('Durand')
    await expectStatus(answer, 403)
    expect(here.lastReason()).toBe('other_practice')
    await expectStatus(await app.send('PUT', '/Patient/b1', { resourceType: 'Patient', id: 'b1' }), 403)
    expect(
      here
        .forwarded()
        .slice(before)
        .filter((call) => !call.startsWith('GET ')),
    ).toEqual([])
  })

  test('cutting one practitioner refuses the next call, the refresh and a new sign-in; lifting lets the token on', async () => {
    const app = await clinician.openApp()
    const cut = await operator.restrict({
      selector: { practitioner: clinician.practitioner.id },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'badge lost',
    })
    expect(cut.appliedOn).toHaveLength(1)
    const before = here.forwarded().length
    await expectStatus(await app.get('/Patient/a1'), 423)
    expect(here.lastReason()).toBe('restricted')
    await expect(app.refresh()).rejects.toThrow()
    expect(here.lastReason()).toBe('restricted')
    await expect(clinician.openApp()).rejects.toThrow()
    expect(here.forwarded().slice(before)).toEqual([])

    await expectStatus(await operator.lift(cut.id), 200)
    await expectStatus(await app.get('/Patient/a1'), 200)
  })

  test('lifting a restriction that ended sessions does not revive a stolen one', async () => {
    const stolen = await clinician.openApp()
    const cut = await operator.restrict({
      selector: { practitioner: clinician.practitioner.id },
      effect: { kind: 'deny' },
      endsSessions: true,
      reason: 'badge stolen',
    })
    await expectStatus(await operator.lift(cut.id), 200)
    await expectStatus(await stolen.get('/Patient/a1'), 401)
    expect(here.lastReason()).toBe('session_ended')
    await expect(stolen.refresh()).rejects.toThrow()

    await clinician.signIn()
    const fresh = await clinician.openApp()
    await expectStatus(await fresh.get('/Patient/a1'), 200)
  })

  test('read-only lets reading go on', async () => {
    const app = await clinician.openApp()
    const cut = await operator.restrict({
      selector: { practice: clinician.practice.id },
      effect: { kind: 'read-only' },
      endsSessions: false,
      reason: 'something is odd',
    })
    const note = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'pulse' },
      subject: { reference: 'Patient/a1' },
    }
    await expectStatus(await app.get('/Patient/a1'), 200)
    await expectStatus(await app.send('POST', '/Observation', note), 423)
    expect(here.lastReason()).toBe('read_only')
    await expectStatus(await operator.lift(cut.id), 200)
    await expectStatus(await app.send('POST', '/Observation', note), 201)
  })

  test('the log proves it: intact, and it says which patients were served to whom', async () => {
    expect(await here.garde('audit', 'verify')).toMatchObject({ exitCode: 0, answer: { intact: true } })
    const { answer } = await here.garde('audit', 'patients', '--practitioner', clinician.practitioner.id)
    expect(answer).toMatchObject({ distinct: 1, complete: true })
    expect(JSON.stringify(answer)).not.toContain('Patient/a1')
  })
})
