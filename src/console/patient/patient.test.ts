/** Naming a patient through the front door: two people, two shares, one answer. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { confirmAct, enrolOperator, ok } from '../../../test/support/people.ts'
import { seatPractitioner } from '../../../test/support/seated.ts'
import { testServices, type TestServices } from '../../../test/support/services.ts'
import { createApp } from '../../app.ts'
import { createPseudonyms } from '../../audit/pseudonym.ts'
import { loadPseudonymKeys } from '../../audit/pseudonym-store.ts'
import { lastEvents } from '../../audit/query-store.ts'
import { sequenceOnce } from '../../audit/sequencer.ts'
import { record } from '../../audit/store.ts'
import { hours } from '../../core/time.ts'
import { resolutions } from '../../db/schema.ts'

type Person = Awaited<ReturnType<typeof enrolOperator>>

let services: TestServices
let shares: [string, string]
let patient: string
let ada: Person
let theo: Person

beforeEach(async () => {
  services = await testServices()
  const keys = await loadPseudonymKeys({
    ...services,
    keepShares: async (made) => {
      shares = [...made]
    },
  })
  const event = await createPseudonyms({ ...services, keys, node: 'gateway-a' }).sealIfNew(
    'records/Patient/pat-7',
  )
  if (!event) throw new Error('expected a seal')
  await record(services.db, event)
  while ((await sequenceOnce(services)) > 0);
  patient = event.patient
  const app = createApp(services)
  ada = await enrolOperator(app, services)
  theo = await enrolOperator(app, services, 'Théo Marchand')
})
afterEach(() => services.close())

const page = async ({ browser }: Person) => (await browser.get('/console/patients')).text()
const idIn = (text: string) => /\/console\/patients\/(rsl_[\w-]+)\//.exec(text)?.[1] ?? ''
const digestIn = (text: string) => /data-confirm-act="([\w-]{43})"/.exec(text)?.[1] ?? ''
const reason = () => services.lines.at(-1)?.fields['reason']

/** Ada asks with the first share. */
async function asked(): Promise<string> {
  await ok(
    await ada.browser.form('/console/patients', {
      patient,
      reason: 'Plainte de la famille.',
      share: shares[0],
    }),
    303,
  )
  return `/console/patients/${idIn(await page(ada))}`
}

const touched = async (person: Person) =>
  confirmAct(person.browser, person.authenticator, digestIn(await page(person)))
const opens = async (person: Person, address: string, share: string) =>
  person.browser.form(`${address}/open`, { share, assertion: await touched(person) })
const reads = async (person: Person, address: string) =>
  person.browser.form(`${address}/answer`, { assertion: await touched(person) })
const kinds = async () => {
  while ((await sequenceOnce(services)) > 0);
  const events = await lastEvents(services.db, { limit: 50 })
  return events.map(({ event }) => event.kind as string).filter((kind) => /^patient\.(?!sealed)/.test(kind))
}

test('one asks, another opens with a touch, the first reads it once, and all of it is on record', async () => {
  const address = await asked()
  const opened = await (await ok(await opens(theo, address, shares[1]), 200)).text()
  expect(opened).not.toContain('pat-7')
  const answer = await (await ok(await reads(ada, address), 200)).text()
  expect(answer).toContain('records/Patient/pat-7')
  expect(await page(ada)).not.toContain('pat-7')
  expect((await ada.browser.form(`${address}/answer`, {})).status).not.toBe(200)
  expect(await services.db.select().from(resolutions)).toEqual([])
  expect(await kinds()).toEqual(['patient.shown', 'patient.resolved', 'patient.asked'])
})

test('who asked cannot open, nobody opens without a touch, and the other cannot read the answer', async () => {
  const address = await asked()
  expect(digestIn(await page(ada))).toBe('')
  expect((await theo.browser.form(`${address}/open`, { share: shares[1] })).status).toBe(403)
  expect(reason()).toBe('fresh_passkey_required')
  const own = await confirmAct(ada.browser, ada.authenticator, digestIn(await page(theo)))
  expect((await ada.browser.form(`${address}/open`, { share: shares[1], assertion: own })).status).toBe(404)
  await ok(await opens(theo, address, shares[1]), 200)
  const wanted = digestIn(await page(ada))
  const assertion = await confirmAct(theo.browser, theo.authenticator, wanted)
  expect((await theo.browser.form(`${address}/answer`, { assertion })).status).toBe(404)
  expect(await page(theo)).not.toContain('pat-7')
})

test('the same share twice opens nothing, which is on record as well', async () => {
  const address = await asked()
  expect(await (await opens(theo, address, shares[0])).text()).toMatch(/n’ouvrent rien|open nothing/)
  expect(await (await reads(ada, address)).text()).not.toContain('pat-7')
  expect(await kinds()).toContain('patient.resolved')
})

test('neither share nor answer lies readable in the database', async () => {
  const address = await asked()
  expect(JSON.stringify(await services.db.select().from(resolutions))).not.toContain(shares[0])
  await opens(theo, address, shares[1])
  const rows = JSON.stringify(await services.db.select().from(resolutions))
  expect(rows).not.toContain('pat-7')
  expect(rows).not.toContain(shares[1])
})

test('two who open at once: one does; after an hour nobody does', async () => {
  const address = await asked()
  const [one, other] = [await touched(theo), await touched(theo)]
  const both = await Promise.all(
    [one, other].map((assertion) => theo.browser.form(`${address}/open`, { share: shares[1], assertion })),
  )
  expect(both.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1)
  services.clock.advance(hours(1))
  expect(idIn(await page(theo))).toBe('')
})

test('declined, nobody is named; a half-typed request is sent back without its share', async () => {
  const address = await asked()
  await ok(await theo.browser.form(`${address}/decline`, {}), 303)
  expect(await kinds()).toEqual(['patient.declined', 'patient.asked'])
  const form = { patient: '1.short', reason: '', share: shares[0] }
  const answer = await ada.browser.form('/console/patients', form)
  expect(answer.status).toBe(400)
  expect(await answer.text()).not.toContain(shares[0])
})

test('a practitioner has no such page', async () => {
  const claire = await seatPractitioner(services)
  expect((await claire.get('/console/patients')).status).toBe(403)
})
