/** Words of the authorization pages. French is the source. */

import type { Language } from '../core/language.ts'
import type { Role } from '../tokens/claims.ts'

const fr = {
  chooseAccount: 'Avec quel compte ?',
  chooseAccountLead: (client: string) => `${client} vous demande de choisir.`,
  goOnAs: (name: string) => `Continuer en tant que ${name}`,
  somebodyElse: 'Se connecter avec un autre compte',
  choosePractice: 'Pour quel cabinet ?',
  choosePracticeLead: (client: string) => `${client} ne verra que les dossiers du cabinet choisi.`,
  practice: 'Cabinet',
  continue: 'Continuer',
  consent: (client: string) => `Autoriser ${client} ?`,
  consentLead: (client: string, practice?: string) =>
    practice === undefined
      ? `${client} demande à agir en votre nom.`
      : `${client} demande à agir en votre nom au cabinet ${practice}.`,
  asks: 'Cette application pourra :',
  asksMore: 'Cette application demande en plus :',
  already: 'Elle peut déjà, et pourra encore :',
  never: 'Elle ne pourra jamais plus que vous, et vous pouvez y mettre fin depuis votre compte.',
  allow: 'Autoriser',
  deny: 'Refuser',
  signedIn: 'Vous êtes connecté',
  backLead: 'Vous revenez à votre application.',
  backLink: 'Ouvrir l’application',
  signOut: 'Se déconnecter ?',
  signOutLead: 'Toutes vos applications ouvertes avec cette session s’arrêteront.',
  signOutButton: 'Se déconnecter',
  stay: 'Rester connecté',
  signedOut: 'Vous êtes déconnecté',
  signedOutLead: 'Vous pouvez fermer cette page.',
  roles: { clinician: 'Soignant', secretary: 'Secrétariat', manager: 'Direction' } satisfies Record<
    Role,
    string
  >,
}

export type OauthTexts = typeof fr

const en: OauthTexts = {
  chooseAccount: 'With which account?',
  chooseAccountLead: (client) => `${client} asks you to choose.`,
  goOnAs: (name) => `Continue as ${name}`,
  somebodyElse: 'Sign in with another account',
  choosePractice: 'For which practice?',
  choosePracticeLead: (client) => `${client} will only see the records of the practice you choose.`,
  practice: 'Practice',
  continue: 'Continue',
  consent: (client) => `Allow ${client}?`,
  consentLead: (client, practice) =>
    practice === undefined
      ? `${client} asks to act in your name.`
      : `${client} asks to act in your name at ${practice}.`,
  asks: 'This application will be able to:',
  asksMore: 'This application asks for more:',
  already: 'It already can, and still will:',
  never: 'It can never do more than you, and you can end it from your account.',
  allow: 'Allow',
  deny: 'Refuse',
  signedIn: 'You are signed in',
  backLead: 'Taking you back to your application.',
  backLink: 'Open the application',
  signOut: 'Sign out?',
  signOutLead: 'Every application opened with this session will stop.',
  signOutButton: 'Sign out',
  stay: 'Stay signed in',
  signedOut: 'You are signed out',
  signedOutLead: 'You can close this page.',
  roles: { clinician: 'Clinician', secretary: 'Secretary', manager: 'Manager' },
}

export const oauthTexts: Record<Language, OauthTexts> = { fr, en }
