import { expect, test } from 'vitest'
import type { Bundle } from '../records-api/fhir.ts'
import { createRecordsApi } from '../records-api/records-api.ts'
import { referencesOf } from '../records-api/references.ts'
import { practices } from './cast.ts'
import { demoRecords, patientsIn } from './records.ts'

const today = new Date('2026-11-23T00:00:00Z')
const count = (bundle: Bundle, type: string) =>
  (bundle.entry ?? []).filter(({ resource }) => resource?.resourceType === type).length

test('the same day gives the same records', () => {
  expect(demoRecords(today)).toEqual(demoRecords(today))
})

test('three practices have 120 patients and some hundreds of records', () => {
  const bundle = demoRecords(today)
  expect(practices.map(({ recordsName }) => patientsIn(bundle, recordsName).length)).toEqual([48, 46, 26])
  expect(count(bundle, 'Observation')).toBeGreaterThan(300)
  for (const type of ['Condition', 'MedicationRequest', 'Encounter', 'Appointment', 'DocumentReference'])
    expect(count(bundle, type)).toBeGreaterThan(50)
})

test('every reference leads somewhere', () => {
  const bundle = demoRecords(today)
  const api = createRecordsApi({ publicBase: 'https://gate.example/fhir' })
  api.load(bundle)
  const lost = referencesOf(bundle).filter((reference) => {
    const [type = '', id = ''] = reference.split('/')
    return api.store.find(type, id) === undefined
  })
  expect(lost).toEqual([])
})
