/** Words of the pages where a device is let in. French is the source. */

import type { Language } from '../../core/language.ts'

const fr = {
  title: 'Connecter un appareil',
  lead: 'Saisissez le code que l’appareil affiche.',
  code: 'Code affiché',
  codeHint: 'Huit lettres, en deux groupes de quatre.',
  continue: 'Continuer',
  ask: (client: string) => `Connecter ${client} ?`,
  askLead: (client: string, practice?: string) =>
    practice === undefined
      ? `Un appareil demande à utiliser ${client} en votre nom.`
      : `Un appareil demande à utiliser ${client} en votre nom (${practice}).`,
  compare: 'L’appareil doit afficher exactement ce code :',
  asked: 'Demandé',
  elsewhere: 'La demande vient d’un autre réseau que le vôtre.',
  advice:
    'Si ce code vous est venu par message ou par téléphone, refusez : on essaie de se connecter à votre place.',
  pending: 'Sur cet appareil, l’application pourra :',
  lasts: 'L’appareil s’arrêtera avec votre session sur ce navigateur, et ne pourra jamais plus que vous.',
  allow: 'Connecter l’appareil',
  deny: 'Refuser',
  connected: 'Appareil connecté',
  connectedLead: (client: string) => `${client} continue sur l’appareil. Vous pouvez fermer cette page.`,
  denied: 'Demande refusée',
  deniedLead:
    'L’appareil n’a reçu aucun accès. Si vous n’aviez rien demandé, prévenez votre équipe de sécurité.',
}

export type DeviceTexts = typeof fr

const en: DeviceTexts = {
  title: 'Connect a device',
  lead: 'Enter the code that the device shows.',
  code: 'Code shown',
  codeHint: 'Eight letters, in two groups of four.',
  continue: 'Continue',
  ask: (client) => `Connect ${client}?`,
  askLead: (client, practice) =>
    practice === undefined
      ? `A device asks to use ${client} in your name.`
      : `A device asks to use ${client} in your name (${practice}).`,
  compare: 'The device must show exactly this code:',
  asked: 'Asked for',
  elsewhere: 'The request comes from another network than yours.',
  advice:
    'If this code came to you by message or by telephone, refuse: somebody is trying to sign in in your place.',
  pending: 'On this device, the application will be able to:',
  lasts: 'The device stops with your session in this browser, and can never do more than you.',
  allow: 'Connect the device',
  deny: 'Refuse',
  connected: 'Device connected',
  connectedLead: (client) => `${client} goes on at the device. You can close this page.`,
  denied: 'Request refused',
  deniedLead: 'The device was given no access. If you had asked for nothing, tell your security team.',
}

export const deviceTexts: Record<Language, DeviceTexts> = { fr, en }
