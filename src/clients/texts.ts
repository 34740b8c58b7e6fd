/**
 * What a scope lets an application do, as people read it: on the consent page and in the list of their applications. French
 * is the source; English must have the same keys or nothing compiles.
 */

import type { Language } from '../core/language.ts'
import type { launchScopes, openidScopes } from './scope.ts'

const fr = {
  named: {
    openid: 'savoir qui vous êtes',
    profile: 'voir votre nom et votre langue',
    offline_access: 'rester ouverte pendant votre session',
    fhirUser: 'vous reconnaître dans le dossier médical',
    launch: 's’ouvrir sur le patient affiché dans votre logiciel',
    'launch/patient': 'vous demander de choisir un patient',
    'launch/encounter': 'savoir de quelle consultation il s’agit',
  } satisfies Record<(typeof openidScopes)[number] | (typeof launchScopes)[number], string>,
  letters: { c: 'créer', r: 'lire', u: 'modifier', d: 'supprimer', s: 'rechercher' },
  allRecords: 'tous les types de dossiers',
  /** FHIR resource types that records apps ask for most. */
  types: {
    AllergyIntolerance: 'les allergies',
    Appointment: 'les rendez-vous',
    CarePlan: 'les plans de soins',
    Composition: 'les comptes rendus',
    Condition: 'les problèmes et diagnostics',
    Coverage: 'les droits et couvertures',
    DiagnosticReport: 'les résultats d’examens',
    DocumentReference: 'les documents',
    Encounter: 'les consultations et séjours',
    Immunization: 'les vaccinations',
    MedicationRequest: 'les prescriptions',
    MedicationStatement: 'les traitements suivis',
    Observation: 'les mesures et observations',
    Patient: 'l’identité des patients',
    Procedure: 'les actes',
  },
  recordsOf: (type: string) => `les dossiers ${type}`,
  onePatient: (what: string) => `${what}, du seul patient choisi`,
  onlyWhere: (what: string, condition: string) => `${what}, seulement ${condition}`,
  other: (scope: string) => `utiliser le droit « ${scope} »`,
}

export type ScopeTexts = typeof fr

const en: ScopeTexts = {
  named: {
    openid: 'know who you are',
    profile: 'see your name and language',
    offline_access: 'stay open during your session',
    fhirUser: 'recognise you in the records system',
    launch: 'open on the patient shown in your application',
    'launch/patient': 'ask you to choose a patient',
    'launch/encounter': 'know which visit it is about',
  },
  letters: { c: 'create', r: 'read', u: 'change', d: 'delete', s: 'search' },
  allRecords: 'all kinds of records',
  types: {
    AllergyIntolerance: 'allergies',
    Appointment: 'appointments',
    CarePlan: 'care plans',
    Composition: 'clinical notes',
    Condition: 'problems and diagnoses',
    Coverage: 'coverage',
    DiagnosticReport: 'test results',
    DocumentReference: 'documents',
    Encounter: 'visits and stays',
    Immunization: 'immunisations',
    MedicationRequest: 'prescriptions',
    MedicationStatement: 'medication taken',
    Observation: 'measurements and observations',
    Patient: 'patient identities',
    Procedure: 'procedures',
  },
  recordsOf: (type) => `${type} records`,
  onePatient: (what) => `${what}, of the chosen patient only`,
  onlyWhere: (what, condition) => `${what}, only ${condition}`,
  other: (scope) => `use the right “${scope}”`,
}

export const scopeTexts: Record<Language, ScopeTexts> = { fr, en }
