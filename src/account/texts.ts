/** The account page's words. French is the source; English must have the same keys or nothing compiles. */

import type { Language } from '../core/language.ts'

const fr = {
  title: 'Mon compte',
  lead: 'Vos clés d’accès, vos sessions et les applications que vous avez autorisées.',
  toConsole: 'Ouvrir la console de sécurité',

  passkeys: 'Clés d’accès',
  passkeysLead:
    'Elles remplacent le mot de passe : votre appareil vous reconnaît par votre doigt, votre visage ou son code.',
  passkey: 'Clé d’accès',
  added: 'Ajoutée',
  lastUsed: 'Dernier usage',
  kind: 'Nature',
  synced: 'Synchronisée',
  deviceBound: 'Liée à un appareil',
  acts: 'Actions',
  rename: 'Renommer',
  renameLabel: 'Nouveau nom',
  save: 'Enregistrer',
  remove: 'Supprimer',
  removeTitle: 'Supprimer cette clé d’accès ?',
  removeLead: (label: string) =>
    `« ${label} » ne permettra plus de vous connecter. Les sessions déjà ouvertes continuent : fermez-les plus bas si besoin.`,
  keep: 'Garder la clé',
  addPasskey: 'Ajouter une clé d’accès',
  addHint: 'Ayez-en deux : si vous perdez un appareil, vous continuez avec l’autre.',
  onlyOne: 'C’est votre seule clé d’accès. Ajoutez-en une autre avant de pouvoir la supprimer.',
  noPasskeys: 'Aucune clé d’accès pour l’instant.',
  needsScript: 'L’ajout d’une clé d’accès demande JavaScript.',
  passkeyRefused: 'L’appareil n’a pas créé de clé d’accès. Rien n’a changé ; vous pouvez réessayer.',

  sessions: 'Sessions ouvertes',
  sessionsLead: 'Là où vous êtes connecté en ce moment.',
  device: 'Appareil',
  unknownDevice: 'Appareil inconnu',
  place: 'Réseau',
  started: 'Ouverte',
  lastActive: 'Dernière activité',
  thisOne: 'Cette session',
  end: 'Fermer',
  endOthers: 'Fermer toutes les autres',
  noSessions: 'Aucune session.',

  grants: 'Applications autorisées',
  grantsLead: 'Elles agissent en votre nom dans le cabinet indiqué.',
  application: 'Application',
  practice: 'Cabinet',
  since: 'Depuis',
  endGrant: 'Retirer l’accès',
  noGrants: 'Aucune application n’agit en votre nom.',

  notices: 'Ce qui s’est passé',
  noNotices: 'Rien à signaler.',
  noticeWords: {
    'new-device': 'Connexion depuis un nouvel appareil',
    'passkey-added': 'Clé d’accès ajoutée',
    'passkey-removed': 'Clé d’accès supprimée',
    'secret-added': 'Mot de passe et code à 6 chiffres ajoutés',
    'factor-locked': 'Une façon de se connecter a été bloquée un moment, après des échecs',
    'counter-back': 'Une clé d’accès a peut-être été copiée',
    'not-me': 'Vous avez signalé une activité qui n’était pas la vôtre',
  } as Record<string, string>,
  otherNotice: 'Message de sécurité',
  when: 'Quand',
  what: 'Quoi',
  detail: 'Détail',
  isNew: 'Nouveau',

  notMe: 'Ce n’était pas moi',
  notMeLead:
    'Quelque chose vous paraît étranger ? Un seul geste ferme toutes vos autres sessions et retire l’accès à toutes vos applications. Vous restez connecté ici.',
  notMeAct: 'Ce n’était pas moi : tout fermer ailleurs',

  done: {
    'passkey-added': 'La clé d’accès est ajoutée.',
    'passkey-renamed': 'Le nom est enregistré.',
    'passkey-removed': 'La clé d’accès est supprimée.',
    'session-ended': 'La session est fermée.',
    'others-ended': 'Toutes vos autres sessions sont fermées.',
    'grant-ended': 'L’application n’a plus accès.',
  },
  notMeDone: 'C’est fait : plus rien n’est ouvert ailleurs.',
  notMeNext: [
    'Vos autres sessions sont fermées pour de bon ; les applications devront être autorisées à nouveau.',
    'Une application ouverte dans cette session peut encore lire pendant cinq minutes au plus.',
    'Regardez vos clés d’accès ci-dessous : supprimez celle que vous ne reconnaissez pas.',
    'L’équipe de sécurité le voit dans sa console. Appelez-la si des dossiers ont pu être ouverts à votre place.',
  ],
}

export type AccountTexts = typeof fr

const en: AccountTexts = {
  title: 'My account',
  lead: 'Your passkeys, your sessions, and the applications you have authorised.',
  toConsole: 'Open the security console',

  passkeys: 'Passkeys',
  passkeysLead: 'They replace the password: your device knows you by your finger, your face or its code.',
  passkey: 'Passkey',
  added: 'Added',
  lastUsed: 'Last used',
  kind: 'Kind',
  synced: 'Synced',
  deviceBound: 'Bound to one device',
  acts: 'Actions',
  rename: 'Rename',
  renameLabel: 'New name',
  save: 'Save',
  remove: 'Remove',
  removeTitle: 'Remove this passkey?',
  removeLead: (label: string) =>
    `“${label}” will no longer sign you in. Sessions already open go on: end them below if needed.`,
  keep: 'Keep the passkey',
  addPasskey: 'Add a passkey',
  addHint: 'Have two: if you lose one device, you carry on with the other.',
  onlyOne: 'This is your only passkey. Add another before you can remove it.',
  noPasskeys: 'No passkey yet.',
  needsScript: 'Adding a passkey needs JavaScript.',
  passkeyRefused: 'The device made no passkey. Nothing has changed; you can try again.',

  sessions: 'Open sessions',
  sessionsLead: 'Where you are signed in right now.',
  device: 'Device',
  unknownDevice: 'Unknown device',
  place: 'Network',
  started: 'Opened',
  lastActive: 'Last active',
  thisOne: 'This session',
  end: 'End',
  endOthers: 'End all the others',
  noSessions: 'No session.',

  grants: 'Authorised applications',
  grantsLead: 'They act in your name in the practice shown.',
  application: 'Application',
  practice: 'Practice',
  since: 'Since',
  endGrant: 'Withdraw access',
  noGrants: 'No application acts in your name.',

  notices: 'What happened',
  noNotices: 'Nothing to report.',
  noticeWords: {
    'new-device': 'Sign-in from a new device',
    'passkey-added': 'Passkey added',
    'passkey-removed': 'Passkey removed',
    'secret-added': 'Password and 6-digit code added',
    'factor-locked': 'One way of signing in was blocked for a while after failures',
    'counter-back': 'A passkey may have been copied',
    'not-me': 'You reported activity that was not yours',
  },
  otherNotice: 'Security message',
  when: 'When',
  what: 'What',
  detail: 'Detail',
  isNew: 'New',

  notMe: 'This was not me',
  notMeLead:
    'Does something look strange? One act ends all your other sessions and withdraws access from all your applications. You stay signed in here.',
  notMeAct: 'This was not me: end everything elsewhere',

  done: {
    'passkey-added': 'The passkey is added.',
    'passkey-renamed': 'The name is saved.',
    'passkey-removed': 'The passkey is removed.',
    'session-ended': 'The session is ended.',
    'others-ended': 'All your other sessions are ended.',
    'grant-ended': 'The application no longer has access.',
  },
  notMeDone: 'Done: nothing is open elsewhere any more.',
  notMeNext: [
    'Your other sessions are ended for good; applications will have to be authorised again.',
    'An application opened in this session may still read for five minutes at most.',
    'Look at your passkeys below: remove the one you do not recognise.',
    'The security team sees this in its console. Call them if records may have been opened in your place.',
  ],
}

export const accountTexts: Record<Language, AccountTexts> = { fr, en }
