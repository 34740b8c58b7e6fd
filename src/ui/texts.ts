/** The words around every page. French is the source; English must have the same keys or nothing compiles. */

import type { Language } from '../core/language.ts'

const fr = {
  languageName: 'Français',
  skip: 'Aller au contenu',
  home: 'Garde, mon compte',
  languages: 'Langue',
  navigation: 'Navigation',
  signOut: 'Se déconnecter',
  footer: 'Garde protège l’accès aux dossiers des patients.',
  clock: 'Heures de Paris.',
  optional: 'facultatif',
  problem: 'À corriger',
  supportCode: 'Code pour l’assistance',
  supportHint: 'Ce code ne dit rien de vous ni de vos patients.',
  signIn: 'Se connecter',
  toAccount: 'Ouvrir mon compte',
  retry: 'Réessayer',
  reload: 'Recharger la page',
  startAgain: 'Reprenez depuis la page précédente.',
  askSecurity: 'Appelez l’équipe de sécurité de votre établissement et donnez-lui ce code.',
  askInvitation: 'Demandez un nouveau lien à la personne qui vous a invité.',
  wait: 'Rien n’est perdu : patientez un instant, puis réessayez.',
  bug: 'Une erreur inattendue s’est produite.',
  today: 'aujourd’hui à',
  yesterday: 'hier à',
  tomorrow: 'demain à',
  never: 'jamais',
}

export type UiTexts = typeof fr

const en: UiTexts = {
  languageName: 'English',
  skip: 'Skip to content',
  home: 'Garde, my account',
  languages: 'Language',
  navigation: 'Navigation',
  signOut: 'Sign out',
  footer: 'Garde protects access to patient records.',
  clock: 'Paris time.',
  optional: 'optional',
  problem: 'To correct',
  supportCode: 'Support code',
  supportHint: 'This code says nothing about you or your patients.',
  signIn: 'Sign in',
  toAccount: 'Open my account',
  retry: 'Try again',
  reload: 'Reload the page',
  startAgain: 'Go back to the previous page and start again.',
  askSecurity: 'Call your organisation’s security team and give them this code.',
  askInvitation: 'Ask the person who invited you for a new link.',
  wait: 'Nothing is lost: wait a moment, then try again.',
  bug: 'Something unexpected went wrong.',
  today: 'today at',
  yesterday: 'yesterday at',
  tomorrow: 'tomorrow at',
  never: 'never',
}

export const uiTexts: Record<Language, UiTexts> = { fr, en }
