/** The words of the checker. */

import type { Language } from '../../core/language.ts'

const fr = {
  title: 'Vérifier une adresse',
  lead: 'Une connexion échoue : collez l’adresse de la demande, ou une adresse de retour, et lisez pourquoi.',
  address: 'Adresse',
  addressHint:
    'Celle que le navigateur ouvrait, en entier. Elle n’est ni suivie, ni gardée, ni écrite dans un journal.',
  client: 'Application',
  clientHint: 'Pour une adresse de retour seule.',
  anyClient: 'Celle de l’adresse',
  check: 'Vérifier',
  missing: 'Collez une adresse.',
  verdict: 'Ce qu’en dit Garde',
  parameter: 'Paramètre',
  sent: 'Reçu',
  verdictOf: 'Verdict',
  hiddenValue: 'non montré',
  absent: 'absent',
  fine: 'convient',
  faults: (n: number) => (n === 1 ? 'Une chose à corriger' : `${n} choses à corriger`),
  requested: 'Reçue',
  registered: 'Enregistrée',
  seeClient: 'Voir l’application',
  codeTitle: 'Retrouver un code d’assistance',
  code: 'Code lu sur la page d’erreur',
  codeHint: 'Huit signes, comme K3F7-9QXM. Cherché dans le journal des 7 derniers jours.',
  find: 'Chercher',
  codeWrong: 'Un code compte huit signes, comme K3F7-9QXM.',
  codeUnknown:
    'Le journal n’a rien sous ce code. Si la personne n’était pas connectée, seule la sortie du serveur le connaît.',
  when: 'Quand',
  who: 'Qui',
  reason: 'Raison',
  where: 'Où',
  application: 'Application',
}

export type CheckPageTexts = typeof fr

const en: CheckPageTexts = {
  title: 'Check an address',
  lead: 'A sign-in fails: paste the address of the request, or a return address, and read why.',
  address: 'Address',
  addressHint: 'The one the browser opened, all of it. It is not followed, not kept and written to no log.',
  client: 'Application',
  clientHint: 'For a return address alone.',
  anyClient: 'The one in the address',
  check: 'Check',
  missing: 'Paste an address.',
  verdict: 'What Garde says of it',
  parameter: 'Parameter',
  sent: 'Received',
  verdictOf: 'Verdict',
  hiddenValue: 'not shown',
  absent: 'absent',
  fine: 'fine',
  faults: (n) => (n === 1 ? 'One thing to correct' : `${n} things to correct`),
  requested: 'Received',
  registered: 'Registered',
  seeClient: 'View the application',
  codeTitle: 'Find a support code',
  code: 'Code read from the error page',
  codeHint: 'Eight signs, such as K3F7-9QXM. Looked for in the log of the last 7 days.',
  find: 'Find',
  codeWrong: 'A code has eight signs, such as K3F7-9QXM.',
  codeUnknown:
    'The log has nothing under this code. If the person was not signed in, only the server’s own output knows it.',
  when: 'When',
  who: 'Who',
  reason: 'Reason',
  where: 'Where',
  application: 'Application',
}

export const checkPageTexts: Record<Language, CheckPageTexts> = { fr, en }
