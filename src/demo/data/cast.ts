/**
 * Who plays in the demonstration: three practices, their people, two operators. All invented. One of them, Paul Vasseur,
 * has left; one of his two memberships was never ended, which is what the attack lives on.
 */

import type { Role } from '../../tokens/claims.ts'

export const practices = [
  {
    recordsName: 'cabinet-des-tilleuls',
    name: 'Cabinet médical des Tilleuls',
    finess: '990000012',
    town: 'Saint-Aubin-les-Étangs',
  },
  {
    recordsName: 'msp-de-la-garenne',
    name: 'Maison de santé de la Garenne',
    finess: '990000020',
    town: 'Vernay-sur-Loue',
  },
  {
    recordsName: 'infirmiers-du-canal',
    name: 'Cabinet infirmier du Canal',
    finess: '990000038',
    town: 'Port-Merlin',
  },
] as const

/** Organization id in the records API. */
export type PracticeName = (typeof practices)[number]['recordsName']

export interface DemoMembership {
  practice: PracticeName
  role: Role
  /** For a secretary: of how many doctors. */
  doctors?: number
  /** Days ago. */
  startedDaysAgo: number
  endedDaysAgo?: number
}

export interface DemoPerson {
  key: string
  givenName: string
  familyName: string
  /** As shown beside the name: profession in the practice. */
  profession: { fr: string; en: string }
  memberships: DemoMembership[]
  language?: 'fr' | 'en'
}

const doctor = { fr: 'médecin généraliste', en: 'general practitioner' }
const nurse = { fr: 'infirmier·ère', en: 'nurse' }
const secretary = { fr: 'secrétaire médicale', en: 'medical secretary' }

const at = (
  practice: PracticeName,
  role: Role,
  startedDaysAgo: number,
  more: Partial<DemoMembership> = {},
) => ({
  practice,
  role,
  startedDaysAgo,
  ...more,
})

export const people: readonly DemoPerson[] = [
  {
    key: 'camille',
    givenName: 'Camille',
    familyName: 'Aubrac',
    profession: doctor,
    memberships: [at('cabinet-des-tilleuls', 'clinician', 900)],
  },
  {
    key: 'karim',
    givenName: 'Karim',
    familyName: 'Benslimane',
    profession: doctor,
    memberships: [at('cabinet-des-tilleuls', 'clinician', 640)],
  },
  {
    key: 'sophie',
    givenName: 'Sophie',
    familyName: 'Lantier',
    profession: secretary,
    memberships: [at('cabinet-des-tilleuls', 'secretary', 700, { doctors: 2 })],
  },
  {
    key: 'helene',
    givenName: 'Hélène',
    familyName: 'Morvan',
    profession: doctor,
    memberships: [at('msp-de-la-garenne', 'clinician', 1200)],
  },
  {
    key: 'louis',
    givenName: 'Louis',
    familyName: 'Castaing',
    profession: doctor,
    memberships: [at('msp-de-la-garenne', 'clinician', 410)],
  },
  {
    key: 'ines',
    givenName: 'Inès',
    familyName: 'Oualid',
    profession: { fr: 'kinésithérapeute', en: 'physiotherapist' },
    memberships: [at('msp-de-la-garenne', 'clinician', 300)],
  },
  {
    key: 'marc',
    givenName: 'Marc',
    familyName: 'Delorme',
    profession: { fr: 'gestionnaire', en: 'practice manager' },
    memberships: [at('msp-de-la-garenne', 'manager', 800)],
  },
  {
    key: 'julie',
    givenName: 'Julie',
    familyName: 'Perrin',
    profession: secretary,
    memberships: [at('msp-de-la-garenne', 'secretary', 520, { doctors: 3 })],
  },
  {
    key: 'nadia',
    givenName: 'Nadia',
    familyName: 'Ferrat',
    profession: nurse,
    memberships: [at('infirmiers-du-canal', 'clinician', 760)],
    language: 'en',
  },
  {
    key: 'thomas',
    givenName: 'Thomas',
    familyName: 'Guillou',
    profession: nurse,
    memberships: [at('infirmiers-du-canal', 'clinician', 200)],
  },
  {
    key: 'emilie',
    givenName: 'Émilie',
    familyName: 'Roche',
    profession: secretary,
    memberships: [at('infirmiers-du-canal', 'secretary', 330)],
  },
  {
    key: 'yann',
    givenName: 'Yann',
    familyName: 'Le Bihan',
    profession: { fr: 'médecin remplaçant, deux cabinets', en: 'locum doctor of two practices' },
    memberships: [at('cabinet-des-tilleuls', 'clinician', 260), at('msp-de-la-garenne', 'clinician', 180)],
  },
  {
    key: 'paul',
    givenName: 'Paul',
    familyName: 'Vasseur',
    profession: { fr: 'médecin, parti du cabinet', en: 'doctor who has left' },
    memberships: [
      at('cabinet-des-tilleuls', 'clinician', 1100, { endedDaysAgo: 12 }),
      // Never ended: nobody told the manager of the second practice.
      at('msp-de-la-garenne', 'clinician', 480),
    ],
  },
]

/** Whose account goes astray in `--attack`. */
export const leaver = 'paul'

export const operators = [
  { key: 'aurore', name: 'Aurore Siméon' },
  { key: 'bastien', name: 'Bastien Kremer' },
] as const

const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')

/** Addresses that can never belong to anybody (RFC 2606). */
export const mailOf = (name: string): string => `${plain(name)}@demo.example`
export const nameOf = (person: DemoPerson): string => `${person.givenName} ${person.familyName}`
