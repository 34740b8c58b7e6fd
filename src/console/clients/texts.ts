/** The words of the pages about applications. French is the source; English must have the same keys or nothing compiles. */

import type { ClientOptions } from '../../clients/client.ts'
import type { ClientAuthentication, GrantType, Profile, ProfileRow } from '../../clients/profiles.ts'
import type { Language } from '../../core/language.ts'

interface Words {
  title: string
  lead: string
  register: string
  check: string
  none: string
  name: string
  profile: string
  practice: string
  lastGrant: string
  alive: string
  state: string
  disabled: string
  inUse: string
  firstParty: string
  never: string
  everywhere: string
  may: string
  mayLead: string
  rules: string
  rulesLead: (profile: string) => string
  options: string
  noOptions: string
  dangerous: string
  addresses: string
  addressesLead: string
  returnAddresses: string
  leaveAddresses: string
  noAddresses: string
  keys: string
  keysLead: string
  noKeys: string
  keysAt: (address: string) => string
  kid: string
  algorithm: string
  grants: string
  since: string
  configure: string
  configureLead: string
  copy: string
  copied: string
  change: string
  cut: string
  disable: string
  refusals: string
  refusalsLead: string
  noRefusals: string
  when: string
  reason: string
  who: string
  yes: string
  no: string
  profiles: Record<Profile, string>
  authentications: Record<ClientAuthentication, string>
  grantTypes: Record<GrantType, string>
  pkce: Record<ProfileRow['pkce'], string>
  pushed: Record<ProfileRow['pushedRequests'], string>
  dpop: Record<ProfileRow['dpop'], string>
  refresh: Record<ProfileRow['refresh'], string>
  ruleNames: {
    authentication: string
    pkce: string
    pushed: string
    dpop: string
    refresh: string
    algorithms: string
    idToken: string
    lifetime: string
  }
  lifetime: string
  optionNames: Record<keyof ClientOptions, string>
  abilities: {
    people: string
    offline: string
    service: (practice: string) => string
    device: string
    exchange: string
    reads: (scopes: string) => string
    apis: (names: string) => string
    noApi: string
    consentSkipped: string
    consentAsked: string
  }
}

const fr: Words = {
  title: 'Applications',
  lead: 'Les logiciels qui délèguent la connexion à Garde, et ce que chacun peut faire.',
  register: 'Enregistrer une application',
  check: 'Vérifier une adresse',
  none: 'Aucune application enregistrée.',
  name: 'Application',
  profile: 'Profil',
  practice: 'Cabinet',
  lastGrant: 'Dernière autorisation',
  alive: 'Autorisations en cours',
  state: 'État',
  disabled: 'désactivée',
  inUse: 'en service',
  firstParty: 'sans demande d’accord',
  never: 'jamais',
  everywhere: 'tous',
  may: 'Ce qu’elle peut faire',
  mayLead: 'Jamais plus que la personne qui l’utilise.',
  rules: 'Les règles de son profil',
  rulesLead: (profile) => `Profil ${profile} : les mêmes pour toutes celles qui l’ont.`,
  options: 'Ses options',
  noOptions: 'Aucune : tout est au réglage habituel.',
  dangerous: 'option dangereuse',
  addresses: 'Ses adresses',
  addressesLead: 'Comparées lettre par lettre : toute autre est refusée.',
  returnAddresses: 'Retour après connexion',
  leaveAddresses: 'Retour après déconnexion',
  noAddresses: 'aucune',
  keys: 'Ses clés publiques',
  keysLead: 'Ce qu’elle signe est vérifié avec elles.',
  noKeys: 'Aucune : elle se prouve autrement.',
  keysAt: (address) => `Lues à l’adresse ${address}, qu’elle tient elle-même.`,
  kid: 'Nom (kid)',
  algorithm: 'Algorithme',
  grants: 'Son usage',
  since: 'Enregistrée',
  configure: 'Configurer un programme',
  configureLead: 'À copier tel quel : les valeurs sont les vraies, aucun secret n’y figure.',
  copy: 'Copier',
  copied: 'Copié',
  change: 'Modifier',
  cut: 'Couper l’accès',
  disable: 'Désactiver',
  refusals: 'Refus récents',
  refusalsLead: 'À des personnes connectées, depuis 24 heures.',
  noRefusals: 'Aucun depuis 24 heures.',
  when: 'Quand',
  reason: 'Raison',
  who: 'Qui',
  yes: 'oui',
  no: 'non',
  profiles: {
    'smart-public': 'sans secret (téléphone, navigateur)',
    'web-confidential': 'sur un serveur, avec secret ou clés',
    fapi2: 'sur un serveur, au plus strict (FAPI 2.0)',
    backend: 'un service, sans personne',
  },
  authentications: {
    none: 'rien : elle est publique',
    client_secret_basic: 'un secret, en en-tête',
    client_secret_post: 'un secret, dans le formulaire',
    private_key_jwt: 'une signature de sa clé privée',
  },
  grantTypes: {
    authorization_code: 'connexion d’une personne',
    refresh_token: 'renouvellement',
    client_credentials: 'jeton de service',
    'urn:ietf:params:oauth:grant-type:device_code': 'connexion d’un appareil sans clavier',
    'urn:ietf:params:oauth:grant-type:token-exchange': 'échange de jeton',
  },
  pkce: { required: 'exigé', waivable: 'exigé, sauf dispense', none: 'sans objet' },
  pushed: { allowed: 'permises', required: 'exigées', none: 'sans objet' },
  dpop: { none: 'non', offered: 'possible', required: 'exigée' },
  refresh: {
    rotated: 'changent à chaque usage ; un ancien qui revient ferme tout',
    bound: 'liés à la clé de l’application',
    none: 'aucun',
  },
  ruleNames: {
    authentication: 'Elle se prouve par',
    pkce: 'PKCE (S256)',
    pushed: 'Demandes déposées (PAR)',
    dpop: 'Jetons liés à une clé (DPoP)',
    refresh: 'Jetons de renouvellement',
    algorithms: 'Elle peut signer en',
    idToken: 'Jetons d’identité signés en',
    lifetime: 'Jetons d’accès',
  },
  lifetime: '300 secondes au plus',
  optionNames: {
    jwks: 'Clés publiques données par valeur',
    jwksUri: 'Adresse de ses clés publiques',
    idTokenAlgorithm: 'Jetons d’identité signés en',
    dpopRequired: 'Jetons liés à une clé, sans exception (DPoP)',
    pushedRequestsOnly: 'Demandes déposées seulement (PAR)',
    signedRequestsOnly: 'Demandes signées seulement (JAR)',
    allowMissingPkce: 'PKCE facultatif : un code volé suffit à se connecter',
    backchannelLogoutUri: 'Prévenue des déconnexions à',
    defaultMaxAge: 'Connexion exigée depuis moins de (secondes)',
    introspects: 'Peut interroger les jetons de',
    patientsPerDay: 'Patients différents par jour, sans personne',
    actsOnTokensOf: 'Peut agir sur les jetons de',
    launches: 'Peut ouvrir sur un patient',
  },
  abilities: {
    people: 'Connecter des personnes, par un code à usage unique.',
    offline: 'Rester connectée au nom de la personne, tant que sa session dure.',
    service: (practice) => `Agir seule, sans personne, sur les dossiers du cabinet ${practice}.`,
    device: 'Connecter une personne sur un appareil sans clavier.',
    exchange: 'Agir au nom d’une personne avec un jeton reçu d’une autre application.',
    reads: (scopes) => `Demander ces portées, et aucune autre : ${scopes}.`,
    apis: (names) => `Atteindre ces API : ${names}.`,
    noApi: 'N’atteindre aucune API : son audience n’est pas servie ici.',
    consentSkipped: 'Se passer de l’accord de la personne (application de la maison).',
    consentAsked: 'Obtenir l’accord de la personne, demandé la première fois.',
  },
}

const en: Words = {
  title: 'Applications',
  lead: 'The software that delegates sign-in to Garde, and what each may do.',
  register: 'Register an application',
  check: 'Check an address',
  none: 'No application is registered.',
  name: 'Application',
  profile: 'Profile',
  practice: 'Practice',
  lastGrant: 'Last authorisation',
  alive: 'Authorisations alive',
  state: 'State',
  disabled: 'disabled',
  inUse: 'in use',
  firstParty: 'asks for no consent',
  never: 'never',
  everywhere: 'all',
  may: 'What it may do',
  mayLead: 'Never more than the person who uses it.',
  rules: 'The rules of its profile',
  rulesLead: (profile) => `Profile ${profile}: the same for all that have it.`,
  options: 'Its options',
  noOptions: 'None: everything is set as usual.',
  dangerous: 'dangerous option',
  addresses: 'Its addresses',
  addressesLead: 'Compared letter by letter: any other is refused.',
  returnAddresses: 'Return after sign-in',
  leaveAddresses: 'Return after sign-out',
  noAddresses: 'none',
  keys: 'Its public keys',
  keysLead: 'What it signs is verified with them.',
  noKeys: 'None: it proves itself otherwise.',
  keysAt: (address) => `Read at ${address}, which it keeps itself.`,
  kid: 'Name (kid)',
  algorithm: 'Algorithm',
  grants: 'Its use',
  since: 'Registered',
  configure: 'Configure a program',
  configureLead: 'To copy as it stands: the values are the real ones, and no secret is among them.',
  copy: 'Copy',
  copied: 'Copied',
  change: 'Change',
  cut: 'Cut access',
  disable: 'Disable',
  refusals: 'Recent refusals',
  refusalsLead: 'To people who were signed in, in the last 24 hours.',
  noRefusals: 'None in 24 hours.',
  when: 'When',
  reason: 'Reason',
  who: 'Who',
  yes: 'yes',
  no: 'no',
  profiles: {
    'smart-public': 'without a secret (phone, browser)',
    'web-confidential': 'on a server, with a secret or keys',
    fapi2: 'on a server, the strictest way (FAPI 2.0)',
    backend: 'a service, without anybody',
  },
  authentications: {
    none: 'nothing: it is public',
    client_secret_basic: 'a secret, in a header',
    client_secret_post: 'a secret, in the form',
    private_key_jwt: 'a signature by its private key',
  },
  grantTypes: {
    authorization_code: 'a person’s sign-in',
    refresh_token: 'refresh',
    client_credentials: 'a token of its own',
    'urn:ietf:params:oauth:grant-type:device_code': 'sign-in on a device without a keyboard',
    'urn:ietf:params:oauth:grant-type:token-exchange': 'token exchange',
  },
  pkce: { required: 'required', waivable: 'required unless waived', none: 'not applicable' },
  pushed: { allowed: 'allowed', required: 'required', none: 'not applicable' },
  dpop: { none: 'no', offered: 'possible', required: 'required' },
  refresh: {
    rotated: 'change at each use; an old one that comes back ends everything',
    bound: 'bound to the application’s key',
    none: 'none',
  },
  ruleNames: {
    authentication: 'It proves itself by',
    pkce: 'PKCE (S256)',
    pushed: 'Pushed requests (PAR)',
    dpop: 'Tokens bound to a key (DPoP)',
    refresh: 'Refresh tokens',
    algorithms: 'It may sign with',
    idToken: 'Identity tokens signed with',
    lifetime: 'Access tokens',
  },
  lifetime: 'at most 300 seconds',
  optionNames: {
    jwks: 'Public keys given by value',
    jwksUri: 'Address of its public keys',
    idTokenAlgorithm: 'Identity tokens signed with',
    dpopRequired: 'Tokens bound to a key, without exception (DPoP)',
    pushedRequestsOnly: 'Pushed requests only (PAR)',
    signedRequestsOnly: 'Signed requests only (JAR)',
    allowMissingPkce: 'PKCE optional: a stolen code is enough to sign in',
    backchannelLogoutUri: 'Told of sign-outs at',
    defaultMaxAge: 'Sign-in no older than (seconds)',
    introspects: 'May ask about tokens of',
    patientsPerDay: 'Different patients a day, without anybody',
    actsOnTokensOf: 'May act on tokens of',
    launches: 'May open on a patient',
  },
  abilities: {
    people: 'Sign people in, by a code that is used once.',
    offline: 'Stay signed in for the person while their session lasts.',
    service: (practice) => `Act alone, for nobody, on the records of ${practice}.`,
    device: 'Sign somebody in on a device without a keyboard.',
    exchange: 'Act for a person with a token it received from another application.',
    reads: (scopes) => `Ask for these scopes and no other: ${scopes}.`,
    apis: (names) => `Reach these APIs: ${names}.`,
    noApi: 'Reach no API: its audience is not served here.',
    consentSkipped: 'Do without the person’s consent (an application of the house).',
    consentAsked: 'Have the person’s consent, asked the first time.',
  },
}

export type ClientTexts = Words
export const clientTexts: Record<Language, Words> = { fr, en }
