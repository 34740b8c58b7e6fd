/** Words of the API's page. */

import type { Language } from '../core/language.ts'
import type { Needs } from './authority.ts'
import type { Tag } from './route.ts'

const fr = {
  title: 'API d’administration',
  lead: 'Mettre en place, lire, restreindre par script. Ce qui desserre demande la clé d’accès d’un opérateur.',
  begin: 'Commencer',
  token:
    'Un jeton se demande sur la machine elle-même, vit 24 h au plus et porte le nom de son opérateur dans le journal.',
  lists:
    'Une liste répond « items » et, s’il y a une suite, « next ». Les instants sont des secondes depuis 1970.',
  needs: 'Il faut',
  needsWords: {
    read: 'un jeton ou une session d’opérateur',
    'set-up': 'un jeton ou une session d’opérateur',
    tighten: 'un jeton ou une session d’opérateur',
    loosen: 'l’accord d’un opérateur dans la console, avec sa clé d’accès (réponse 202)',
  } satisfies Record<Needs, string>,
  answers: 'Réponses',
  query: 'Paramètres',
  body: 'Corps (JSON)',
  refusals: 'Refus',
  status: 'Statut',
  meaning: 'Ce qu’il dit',
  field: 'Champ',
  type: 'Forme',
  needed: 'Obligatoire',
  yes: 'oui',
  tags: {
    restrictions: 'Restrictions',
    readings: 'Sessions, constats, journal',
    practices: 'Cabinets',
    people: 'Praticiens',
    operators: 'Opérateurs',
    clients: 'Applications',
    resources: 'API protégées',
  } satisfies Record<Tag, string>,
}

export type DocsTexts = typeof fr

const en: DocsTexts = {
  title: 'Admin API',
  lead: 'Set up, read and restrict by script. What loosens asks for an operator’s passkey.',
  begin: 'Begin',
  token: 'A token is asked for on the machine itself, lives 24 h at most and names its operator in the log.',
  lists: 'A list answers “items” and, when there is more, “next”. Times are seconds since 1970.',
  needs: 'Needs',
  needsWords: {
    read: 'a token or an operator’s session',
    'set-up': 'a token or an operator’s session',
    tighten: 'a token or an operator’s session',
    loosen: 'an operator’s approval in the console, with their passkey (answer 202)',
  },
  answers: 'Answers',
  query: 'Parameters',
  body: 'Body (JSON)',
  refusals: 'Refusals',
  status: 'Status',
  meaning: 'What it says',
  field: 'Field',
  type: 'Form',
  needed: 'Required',
  yes: 'yes',
  tags: {
    restrictions: 'Restrictions',
    readings: 'Sessions, findings, log',
    practices: 'Practices',
    people: 'Practitioners',
    operators: 'Operators',
    clients: 'Clients',
    resources: 'Protected APIs',
  },
}

export const docsTexts: Record<Language, DocsTexts> = { fr, en }
