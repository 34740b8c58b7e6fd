/** The words of sign-in and enrolment. French is the source; English must have the same keys or nothing compiles. */

import type { Language } from '../core/language.ts'

const fr = {
  signInTitle: 'Connexion',
  signInLead: 'Votre clé d’accès suffit : ni identifiant ni mot de passe à saisir.',
  usePasskey: 'Se connecter avec une clé d’accès',
  passkeyMissing:
    'Ce navigateur ne sait pas utiliser les clés d’accès. Connectez-vous avec votre mot de passe et votre code à 6 chiffres.',
  passkeyCancelled: 'Aucune clé d’accès n’a été utilisée. Réessayez quand vous êtes prêt.',
  passkeyKnown: 'Cet appareil est déjà enregistré.',
  passkeyScript: 'Les clés d’accès ont besoin de JavaScript, que ce navigateur n’exécute pas.',
  passkeyScriptOther: 'Continuer avec un mot de passe et un code',
  passkeyScriptCreate:
    'La création d’une clé d’accès a besoin de JavaScript, que ce navigateur n’exécute pas. Ouvrez le lien dans un autre navigateur, ou choisissez un mot de passe et un code si votre cabinet les accepte.',
  otherWay: 'Avec un mot de passe et un code',
  otherWayLead: 'Les deux sont demandés ensemble. Une clé d’accès est plus rapide et plus sûre.',
  email: 'Adresse électronique',
  secret: 'Mot de passe',
  code: 'Code à 6 chiffres',
  codeHint: 'Affiché par votre application d’authentification.',
  sharedDesk: 'Ce poste est partagé',
  sharedDeskHint: 'La session se ferme après 5 minutes sans activité, au lieu d’une heure.',
  signIn: 'Se connecter',
  noAccount: 'Première visite ? Ouvrez le lien d’invitation reçu de votre cabinet.',
  useLink: 'J’ai un lien d’invitation',
  confirmTitle: 'Confirmez que c’est vous',
  confirmLead: 'Une nouvelle preuve avec votre clé d’accès est demandée pour continuer.',
  confirm: 'Confirmer avec ma clé d’accès',
  notYou: 'Ce n’est pas vous ?',
  otherPerson: 'Se connecter avec un autre compte',
  done: 'Vous êtes connecté',
  goOn: 'Continuer',
  waitTitle: 'Beaucoup de personnes se connectent',
  waitLead:
    'Vous êtes dans la file : chacun passe dans l’ordre d’arrivée. Rien n’est bloqué et il n’y a rien à refaire.',
  placeTitle: 'Votre place',
  ahead: (n: number) =>
    n <= 1
      ? 'Vous êtes la prochaine personne.'
      : n === 2
        ? 'Une personne passe avant vous.'
        : `${n - 1} personnes passent avant vous.`,
  wait: (minutes: number) =>
    minutes <= 1 ? 'Attente : moins d’une minute.' : `Attente : environ ${minutes} minutes.`,
  waitKeep:
    'Gardez cette page ouverte : elle s’actualise seule, et le formulaire de connexion apparaît à votre tour. Une place que personne ne regarde pendant 5 minutes est perdue ; reprendre une place ramène à la fin de la file.',
  waitUnknown: 'Dans un navigateur où vous vous êtes déjà connecté, la file est plus courte.',
  waitFull:
    'Un très grand nombre de connexions attendent déjà sur votre réseau. Gardez cette page ouverte : elle prendra votre place dès qu’il y en aura une.',
  waitReload: 'Actualiser maintenant',
  linkTitle: 'Votre invitation',
  linkLead: 'Collez le lien d’invitation que vous avez reçu. Il ne sert qu’une fois.',
  link: 'Lien d’invitation',
  openLink: 'Ouvrir l’invitation',
  enrolTitle: 'Créez votre clé d’accès',
  enrolLead: (name: string) =>
    `Bonjour ${name}. Une clé d’accès remplace le mot de passe : votre téléphone, votre ordinateur ou une clé de sécurité vous reconnaît.`,
  createPasskey: 'Créer ma clé d’accès',
  setupTitle: 'Mise en service de Garde',
  setupLead: 'Vous devenez le premier opérateur : la personne qui peut suspendre et rétablir les accès.',
  name: 'Nom',
  enrolOther: 'Sans clé d’accès',
  enrolOtherLead:
    'Si votre poste ne sait pas créer de clé d’accès, choisissez un mot de passe et liez une application d’authentification.',
  enrolOtherGo: 'Choisir un mot de passe et un code',
  secretTitle: 'Mot de passe et code à 6 chiffres',
  secretLead: 'Les deux vous seront demandés ensemble à chaque connexion.',
  newSecret: 'Nouveau mot de passe',
  newSecretHint: '8 caractères ou plus. Une phrase que vous retenez vaut mieux qu’un mot compliqué.',
  scan: 'Ajoutez ce compte à votre application d’authentification',
  scanLead: 'Scannez ce code, ou saisissez la clé à la main.',
  qr: 'Code QR de la clé de votre application d’authentification',
  key: 'Clé à saisir',
  openApp: 'Ouvrir dans l’application de cet appareil',
  firstCode: 'Premier code affiché',
  save: 'Enregistrer et se connecter',
}

export type SignInTexts = typeof fr

const en: SignInTexts = {
  signInTitle: 'Sign in',
  signInLead: 'Your passkey is enough: no name and no password to type.',
  usePasskey: 'Sign in with a passkey',
  passkeyMissing: 'This browser cannot use passkeys. Sign in with your password and your 6-digit code.',
  passkeyCancelled: 'No passkey was used. Try again when you are ready.',
  passkeyKnown: 'This device is already registered.',
  passkeyScript: 'Passkeys need JavaScript, which this browser does not run.',
  passkeyScriptOther: 'Continue with a password and a code',
  passkeyScriptCreate:
    'Creating a passkey needs JavaScript, which this browser does not run. Open the link in another browser, or choose a password and a code if your practice accepts them.',
  otherWay: 'With a password and a code',
  otherWayLead: 'Both are asked for together. A passkey is quicker and safer.',
  email: 'E-mail address',
  secret: 'Password',
  code: '6-digit code',
  codeHint: 'Shown by your authenticator app.',
  sharedDesk: 'This computer is shared',
  sharedDeskHint: 'The session closes after 5 minutes without activity, instead of an hour.',
  signIn: 'Sign in',
  noAccount: 'First visit? Open the invitation link your practice sent you.',
  useLink: 'I have an invitation link',
  confirmTitle: 'Confirm that it is you',
  confirmLead: 'A fresh proof with your passkey is needed to continue.',
  confirm: 'Confirm with my passkey',
  notYou: 'Not you?',
  otherPerson: 'Sign in with another account',
  done: 'You are signed in',
  goOn: 'Continue',
  waitTitle: 'Many people are signing in',
  waitLead:
    'You are in the queue: everybody passes in order of arrival. Nothing is blocked and nothing needs doing again.',
  placeTitle: 'Your place',
  ahead: (n) =>
    n <= 1 ? 'You are next.' : n === 2 ? 'One person is before you.' : `${n - 1} people are before you.`,
  wait: (minutes) => (minutes <= 1 ? 'Wait: less than a minute.' : `Wait: about ${minutes} minutes.`),
  waitKeep:
    'Keep this page open: it refreshes by itself, and the sign-in form appears when it is your turn. A place that nobody looks at for 5 minutes is lost; taking another leads to the end of the queue.',
  waitUnknown: 'In a browser where you have signed in before, the queue is shorter.',
  waitFull:
    'A very large number of sign-ins are already waiting on your network. Keep this page open: it will take your place as soon as there is one.',
  waitReload: 'Refresh now',
  linkTitle: 'Your invitation',
  linkLead: 'Paste the invitation link you received. It works once.',
  link: 'Invitation link',
  openLink: 'Open the invitation',
  enrolTitle: 'Create your passkey',
  enrolLead: (name) =>
    `Hello ${name}. A passkey replaces the password: your phone, your computer or a security key recognises you.`,
  createPasskey: 'Create my passkey',
  setupTitle: 'Setting up Garde',
  setupLead: 'You become the first operator: the person who can suspend and restore access.',
  name: 'Name',
  enrolOther: 'Without a passkey',
  enrolOtherLead:
    'If your computer cannot create a passkey, choose a password and link an authenticator app.',
  enrolOtherGo: 'Choose a password and a code',
  secretTitle: 'Password and 6-digit code',
  secretLead: 'You will be asked for both together each time you sign in.',
  newSecret: 'New password',
  newSecretHint: '8 characters or more. A phrase you remember is better than a complicated word.',
  scan: 'Add this account to your authenticator app',
  scanLead: 'Scan this code, or type the key by hand.',
  qr: 'QR code of the key for your authenticator app',
  key: 'Key to type',
  openApp: 'Open in this device’s app',
  firstCode: 'First code shown',
  save: 'Save and sign in',
}

export const signInTexts: Record<Language, SignInTexts> = { fr, en }
