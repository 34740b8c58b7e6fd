/** Protocols 7: SMART App Launch, standalone and from a records application, through the front door. */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addMembership } from '../../src/people/memberships.ts'
import { smartWorld, type SmartWorld } from '../support/smart.ts'
import { audienceOf, type Clinician } from '../support/world.ts'

let here: SmartWorld
let anne: Clinician
/** Of the same practice. */
let eve: Clinician
/** Of both practices. */
let both: Clinician
beforeAll(async () => {
  here = await smartWorld()
  anne = await here.clinician(here.lilas)
  eve = await here.clinician(here.lilas)
  both = await here.clinician(here.lilas)
  const role = { role: 'clinician', doctors: 1 } as const
  await addMembership(here.services, both.practitioner.id, here.tilleuls.id, role, here.head())
})
afterAll(() => here.close())
beforeEach(() => {
  here.lines.length = 0
  // The records API goes by the clock of this machine.
  here.clock.advance(Math.max(0, Math.floor(Date.now() / 1000) - here.clock.now()))
})

const durand = { search: 'yes', family: 'durand', given: '', birthdate: '1951-03-03', identifier: '' }
const toQuestion = async (changes: Record<string, string> = {}) =>
  (await here.walk(anne.browser, here.address(changes))).page
const offered = (page: string): string[] =>
  Array.from(page.matchAll(/name="patient" value="([^"]*)"/g), ([, id = '']) => id)

async function standalone() {
  const question = await toQuestion()
  const found = (await here.answer(anne.browser, question, durand)).page
  return here.exchange((await here.answer(anne.browser, found, { patient: 'a1' })).left)
}

describe('protocols 7: standalone launch', () => {
  test('the person chooses a patient of the practice, and the application reads that one only', async () => {
    const tokens = await standalone()
    expect(tokens).toMatchObject({
      patient: 'a1',
      need_patient_banner: true,
      tenant: here.lilas.id,
      scope: 'openid fhirUser offline_access launch/patient patient/*.rs user/Practitioner.r',
    })
    expect(decodeJwt(tokens.access_token)).toMatchObject({ patient: 'a1' })
    expect((await here.read(tokens.access_token, '/Patient/a1')).status).toBe(200)
    expect((await here.read(tokens.access_token, '/Observation/oa1')).status).toBe(200)
    expect((await here.read(tokens.access_token, '/Patient/a2')).status).toBe(403)
    expect(here.lastReason()).toBe('insufficient_scope')
    expect((await here.read(tokens.access_token, '/Observation/oa2')).status).toBe(403)
    const all = (await (await here.read(tokens.access_token, '/Observation')).json()) as {
      entry: { resource: { id: string } }[]
    }
    expect(all.entry.map(({ resource }) => resource.id)).toEqual(['oa1'])
  })

  test('the search is exact, and of the practice alone', async () => {
    const found = (await here.answer(anne.browser, await toQuestion(), durand)).page
    expect(offered(found)).toEqual(['a1'])
    const byNumber = { ...durand, family: '', birthdate: '', identifier: 'N-a2' }
    expect(offered((await here.answer(anne.browser, await toQuestion(), byNumber)).page)).toEqual(['a2'])
    const elsewhere = { ...byNumber, identifier: 'N-b1' }
    const none = (await here.answer(anne.browser, await toQuestion(), elsewhere)).page
    expect(offered(none)).toEqual([])
    expect(none).toContain('Aucun dossier de ce cabinet')
  })

  test.each([
    ['nothing', { family: '', birthdate: '' }],
    ['a name alone', { birthdate: '' }],
    ['a birth date alone', { family: '' }],
  ])('with %s nothing is looked for', async (_what, changes) => {
    const before = here.records.received.length
    const { page } = await here.answer(anne.browser, await toQuestion(), { ...durand, ...changes })
    expect(page).toContain('Indiquez un nom et une date de naissance')
    expect(here.records.received.length).toBe(before)
  })

  test('what is looked for stands in no address and no log', async () => {
    await standalone()
    expect(JSON.stringify(here.lines)).not.toMatch(/durand|1951/i)
  })

  test('the choice is recorded as a read of that patient, by that person through that application', async () => {
    await standalone()
    await here.operator()
    const { answer } = await here.garde('audit', 'patients', '--practitioner', anne.practitioner.id)
    expect(JSON.stringify(answer)).toContain('opened')
  })

  test.each([
    ['of another practice', 'b1'],
    ['that does not exist', 'zz'],
    ['that is a path', '../metadata'],
    ['that is a list', 'a1,b1'],
  ])('a forged patient %s is a question again', async (_what, patient) => {
    const question = await toQuestion()
    const { page, left } = await here.answer(anne.browser, question, { patient })
    expect(left).toBeUndefined()
    expect(page).toContain('Ce dossier n’est pas de ce cabinet.')
  })

  test('a chosen patient goes with the practice that was chosen', async () => {
    const practices = (await here.walk(both.browser, here.address())).page
    const lilas = /value="(mbr_[^"]*)"[^>]*>\s*<label[^>]*>Lilas/.exec(practices)?.[1] ?? ''
    const question = (await here.answer(both.browser, practices, { membership: lilas })).page
    expect(question).toContain('Pour quel patient')
    const { page } = await here.answer(both.browser, question, { patient: 'b1' })
    expect(page).toContain('Ce dossier n’est pas de ce cabinet.')
  })

  test('who leaves the question is told to the application', async () => {
    const { left } = await here.answer(anne.browser, await toQuestion(), { leave: 'yes' })
    expect(left?.searchParams.get('error')).toBe('access_denied')
  })

  test('silently there is nobody to ask', async () => {
    const { left } = await here.walk(anne.browser, here.address({ prompt: 'none' }))
    expect(left?.searchParams.get('error')).toBe('interaction_required')
  })

  test('the patient stays the same at each refresh, whatever is asked', async () => {
    const first = await standalone()
    const second = await here.refresh(first.refresh_token)
    expect(second).toMatchObject({ patient: 'a1', tenant: here.lilas.id })
    expect(decodeJwt(second.access_token)).toMatchObject({ patient: 'a1' })
    expect((await here.read(second.access_token, '/Patient/a2')).status).toBe(403)
  })

  test.each([
    ['a patient/ scope without a launch', { scope: 'openid patient/*.rs' }, 'invalid_scope'],
    ['letters out of order', { scope: 'launch/patient patient/*.sr' }, 'invalid_scope'],
    [
      'a limit with a modifier',
      { scope: 'launch/patient patient/Observation.rs?code:in=a' },
      'invalid_scope',
    ],
    ['a limit by _filter', { scope: 'launch/patient patient/Observation.rs?_filter=code' }, 'invalid_scope'],
    ['another context than registered', { scope: 'launch/patient user/Observation.rs' }, 'invalid_scope'],
    ['another FHIR base', { aud: 'https://evil.example/fhir' }, 'invalid_target'],
    ['no FHIR base', { aud: '' }, 'invalid_target'],
    ['the scope launch without a launch', { scope: 'openid launch' }, 'invalid_request'],
    ['a launch without its scope', { launch: 'x' }, 'invalid_request'],
    ['a launch that was never made', { scope: 'openid launch', launch: 'x' }, 'invalid_request'],
  ])('%s is refused', async (_what, changes, error) => {
    const { left } = await here.walk(anne.browser, here.address(changes))
    expect(left?.searchParams.get('error')).toBe(error)
  })

  test('as much is granted as is registered, and told', async () => {
    const question = await toQuestion({
      scope: 'launch/patient launch/encounter patient/*.cruds patient/Observation.rs?category=vital-signs',
    })
    const { left } = await here.answer(anne.browser, question, { patient: 'a1' })
    expect((await here.exchange(left)).scope).toBe('launch/patient patient/*.rs')
  })
})

describe('protocols 7: fhirUser', () => {
  test('is where the person stands in the records, and they can be read there', async () => {
    const tokens = await standalone()
    const { fhirUser } = decodeJwt(tokens.id_token ?? '')
    expect(fhirUser).toBe(`${audienceOf(here.issuer)}/Practitioner/prat-anne`)
    expect((await here.read(tokens.access_token, '/Practitioner/prat-anne')).status).toBe(200)
  })
})

describe('protocols 7: introspection', () => {
  test('says of whom and by whom; of what is nothing, two words', async () => {
    const tokens = await standalone()
    expect(await here.introspect(tokens.access_token)).toMatchObject({
      active: true,
      patient: 'a1',
      fhirUser: `${audienceOf(here.issuer)}/Practitioner/prat-anne`,
    })
    expect(await here.introspect('nothing')).toEqual({ active: false })
    expect(await here.introspect(`${tokens.access_token}x`)).toEqual({ active: false })
  })
})

describe('protocols 7: EHR launch', () => {
  const launched = { client: 'smart-app', patient: 'a1' }
  const scope = 'openid launch launch/encounter patient/*.rs'
  const made = async (person: Clinician, fields: Record<string, string> = {}): Promise<string> => {
    const { access_token } = await here.openEhr(person.browser)
    const answer = await here.launch(access_token, { ...launched, ...fields })
    expect(answer.status).toBe(201)
    return ((await answer.json()) as { launch: string }).launch
  }

  test('opens the application on that patient, without a question', async () => {
    const launch = await made(anne, { encounter: 'ea1', intent: 'reconcile', need_patient_banner: 'false' })
    const tokens = await here.exchange((await here.walk(anne.browser, here.address({ scope, launch }))).left)
    expect(tokens).toMatchObject({
      patient: 'a1',
      encounter: 'ea1',
      intent: 'reconcile',
      need_patient_banner: false,
    })
    expect((await here.read(tokens.access_token, '/Patient/a1')).status).toBe(200)
    expect((await here.read(tokens.access_token, '/Patient/a2')).status).toBe(403)
  })

  test('tells where to begin', async () => {
    const { access_token } = await here.openEhr(anne.browser)
    const answer = await here.launch(access_token, launched)
    const { iss, launch, expires_in } = (await answer.json()) as Record<string, string>
    expect({ iss, expires_in }).toEqual({ iss: audienceOf(here.issuer), expires_in: 300 })
    // 128 bits are 22 characters.
    expect(launch?.length).toBeGreaterThanOrEqual(22)
  })

  const spend = async (person: Clinician, changes: Record<string, string>) =>
    (await here.walk(person.browser, here.address({ scope, ...changes }))).left?.searchParams

  test('is spent once', async () => {
    const launch = await made(anne)
    expect((await spend(anne, { launch }))?.get('code')).toBeTruthy()
    expect((await spend(anne, { launch }))?.get('error')).toBe('invalid_request')
    expect(here.lastReason()).toBe('launch_invalid')
  })

  test('by nobody else, who does not spend it for its owner either', async () => {
    const launch = await made(anne)
    expect((await spend(eve, { launch }))?.get('error')).toBe('invalid_request')
    expect(here.lastReason()).toBe('launch_invalid')
    expect((await spend(anne, { launch }))?.get('code')).toBeTruthy()
  })

  test('nor with another application', async () => {
    const launch = await made(anne)
    expect((await spend(anne, { launch, client_id: 'other-app' }))?.get('error')).toBe('invalid_request')
    expect((await spend(anne, { launch }))?.get('code')).toBeTruthy()
  })

  test('of fifty at once one gets a code', async () => {
    const launch = await made(anne)
    const all = await Promise.all(Array.from({ length: 50 }, () => spend(anne, { launch })))
    expect(all.filter((answer) => answer?.get('code')).length).toBe(1)
    expect(all.filter((answer) => answer?.get('error') === 'invalid_request').length).toBe(49)
  })

  test.each([
    ['an application it may not open', { client: 'other-app' }, 403, 'launch_not_allowed'],
    ['one that does not exist', { client: 'nobody' }, 403, 'launch_not_allowed'],
    ['a patient of another practice', { patient: 'b1' }, 403, 'patient_unresolved'],
    ['a patient nobody knows', { patient: 'zz' }, 403, 'patient_unresolved'],
    ['an encounter of another patient', { encounter: 'ea2' }, 403, 'patient_unresolved'],
    ['no patient', { patient: '' }, 400, 'malformed_request'],
    ['a patient that is a path', { patient: '../Patient/b1' }, 400, 'malformed_request'],
  ])('the records application cannot name %s', async (_what, fields, status, reason) => {
    const { access_token } = await here.openEhr(anne.browser)
    expect((await here.launch(access_token, { ...launched, ...fields })).status).toBe(status)
    expect(here.lastReason()).toBe(reason)
  })

  test('an application that was opened opens no other, and a token nobody issued nothing', async () => {
    const tokens = await standalone()
    expect((await here.launch(tokens.access_token, launched)).status).toBe(403)
    expect(here.lastReason()).toBe('launch_not_allowed')
    expect((await here.launch('x.y.z', launched)).status).toBe(401)
  })

  // Last: from here on this clock is ahead of the machine's.
  test('nor later than five minutes', async () => {
    const launch = await made(anne)
    here.clock.advance(301)
    expect((await spend(anne, { launch }))?.get('error')).toBe('invalid_request')
  })
})
