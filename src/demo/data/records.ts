/** Some 120 invented patients of three practices with what a practice knows of them. The same for the same day. */

import type { Bundle, Resource } from '../records-api/fhir.ts'
import { people, practices, nameOf, type PracticeName } from './cast.ts'
import { seeded, type Chance } from './random.ts'
import { documents, familyNames, givenNames, illnesses, measures, visits } from './words.ts'

const dayMs = 86_400_000
const patientsOf: Record<PracticeName, number> = {
  'cabinet-des-tilleuls': 48,
  'msp-de-la-garenne': 46,
  'infirmiers-du-canal': 26,
}

/** `today`: what dates are counted from. */
export function demoRecords(today: Date): Bundle {
  const chance = seeded(20_251_110)
  const about = practices.flatMap((practice, i) => {
    const first = practices.slice(0, i).reduce((sum, before) => sum + patientsOf[before.recordsName], 0)
    return Array.from({ length: patientsOf[practice.recordsName] }, (_, n) =>
      onePatient({
        chance,
        today,
        practice: practice.recordsName,
        town: practice.town,
        number: first + n + 1,
      }),
    )
  })
  const resources = [...practices.map(organization), ...people.map(practitioner), ...about.flat()]
  return { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) }
}

/** Patients' ids of a practice, in order. */
export const patientsIn = (bundle: Bundle, practice: PracticeName): string[] =>
  (bundle.entry ?? []).flatMap(({ resource }) => {
    const owner = resource?.['managingOrganization'] as { reference?: string } | undefined
    return owner?.reference === `Organization/${practice}` ? [resource?.id ?? ''] : []
  })

const organization = ({ recordsName, name, finess, town }: (typeof practices)[number]): Resource => ({
  resourceType: 'Organization',
  id: recordsName,
  name,
  identifier: [{ system: 'https://finess.esante.gouv.fr', value: finess }],
  address: [{ city: town, country: 'FR' }],
})

const practitioner = (person: (typeof people)[number]): Resource => ({
  resourceType: 'Practitioner',
  id: `prat-${person.key}`,
  name: [{ text: nameOf(person), family: person.familyName, given: [person.givenName] }],
})

interface Invented {
  chance: Chance
  today: Date
  practice: PracticeName
  town: string
  number: number
}

interface Subject extends Invented {
  id: string
  subject: { reference: string; display: string }
  /** Practitioners of the practice. */
  carers: string[]
}

function onePatient(invented: Invented): Resource[] {
  const { chance, practice, number } = invented
  const id = `pat-${String(number).padStart(3, '0')}`
  const gender = chance.happens(0.54) ? 'female' : 'male'
  const family = chance.pick(familyNames)
  const given = chance.pick(givenNames[gender])
  const carers = people
    .filter(
      ({ key, memberships }) =>
        memberships.some((held) => held.practice === practice && held.role === 'clinician') && key !== 'paul',
    )
    .map(({ key }) => `Practitioner/prat-${key}`)
  const subject = {
    ...invented,
    id,
    subject: { reference: `Patient/${id}`, display: `${given} ${family}` },
    carers,
  }
  const diagnoses = [...new Set(Array.from({ length: chance.whole(0, 3) }, () => chance.pick(illnesses)))]
  return [
    identity(subject, gender, family, given),
    ...encounters(subject),
    ...observations(subject),
    ...diagnoses.flatMap((illness, n) => condition(subject, illness, n)),
    ...appointments(subject),
    ...papers(subject),
  ]
}

const identity = (s: Subject, gender: string, family: string, given: string): Resource => ({
  resourceType: 'Patient',
  id: s.id,
  active: true,
  identifier: [{ system: 'urn:demo:dossier', value: `D-${String(s.number).padStart(4, '0')}` }],
  name: [{ use: 'official', text: `${given} ${family}`, family, given: [given] }],
  gender,
  birthDate: dayBefore(s, s.chance.whole(400, 33_000)),
  address: [{ city: s.town, country: 'FR' }],
  telecom: [{ system: 'phone', value: `+33 1 99 00 ${s.chance.whole(10, 99)} ${s.chance.whole(10, 99)}` }],
  managingOrganization: { reference: `Organization/${s.practice}` },
  generalPractitioner: [{ reference: s.chance.pick(s.carers) }],
})

const encounters = (s: Subject): Resource[] =>
  times(s.chance.whole(1, 3), (n) => {
    const start = momentBefore(s, s.chance.whole(1, 400))
    return {
      resourceType: 'Encounter',
      id: `${s.id}-enc${n}`,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      type: [{ text: s.chance.pick(visits) }],
      subject: s.subject,
      participant: [{ individual: { reference: s.chance.pick(s.carers) } }],
      period: { start, end: new Date(Date.parse(start) + 18 * 60_000).toISOString() },
    }
  })

const observations = (s: Subject): Resource[] =>
  measures
    .filter(({ often }) => s.chance.happens(often / 100))
    .map((measure, n) => ({
      resourceType: 'Observation',
      id: `${s.id}-obs${n + 1}`,
      status: 'final',
      category: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
          ],
        },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: measure.code }], text: measure.fr },
      subject: s.subject,
      encounter: { reference: `Encounter/${s.id}-enc1` },
      effectiveDateTime: momentBefore(s, s.chance.whole(1, 300)),
      valueQuantity: {
        value: Number(
          (measure.low + s.chance.fraction() * (measure.high - measure.low)).toFixed(measure.decimals),
        ),
        unit: measure.unit,
      },
    }))

function condition(s: Subject, illness: (typeof illnesses)[number], n: number): Resource[] {
  const recordedDate = dayBefore(s, s.chance.whole(30, 2500))
  const found: Resource = {
    resourceType: 'Condition',
    id: `${s.id}-cond${n + 1}`,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: illness.code }], text: illness.fr },
    subject: s.subject,
    recordedDate,
  }
  if (!illness.medicine) return [found]
  const prescribed: Resource = {
    resourceType: 'MedicationRequest',
    id: `${s.id}-med${n + 1}`,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: illness.medicine.fr },
    subject: s.subject,
    encounter: { reference: `Encounter/${s.id}-enc1` },
    authoredOn: dayBefore(s, s.chance.whole(1, 90)),
    requester: { reference: s.chance.pick(s.carers) },
    dosageInstruction: [{ text: illness.medicine.dosage }],
  }
  return [found, prescribed]
}

const appointments = (s: Subject): Resource[] =>
  times(s.chance.happens(0.6) ? 1 : 0, (n) => {
    const start = momentBefore(s, -s.chance.whole(0, 21))
    return {
      resourceType: 'Appointment',
      id: `${s.id}-rdv${n}`,
      status: 'booked',
      description: s.chance.pick(visits),
      start,
      end: new Date(Date.parse(start) + 20 * 60_000).toISOString(),
      participant: [
        { actor: s.subject, status: 'accepted' },
        { actor: { reference: s.chance.pick(s.carers) }, status: 'accepted' },
      ],
    }
  })

const papers = (s: Subject): Resource[] =>
  times(s.chance.whole(0, 2), (n) => {
    const { code, fr } = s.chance.pick(documents)
    return {
      resourceType: 'DocumentReference',
      id: `${s.id}-doc${n}`,
      status: 'current',
      type: { coding: [{ system: 'http://loinc.org', code }], text: fr },
      subject: s.subject,
      date: momentBefore(s, s.chance.whole(2, 500)),
      content: [
        {
          attachment: {
            contentType: 'text/plain',
            title: fr,
            data: Buffer.from(`${fr} — ${s.subject.display} (document fictif)`).toString('base64'),
          },
        },
      ],
    }
  })

const times = (count: number, make: (number: number) => Resource): Resource[] =>
  Array.from({ length: count }, (_, n) => make(n + 1))

const dayBefore = ({ today }: Invented, days: number): string =>
  new Date(today.getTime() - days * dayMs).toISOString().slice(0, 10)

/** In opening hours of that day: 8:00 to 17:40 UTC, every twenty minutes. */
const momentBefore = (s: Invented, days: number): string => {
  const minutes = 8 * 60 + s.chance.whole(0, 29) * 20
  const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  return `${dayBefore(s, days)}T${clock}:00.000Z`
}
