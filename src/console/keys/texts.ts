/** The words of the signing keys' page. */

import type { Language } from '../../core/language.ts'
import type { KeyUse } from '../../tokens/keys.ts'
import type { KeyState } from '../../tokens/key-states.ts'

interface Words {
  title: string
  lead: string
  key: string
  signs: string
  state: string
  since: string
  comesNext: string
  uses: Record<KeyUse, string>
  states: Record<KeyState, string>
  replacedAt: string
  startsAfter: string
  forgottenAt: string
  stays: string
  over: string
  rotate: string
  rotateLead: string
  rotateNeedsKey: string
  revoke: string
  revokeTitle: (scope: string) => string
  revokeLead: string
  stops: Record<KeyUse, string>
  typed: (scope: string) => string
  typedWrong: string
  revokeNow: string
  revokeNeedsKey: string
  cancel: string
  none: string
}

const fr: Words = {
  title: 'Clés de signature',
  lead: 'Elles se remplacent d’elles-mêmes. Une clé peut-être volée se retire ici, et un remplacement se hâte.',
  key: 'Clé (kid)',
  signs: 'Elle signe',
  state: 'État',
  since: 'Depuis',
  comesNext: 'Ensuite',
  uses: {
    token: 'les jetons',
    assertion: 'les appels aux API protégées',
    checkpoint: 'les points de contrôle du journal',
  },
  states: { next: 'prochaine', current: 'en service', retained: 'conservée', revoked: 'retirée' },
  replacedAt: 'remplacée',
  startsAfter: 'prend le relais de celle en service',
  forgottenAt: 'oubliée',
  stays: 'reste : le journal se prouve avec elle',
  over: 'ce qu’elle a signé est refusé',
  rotate: 'Remplacer maintenant',
  rotateLead: 'Ce que les anciennes ont signé vaut jusqu’à son terme : personne n’est déconnecté.',
  rotateNeedsKey: 'Remplacer demande votre clé d’accès, à l’instant.',
  revoke: 'Retirer',
  revokeTitle: (scope) => `Retirer la clé ${scope}`,
  revokeLead:
    'Pour une clé peut-être volée. Une autre prend aussitôt sa place ; on ne revient pas en arrière.',
  stops: {
    token:
      'Tout jeton qu’elle a signé cesse de valoir, partout et à l’instant. Les applications en redemandent un ; certaines personnes devront se reconnecter.',
    assertion:
      'Les API protégées refusent ce qu’elle a signé dès qu’elles relisent nos clés ; les appels suivants portent la nouvelle.',
    checkpoint: 'Le journal se prouve avec elle : elle ne se retire pas.',
  },
  typed: (scope) => `Pour confirmer, recopiez ${scope}`,
  typedWrong: 'Ce n’est pas ce qu’elle signe.',
  revokeNow: 'Retirer pour de bon',
  revokeNeedsKey: 'Retirer demande votre clé d’accès, à l’instant.',
  cancel: 'Annuler',
  none: 'Aucune clé.',
}

const en: Words = {
  title: 'Signing keys',
  lead: 'They replace themselves. A key that may be stolen is revoked here, and a replacement hastened.',
  key: 'Key (kid)',
  signs: 'It signs',
  state: 'State',
  since: 'Since',
  comesNext: 'Then',
  uses: {
    token: 'tokens',
    assertion: 'calls to protected APIs',
    checkpoint: 'checkpoints of the log',
  },
  states: { next: 'next', current: 'current', retained: 'retained', revoked: 'revoked' },
  replacedAt: 'replaced',
  startsAfter: 'takes over from the current one',
  forgottenAt: 'forgotten',
  stays: 'stays: the log is proven by it',
  over: 'what it signed is refused',
  rotate: 'Replace now',
  rotateLead: 'What the old ones signed is accepted until it ends by itself: nobody is signed out.',
  rotateNeedsKey: 'Replacing asks for your passkey, now.',
  revoke: 'Revoke',
  revokeTitle: (scope) => `Revoke the key ${scope}`,
  revokeLead: 'For a key that may be stolen. Another takes its place at once; there is no way back.',
  stops: {
    token:
      'Every token it signed stops working, everywhere and at once. Applications ask for another; some people will have to sign in again.',
    assertion:
      'Protected APIs refuse what it signed as soon as they read our keys again; the next calls carry the new one.',
    checkpoint: 'The log is proven by it: it is not revoked.',
  },
  typed: (scope) => `To confirm, type ${scope}`,
  typedWrong: 'This is not what it signs.',
  revokeNow: 'Revoke for good',
  revokeNeedsKey: 'Revoking asks for your passkey, now.',
  cancel: 'Cancel',
  none: 'No key.',
}

export type KeyTexts = Words
export const keyTexts: Record<Language, Words> = { fr, en }
