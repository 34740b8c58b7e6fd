/** Words of the choice of a patient. French is the source. */

import type { Language } from '../../core/language.ts'
import type { PatientProblem } from './search.ts'

const fr = {
  title: 'Pour quel patient ?',
  lead: (client: string, practice: string) => `${client} ouvrira ce dossier et aucun autre (${practice}).`,
  byName: 'Par son identité',
  family: 'Nom de naissance ou d’usage',
  given: 'Prénom (facultatif)',
  birthDate: 'Date de naissance',
  byIdentifier: 'Ou par un identifiant',
  identifier: 'Identifiant',
  identifierHint: 'Tel qu’il figure au dossier : INS, numéro de dossier.',
  search: 'Rechercher',
  found: (count: number) => (count === 1 ? 'Un dossier' : `${count} dossiers`),
  choose: 'Patient',
  born: (date: string) => `Né·e le ${date}`,
  gender: { female: 'Femme', male: 'Homme', other: 'Autre', unknown: 'Sexe non connu' } as Record<
    string,
    string
  >,
  nameless: 'Sans nom',
  open: 'Ouvrir ce dossier',
  leave: 'Annuler et revenir à l’application',
  none: 'Aucun dossier de ce cabinet n’a exactement cette identité. Vérifiez l’orthographe et la date.',
  problems: {
    incomplete: 'Indiquez un nom et une date de naissance, ou un identifiant.',
    'too-many': 'Trop de dossiers correspondent. Précisez le prénom ou donnez un identifiant.',
    unknown: 'Ce dossier n’est pas de ce cabinet.',
    stopped: 'Votre accès ne permet pas d’ouvrir un autre dossier pour l’instant.',
    'sign-in': 'Une nouvelle connexion est demandée pour continuer.',
    unreachable: 'Le dossier médical ne répond pas. Réessayez dans un instant.',
  } satisfies Record<PatientProblem, string>,
}

export type PatientTexts = typeof fr

const en: PatientTexts = {
  title: 'For which patient?',
  lead: (client, practice) => `${client} will open this record and no other (${practice}).`,
  byName: 'By who they are',
  family: 'Family name',
  given: 'Given name (optional)',
  birthDate: 'Date of birth',
  byIdentifier: 'Or by an identifier',
  identifier: 'Identifier',
  identifierHint: 'As the record has it: national identifier, record number.',
  search: 'Search',
  found: (count) => (count === 1 ? 'One record' : `${count} records`),
  choose: 'Patient',
  born: (date) => `Born ${date}`,
  gender: { female: 'Female', male: 'Male', other: 'Other', unknown: 'Gender not known' },
  nameless: 'No name',
  open: 'Open this record',
  leave: 'Cancel and go back to the application',
  none: 'No record of this practice has exactly this identity. Check the spelling and the date.',
  problems: {
    incomplete: 'Give a name and a date of birth, or an identifier.',
    'too-many': 'Too many records match. Add the given name, or give an identifier.',
    unknown: 'This record is not of this practice.',
    stopped: 'Your access does not allow opening another record for now.',
    'sign-in': 'A fresh sign-in is needed to continue.',
    unreachable: 'The records system does not answer. Try again in a moment.',
  },
}

export const patientTexts: Record<Language, PatientTexts> = { fr, en }
