/**
 * Real-shaped records behind the gateway: 28 synthetic patients over three practices. What leaves is counted here, patient
 * by patient, and must equal what the log says. Where the folder of records is absent, the test says that it was skipped.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasSynthea, readSynthea } from '../../src/demo/records-api/synthea.ts'
import type { Bundle, Resource } from '../../src/demo/records-api/fhir.ts'
import { expectStatus, world, type Clinician, type World } from '../support/world.ts'

const present = hasSynthea()
if (!present)
  console.warn('SKIPPED: no ../shared/fhir/synthea-r4 beside the repository; its stories did not run')

const names = ['nord', 'centre', 'sud'] as const
let here: World
const clinicians: Clinician[] = []
/** Patient ids by practice, as loaded. */
let patients: string[][] = []

beforeAll(async () => {
  if (!present) return
  here = await world('PostgreSQL')
  const bundles = readSynthea(names)
  for (const bundle of bundles) here.records.load(bundle)
  patients = names.map((_, turn) => bundles.filter((_bundle, i) => i % names.length === turn).map(patientIn))
  await here.operator()
  for (const name of names) clinicians.push(await here.clinician(await here.practice(name)))
})
afterAll(async () => {
  if (present) await here.close()
})

const patientIn = (bundle: Bundle): string =>
  bundle.entry?.find(({ resource }) => resource?.resourceType === 'Patient')?.resource?.id ?? ''

const practices = test.skipIf(!present).each(names.map((name, i) => [name, i] as const))

practices(
  '%s: reads, searches, includes and batches serve its own patients, and the log counts them',
  async (_, i) => {
    const clinician = clinicians[i]
    const own = patients[i] ?? []
    const foreign = patients[(i + 1) % names.length] ?? []
    if (!clinician) throw new Error('no clinician')
    const app = await clinician.openApp()
    const served = new Set<string>()
    const keep = async (answer: Response): Promise<Resource> => {
      const body = (await answer.json()) as Resource
      for (const id of subjectsIn(body)) served.add(id)
      return body
    }

    for (const id of own.slice(0, 3)) {
      const answer = await app.get(`/Patient/${id}`)
      await expectStatus(answer.clone(), 200)
      await keep(answer)
    }
    for (const id of foreign.slice(0, 2)) await expectStatus(await app.get(`/Patient/${id}`), 403)

    const found = await keep(await app.get('/Patient?_count=50'))
    expect(patientsIn(found)).toEqual(own.toSorted())

    const [first = '', second = ''] = own
    const observations = await app.get(`/Observation?patient=${first}&_include=Observation:subject&_count=20`)
    await expectStatus(observations.clone(), 200)
    expect(subjectsIn(await keep(observations))).toEqual(new Set([first]))

    const batch = await app.send('POST', '', {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [first, foreign[0] ?? '', second].map((id) => ({
        request: { method: 'GET', url: `Patient/${id}` },
      })),
    })
    await expectStatus(batch.clone(), 200)
    const answers = (await keep(batch)) as unknown as Answers
    expect(answers.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(['200', '403', '200'])

    expect([...served].toSorted()).toEqual(own.toSorted())
    const { answer } = await here.garde('audit', 'patients', '--practitioner', clinician.practitioner.id)
    expect(answer).toMatchObject({ distinct: served.size, complete: true })
  },
)

/** Every patient that a resource, or what a Bundle holds, is or speaks of. */
function subjectsIn(resource: Resource): Set<string> {
  const { entry } = resource as unknown as Bundle
  if (resource.resourceType === 'Bundle')
    return new Set(entry?.flatMap((each) => (each.resource ? [...subjectsIn(each.resource)] : [])))
  if (resource.resourceType === 'Patient') return new Set([resource.id ?? ''])
  const { subject, patient } = resource as unknown as Record<string, { reference?: string } | undefined>
  const [, id] = /^(?:.*\/)?Patient\/([^/]+)$/.exec((subject ?? patient)?.reference ?? '') ?? []
  return new Set(id === undefined ? [] : [id])
}

const patientsIn = (bundle: Resource): string[] =>
  ((bundle as unknown as Bundle).entry ?? [])
    .flatMap(({ resource }) => (resource?.resourceType === 'Patient' ? [resource.id ?? ''] : []))
    .toSorted()

interface Answers {
  entry: { response: { status: string } }[]
}
