/** Every screen with a state to look at: drawn for the browser test and for whoever wants to see them. */

import type { AuditEvent } from '../../src/audit/event.ts'
import { parseId } from '../../src/core/ids.ts'
import type { Language } from '../../src/core/language.ts'
import { refusalRow } from '../../src/core/refusal.ts'
import {
  accountPage,
  removePasskeyPage,
  secretPage,
  type AccountFrame,
  type NoticeRow,
} from '../../src/account/pages.ts'
import { approvalPage } from '../../src/console/approval/pages.ts'
import { deliveriesPage } from '../../src/console/deliveries/pages.ts'
import { auditPage } from '../../src/console/audit/pages.ts'
import { choosePage, cutPage } from '../../src/console/cut/pages.ts'
import { eventsPage } from '../../src/console/events/pages.ts'
import { eventRow, rowOf } from '../../src/console/events/row.ts'
import { checkPage } from '../../src/console/check/pages.ts'
import { sentOf } from '../../src/console/client-edit/input.ts'
import { disablePage, editPage, registeredPage } from '../../src/console/client-edit/pages.ts'
import { clientPage, clientsPage } from '../../src/console/clients/pages.ts'
import { keysPage, revokePage } from '../../src/console/keys/pages.ts'
import { nowPage, type SignedIn } from '../../src/console/now/pages.ts'
import type { ConsoleFrame } from '../../src/console/pages.ts'
import { patientsPage } from '../../src/console/patient/pages.ts'
import { practitionerPage } from '../../src/console/practitioner/pages.ts'
import { restrictionPage } from '../../src/console/restriction/pages.ts'
import type { Refused } from '../../src/audit/refusals-store.ts'
import type { Client } from '../../src/clients/client.ts'
import { offers } from '../../src/clients/recipes/targets.ts'
import { paths } from '../../src/oauth/accepted.ts'
import { patientPage, type PatientQuestion } from '../../src/oauth/patient/pages.ts'
import type { Restriction } from '../../src/restrictions/restriction.ts'
import { codePage, decidedPage, devicePage } from '../../src/oauth/device/pages.ts'
import { accountPage as chooseAccountPage, questionPage } from '../../src/oauth/pages.ts'
import type { OpenMembership } from '../../src/people/memberships.ts'
import {
  confirmPage,
  donePage,
  enrolPage,
  linkPage,
  secretPage as enrolSecretPage,
  signInPage,
} from '../../src/signin/pages.ts'
import { waitingPage } from '../../src/signin/waiting-pages.ts'
import type { KeyFacts } from '../../src/tokens/key-states.ts'
import type { Markup } from '../../src/ui/layout.ts'
import { refusalPage } from '../../src/ui/refusal-page.ts'

/** 2026-11-23 08:00 UTC, a Monday. */
const now = 1_795_420_800
const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0'
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1'

const names = new Map([
  ['prt_martin', 'Dr Claire Martin'],
  ['prt_benali', 'Dr Samir Benali'],
  ['prt_leroy', 'Julie Leroy'],
  ['prt_nguyen', 'Minh-Anh Nguyen-Castelnau de Montferrand'],
  ['prc_tilleuls', 'Cabinet des Tilleuls'],
  ['prc_saintluc', 'Maison de santé Saint-Luc'],
  ['opr_ada', 'Ada Renard'],
  ['opr_theo', 'Théo Marchand'],
  ['cli_dossiers', 'Dossiers du cabinet'],
])

const restriction: Restriction = {
  id: parseId('restriction', 'rst_a1'),
  sequence: 41,
  selector: { practitioner: parseId('practitioner', 'prt_benali') },
  effect: { kind: 'deny' },
  endsSessions: true,
  reason: 'Compte d’un médecin parti, dossiers d’inconnus ouverts ce matin.',
  author: { kind: 'operator', id: parseId('operator', 'opr_ada') },
  createdAt: now - 600,
}

const patientQuestion = (language: Language): PatientQuestion => ({
  language,
  id: 'waiting',
  clientName: 'Calculateur de doses',
  practiceName: 'Cabinet des Tilleuls',
  answered: { membership: 'mbr_a' },
  search: { family: 'Durand', given: '', birthDate: '1951-03-03', identifier: '' },
})

const quota: Restriction = {
  id: parseId('restriction', 'rst_a2'),
  sequence: 42,
  selector: { practitioner: parseId('practitioner', 'prt_leroy') },
  effect: { kind: 'quota', patients: 0 },
  endsSessions: false,
  reason: '252 patients distincts en 24 heures pour un seuil de 240.',
  author: { kind: 'rule', rule: 'patients-24h' },
  createdAt: now - 300,
  expiresAt: now + 7200,
}

const confidential: Client = {
  id: parseId('client', 'dossiers-hopital'),
  name: 'Dossiers de l’hôpital Saint-Luc',
  profile: 'web-confidential',
  firstParty: true,
  redirectUris: [
    'https://dossiers.saintluc.example/api/auth/callback/garde',
    'https://dossiers.saintluc.example/login/oauth2/code/garde',
  ],
  postLogoutRedirectUris: ['https://dossiers.saintluc.example/au-revoir'],
  scopes: ['openid', 'profile', 'offline_access', 'fhirUser', 'user/*.cruds'],
  resources: ['https://garde.example/fhir'],
  authentication: ['client_secret_basic', 'client_secret_post'],
  grantTypes: ['authorization_code', 'refresh_token'],
  options: {
    allowMissingPkce: true,
    backchannelLogoutUri: 'https://dossiers.saintluc.example/deconnexion',
    defaultMaxAge: 28_800,
  },
  createdAt: now - 90 * 86_400,
}
const service: Client = {
  ...confidential,
  id: parseId('client', 'archivage-nocturne'),
  name: 'Archivage nocturne',
  firstParty: false,
  redirectUris: [],
  postLogoutRedirectUris: [],
  scopes: ['system/Patient.rs', 'system/Observation.rs'],
  authentication: ['private_key_jwt'],
  grantTypes: ['client_credentials'],
  practice: parseId('practice', 'prc_saintluc'),
  options: {
    patientsPerDay: 2000,
    jwks: {
      keys: [{ kid: 'archivage-2026', kty: 'EC', crv: 'P-256', alg: 'ES256', x: 'x', y: 'y' }],
    },
  },
}
const fhir = {
  kind: 'fhir' as const,
  name: 'records',
  audience: 'https://garde.example/fhir',
  base: '/fhir',
  upstream: 'http://127.0.0.1:9000',
  headers: [],
}
const authorizationServer = { issuer: 'https://garde.example', endpoints: paths, resources: [fhir as never] }
const refused: Refused = {
  kind: 'refused',
  at: now - 900,
  actor: { kind: 'practitioner', id: parseId('practitioner', 'prt_leroy') },
  reason: 'scope_not_allowed',
  path: '/oauth/authorize',
  client: parseId('client', 'dossiers-hopital'),
}
const clientState = (client: Client) => ({
  client,
  use: { alive: 214, lastAt: now - 240 },
  apis: ['records'],
  refusals: [refused],
  offers: offers(client, authorizationServer),
})

const signingKey = (state: KeyFacts['state'], alg: KeyFacts['alg'], daysAgo: number): KeyFacts => ({
  kid: 'p1Yb2nC3vD4mE5kF6jG7hH8gI9fJ0dK1sL2aM3pN4oO',
  use: 'token',
  alg,
  state,
  createdAt: now - (daysAgo + 1) * 86_400,
  stateAt: now - daysAgo * 86_400,
})

const seat = (n: number, holder: string, practice: string, patients: number): SignedIn => ({
  session: parseId('session', `ses_${n}0`),
  holder: { kind: 'practitioner', id: parseId('practitioner', holder) },
  memberships: [{ practice: parseId('practice', practice), role: n % 2 ? 'clinician' : 'secretary' }],
  startedAt: now - 3600 * n,
  lastActiveAt: now - 50 * n,
  network: `198.51.${n}.0/24`,
  userAgent: n % 2 ? firefox : safari,
  patientsToday: patients,
})

const deviceAsked = {
  code: 'WDJB-MJHT',
  clientName: 'Électrocardiographe',
  scopes: ['openid', 'offline_access', 'user/Patient.rs', 'user/Observation.cruds'],
  askedAt: now - 40,
  now,
}

const signedIn: SignedIn[] = [
  seat(1, 'prt_martin', 'prc_tilleuls', 14),
  seat(2, 'prt_leroy', 'prc_tilleuls', 252),
  seat(3, 'prt_nguyen', 'prc_saintluc', 0),
  {
    session: parseId('session', 'ses_me'),
    holder: { kind: 'operator', id: parseId('operator', 'opr_ada') },
    memberships: [],
    startedAt: now - 1200,
    lastActiveAt: now,
    network: '203.0.113.0/24',
    userAgent: firefox,
  },
]

const head = {
  practitioner: parseId('practitioner', 'prt_leroy'),
  practice: parseId('practice', 'prc_tilleuls'),
}
const access = {
  ...head,
  client: parseId('client', 'cli_dossiers'),
  session: parseId('session', 'ses_20'),
  grant: parseId('grant', 'grt_10'),
  jti: 'j',
  resource: 'records',
  route: '/Patient/:id',
  method: 'GET',
  basis: { sequence: 41, ageMs: 12, tier: 'fresh' as const },
}
const leroy = { kind: 'practitioner', id: head.practitioner } as const
const events: AuditEvent[] = [
  {
    at: now - 2,
    actor: leroy,
    kind: 'access.served',
    patient: '1.k3JfPq2Zx81',
    access: 'opened',
    types: { Patient: 1 },
    status: 200,
    ...access,
  },
  { at: now - 9, actor: leroy, kind: 'access.refused', reason: 'other_practice', ...access },
  {
    at: now - 60,
    actor: { kind: 'operator', id: parseId('operator', 'opr_ada') },
    kind: 'restriction.made',
    restriction: restriction.id,
    sequence: 41,
    selector: restriction.selector,
    effect: restriction.effect,
    endsSessions: true,
    reason: restriction.reason,
    author: restriction.author,
  },
  {
    at: now - 3600,
    actor: leroy,
    kind: 'session.started',
    session: parseId('session', 'ses_20'),
    holder: leroy,
    acr: 'garde:passkey',
    newDevice: true,
  },
  {
    at: now - 4000,
    actor: { kind: 'stranger' },
    kind: 'signin.failed',
    reason: 'passkey_unknown',
    factor: 'passkey',
  },
]

const days = Array.from({ length: 14 }, (_, n) => ({
  day: new Date((now - (13 - n) * 86_400) * 1000).toISOString().slice(0, 10),
  opened: n === 13 ? 252 : ([0, 21, 25, 18, 30, 22, 0][n % 7] ?? 0),
  listed: n === 13 ? 310 : ([0, 44, 61, 39, 70, 52, 0][n % 7] ?? 0),
}))

/** Name → screen, in the language asked for. */
export function faces(language: Language): Record<string, () => Markup> {
  const account: AccountFrame = {
    language,
    address: '/account',
    now,
    person: 'Claire Martin',
    operator: false,
  }
  const desk: ConsoleFrame = {
    language,
    address: '/console',
    now,
    names,
    operator: {
      id: parseId('operator', 'opr_ada'),
      name: 'Ada Renard',
      session: parseId('session', 'ses_me'),
    },
  }
  const passkey = {
    id: parseId('credential', 'crd_10'),
    label: 'Ordinateur du cabinet',
    addedAt: now - 40 * 86_400,
    lastUsedAt: now - 3600,
    synced: false,
  }
  const phone = { id: parseId('credential', 'crd_20'), label: 'iPhone', addedAt: now - 86_400, synced: true }
  const sessions = [
    {
      id: parseId('session', 'ses_10'),
      userAgent: firefox,
      network: '198.51.100.0/24',
      startedAt: now - 3600,
      lastActiveAt: now,
      current: true,
    },
    {
      id: parseId('session', 'ses_90'),
      userAgent: safari,
      network: '2001:db8:1::/48',
      startedAt: now - 90_000,
      lastActiveAt: now - 500,
      current: false,
    },
  ]
  const applications = [
    {
      client: parseId('client', 'cli_dossiers'),
      name: 'Dossiers du cabinet',
      scope: 'openid offline_access user/Patient.rs user/Observation.cruds user/MedicationRequest.crus',
      practices: ['Cabinet des Tilleuls', 'MSP du Port'],
      since: now - 3500,
      open: { lastUsedAt: now - 40, userAgents: [firefox, safari] },
    },
    {
      client: parseId('client', 'cli_agenda'),
      name: 'Agenda partagé',
      scope: 'openid user/Appointment.rs',
      practices: [],
      since: now - 86_400 * 40,
    },
  ]
  const notices: NoticeRow[] = [
    {
      kind: 'new-device',
      fields: { userAgent: safari, network: '2001:db8:1::/48' },
      at: now - 90_000,
      read: false,
    },
    { kind: 'passkey-added', fields: { label: 'iPhone' }, at: now - 86_400, read: true },
  ]
  const rowFrame = { names, language, now }
  const run = {
    practitioner: head.practitioner,
    practice: head.practice,
    session: access.session,
    client: access.client,
    startAt: now - 300,
    firstAt: now - 190,
    lastAt: now - 4,
    opened: 12,
    listed: 40,
  }
  const rows = [
    ...events.slice(0, 1).map((event) => eventRow(event, rowFrame)),
    rowOf({ at: run.lastAt, run }, rowFrame),
    ...events.slice(1).map((event) => eventRow(event, rowFrame)),
  ]
  const eventsState = {
    filter: { view: 'summary' as const },
    search: { person: '', found: [] },
    practices: [{ id: head.practice, name: 'Cabinet des Tilleuls' }],
    rows,
    stream: '/faces/stream?after=server:5',
  }
  const membership = { practitioner: head.practitioner, doctors: 1, startAt: now - 86_400 }
  const practices = [
    {
      ...membership,
      id: parseId('membership', 'mbr_10'),
      practice: head.practice,
      practiceName: 'Cabinet des Tilleuls',
      role: 'clinician',
    },
    {
      ...membership,
      id: parseId('membership', 'mbr_20'),
      practice: parseId('practice', 'prc_port'),
      practiceName: 'MSP du Port',
      role: 'manager',
    },
  ] as OpenMembership[]
  const people = ['Dr Claire Martin', 'Julie Leroy', 'Minh-Anh Nguyen', 'Paul Weber']
  return {
    refusal: () =>
      refusalPage(refusalRow('restricted'), language, parseId('request', 'req_k3JfPq2Zx81abcdefghijg')),
    'patient-question': () => patientPage({ ...patientQuestion(language), search: undefined }),
    'patient-found': () =>
      patientPage({
        ...patientQuestion(language),
        found: [
          { id: 'p1', name: 'DURAND Jeanne', birthDate: '1951-03-03', gender: 'female' },
          { id: 'p2', name: 'DURAND Jeanne Marie-Antoinette', birthDate: '1951-03-03' },
        ],
      }),
    'patient-none': () => patientPage({ ...patientQuestion(language), found: [] }),
    'patient-problem': () => patientPage({ ...patientQuestion(language), problem: 'unknown' }),
    'sign-in': () => signInPage({ language, continue: '/account' }),
    'sign-in-refused': () =>
      signInPage({
        language,
        email: 'claire.martin@example.org',
        otherWayOpen: true,
        problem: refusalRow('secret_or_code_wrong')[language],
      }),
    confirm: () => confirmPage({ language, continue: '/console', person: 'Ada Renard' }),
    waiting: () =>
      waitingPage({
        language,
        address: '/signin?continue=%2Faccount',
        wait: { state: 'waiting', cookie: '', ahead: 8412, waitSeconds: 330, known: false },
      }),
    'waiting-next': () =>
      waitingPage({
        language,
        address: '/signin',
        wait: { state: 'waiting', cookie: '', ahead: 1, waitSeconds: 4, known: true },
      }),
    'waiting-full': () => waitingPage({ language, address: '/signin', wait: { state: 'full' } }),
    'sign-in-done': () => donePage(language, '/account'),
    'enrol-link': () => linkPage({ language }),
    enrol: () => enrolPage({ language, purpose: 'enrol', name: 'Claire Martin', secretOff: false }),
    setup: () => enrolPage({ language, purpose: 'setup', name: '', secretOff: true }),
    'enrol-secret': () =>
      enrolSecretPage({
        language,
        email: 'claire.martin@example.org',
        offer: {
          key: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
          address: 'otpauth://totp/Garde:claire?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Garde',
          sealed: 's',
        },
      }),
    account: () =>
      accountPage(account, {
        passkeys: [passkey, phone],
        sessions,
        applications,
        notices,
        secret: 'set',
        fresh: true,
      }),
    'account-not-me': () =>
      accountPage(account, {
        passkeys: [passkey],
        sessions: sessions.slice(0, 1),
        applications: [],
        notices: [],
        fresh: false,
        done: 'not-me',
      }),
    consent: () =>
      questionPage({
        language,
        id: 'x',
        clientName: 'Agenda partagé',
        among: practices,
        consentTo: { now: ['openid', 'offline_access', 'user/Appointment.rs'], already: [] },
      }),
    'consent-wider': () =>
      questionPage({
        language,
        id: 'x',
        clientName: 'Agenda partagé',
        among: practices.slice(0, 1),
        consentTo: { now: ['user/Patient.rs'], already: ['openid', 'user/Appointment.rs'] },
      }),
    'choose-practice': () =>
      questionPage({ language, id: 'x', clientName: 'Dossiers du cabinet', among: practices }),
    'choose-account': () =>
      chooseAccountPage({
        language,
        id: 'x',
        clientName: 'Dossiers du cabinet',
        account: { id: 'prt_martin', name: 'Claire Martin', email: 'claire.martin@example.org' },
      }),
    device: () => codePage({ language, address: '/device' }),
    'device-wrong': () =>
      codePage({ language, code: 'WDJB-MJHT', problem: refusalRow('user_code_unknown')[language] }),
    'device-ask': () =>
      devicePage({ ...deviceAsked, language, among: practices.slice(0, 1), elsewhere: false }),
    'device-elsewhere': () => devicePage({ ...deviceAsked, language, among: practices, elsewhere: true }),
    'device-connected': () => decidedPage(language, { approved: true, clientName: 'Électrocardiographe' }),
    'device-denied': () => decidedPage(language, { approved: false }),
    'account-remove': () => removePasskeyPage(account, passkey, true),
    'account-secret': () =>
      secretPage(account, 'claire.martin@example.org', {
        key: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        address: 'otpauth://totp/Garde:claire?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Garde',
        sealed: 's',
      }),
    now: () =>
      nowPage(desk, {
        signedIn,
        restrictions: [restriction, quota],
        approvals: [
          {
            id: parseId('approval', 'apr_10'),
            act: { kind: 'lift', restriction: quota.id, reason: 'Tournée de vaccination.' },
            createdAt: now - 60,
          },
        ],
        namings: [
          {
            reason: 'Plainte d’une patiente, dossier 2026-11.',
            askedBy: parseId('operator', 'opr_theo'),
            state: 'open',
            createdAt: now - 120,
          },
        ],
        adminTokens: [
          {
            id: parseId('adminToken', 'adt_10'),
            operator: parseId('operator', 'opr_theo'),
            createdAt: now - 300,
            expiresAt: now + 3300,
          },
        ],
        findings: [
          {
            id: parseId('finding', 'fnd_10'),
            rule: 'patients-24h',
            practitioner: parseId('practitioner', 'prt_leroy'),
            value: 252,
            threshold: 240,
            practice: parseId('practice', 'prc_tilleuls'),
            window: '24 h',
            action: 'stop',
            restriction: parseId('restriction', 'rst_a2'),
            at: now - 300,
          },
        ],
      }),
    'now-quiet': () =>
      nowPage(desk, {
        signedIn: [],
        restrictions: [],
        findings: [],
        approvals: [],
        namings: [],
        adminTokens: [],
        search: { query: 'xyz', found: [] },
      }),
    events: () => eventsPage(desk, eventsState),
    'events-narrowed': () =>
      eventsPage(desk, {
        ...eventsState,
        filter: {
          view: 'reads',
          practitioner: head.practitioner,
          session: access.session,
          since: now - 300,
          until: now,
        },
        olderThan: now - 4000,
        stream: undefined,
      }),
    'events-search': () =>
      eventsPage(desk, {
        ...eventsState,
        rows: [],
        search: {
          person: 'mar',
          found: [parseId('practitioner', 'prt_martin'), parseId('practitioner', 'prt_nguyen')],
        },
      }),
    'cut-choose': () =>
      choosePage(desk, {
        practices: [parseId('practice', 'prc_tilleuls'), parseId('practice', 'prc_saintluc')],
        clients: [parseId('client', 'cli_dossiers')],
        sessions: [{ id: parseId('session', 'ses_20'), label: 'Julie Leroy · iPhone' }],
        search: { query: 'mar', found: [parseId('practitioner', 'prt_martin')] },
      }),
    cut: () =>
      cutPage(desk, {
        scope: 'practice',
        target: 'prc_tilleuls',
        selector: { practice: parseId('practice', 'prc_tilleuls') },
        touched: { people, peopleCount: 4, sessions: 6, youToo: false },
        problems: { reason: true, understood: true },
      }),
    'cut-yourself': () =>
      cutPage(desk, {
        scope: 'session',
        target: 'ses_me',
        selector: { session: parseId('session', 'ses_me') },
        touched: { people: ['Ada Renard'], peopleCount: 1, sessions: 1, youToo: true },
      }),
    restriction: () =>
      restrictionPage(desk, {
        restriction,
        state: 'active',
        confirms: 'digest',
        answer: {
          act: 'cut',
          sequence: 41,
          appliedOn: [{ point: 'https://garde.example', at: now }],
          pending: [],
          measuredMs: 7,
        },
      }),
    'restriction-lifted': () =>
      restrictionPage(desk, {
        restriction: quota,
        lift: {
          sequence: 43,
          restriction: quota.id,
          reason: 'Tournée de vaccination, vérifiée par téléphone.',
          author: { kind: 'operator', id: parseId('operator', 'opr_theo') },
          createdAt: now,
        },
        state: 'lifted',
        confirms: 'digest',
      }),
    'restriction-confirm': () =>
      restrictionPage(desk, { restriction: quota, state: 'active', confirms: 'digest', problem: 'reason' }),
    approval: () =>
      approvalPage(desk, {
        id: parseId('approval', 'apr_10'),
        kind: 'lift',
        asked: { restriction: quota, reason: 'Tournée de vaccination.' },
        requestedBy: 'Théo Marchand',
        createdAt: now - 60,
        expiresAt: now + 840,
        state: 'open',
        confirms: 'digest',
      }),
    'approval-client': () =>
      approvalPage(desk, {
        id: parseId('approval', 'apr_11'),
        kind: 'save-client',
        asked: {
          rows: [
            { name: 'client.id', value: 'dossiers' },
            { name: 'client.redirectUris', value: 'https://dossiers.example/retour', before: '' },
            { name: 'client.firstParty', value: 'true', before: 'false' },
          ],
        },
        requestedBy: 'Théo Marchand',
        createdAt: now - 60,
        expiresAt: now + 840,
        state: 'decided',
        decided: { outcome: 'approved', by: 'Ada Renard', at: now - 5 },
        confirms: 'digest',
        once: 'yXr2k0Xq0l2u4uQpQ4h4bqS9l2Pz1yQpF3sV7nB0mKc',
      }),
    practitioner: () =>
      practitionerPage(desk, {
        id: parseId('practitioner', 'prt_leroy'),
        email: 'julie.leroy@tilleuls.example',
        memberships: [
          { practice: parseId('practice', 'prc_tilleuls'), role: 'secretary' },
          { practice: parseId('practice', 'prc_saintluc'), role: 'secretary', endAt: now - 30 * 86_400 },
        ],
        sessions: [
          {
            id: parseId('session', 'ses_20'),
            userAgent: safari,
            network: '198.51.2.0/24',
            startedAt: now - 7200,
            lastActiveAt: now - 100,
          },
        ],
        days,
        events: rows,
        restrictions: [quota],
      }),
    patients: () =>
      patientsPage(desk, {
        waiting: [
          {
            id: parseId('resolution', 'rsl_10'),
            patient: '1.k3JfPq2Zx81abcdefghijgk3JfPq2Zx81abcdefghijg',
            reason: 'Plainte de la famille, dossier ouvert la nuit.',
            askedBy: parseId('operator', 'opr_theo'),
            createdAt: now - 60,
            expiresAt: now + 3540,
            state: 'open',
            confirms: 'd',
          },
          {
            id: parseId('resolution', 'rsl_20'),
            patient: '1.k3JfPq2Zx81abcdefghijgk3JfPq2Zx81abcdefghijg',
            reason: 'Information du patient, article 34.',
            askedBy: parseId('operator', 'opr_ada'),
            createdAt: now - 600,
            expiresAt: now + 3000,
            state: 'answered',
            confirms: 'd',
          },
        ],
        answer: { outcome: 'named', reference: 'records/Patient/pat-049', patient: '1.k3JfPq2Z' },
      }),
    clients: () =>
      clientsPage(desk, [
        { client: confidential, use: { alive: 214, lastAt: now - 240 } },
        { client: { ...service, disabledAt: now - 86_400 }, use: { alive: 0 } },
      ]),
    client: () => clientPage(desk, clientState(confidential)),
    'client-edit': () =>
      editPage(desk, {
        before: { ...confidential, secretHash: 'h' },
        sent: sentOf(confidential),
        faults: { redirectUris: 'must use https, or http on loopback' },
        practices: [{ id: 'prc_saintluc', name: 'Maison de santé Saint-Luc' }],
        served: ['https://garde.example/fhir'],
        idTokenAlgorithms: ['ES256', 'RS256'],
      }),
    'client-disable': () => disablePage(desk, { client: confidential, alive: 214, problem: true }),
    'client-registered': () =>
      registeredPage(desk, confidential, 'yXr2k0Xq0l2u4uQpQ4h4bqS9l2Pz1yQpF3sV7nB0mKc'),
    keys: () =>
      keysPage(desk, {
        period: 90 * 86_400,
        confirms: 'digest',
        keys: [
          signingKey('current', 'ES256', 60),
          { ...signingKey('next', 'ES256', 0), kid: 'q1Yb2nC3vD4mE5kF6jG7hH8gI9fJ0dK1sL2aM3pN4oO' },
          { ...signingKey('retained', 'RS256', 1), kid: 'r1Yb2nC3vD4mE5kF6jG7hH8gI9fJ0dK1sL2aM3pN4oO' },
          { ...signingKey('revoked', 'EdDSA', 12), kid: 's1Yb2nC3vD4mE5kF6jG7hH8gI9fJ0dK1sL2aM3pN4oO' },
          {
            ...signingKey('current', 'EdDSA', 200),
            use: 'checkpoint',
            kid: 't1Yb2nC3vD4mE5kF6jG7hH8gI9fJ0dK1sL2aM3pN4oO',
          },
        ],
      }),
    'key-revoke': () =>
      revokePage(desk, { key: signingKey('current', 'ES256', 60), confirms: 'digest', problem: true }),
    check: () => checkPage(desk, { clients: [confidential, service], found: [refused] }),
    'check-code': () => checkPage(desk, { clients: [], found: [], codeProblem: 'codeWrong' }),
    'check-faults': () =>
      checkPage(desk, {
        clients: [confidential, service],
        checked: {
          read: 'request',
          client: confidential.id,
          findings: [],
          parameters: [
            { name: 'client_id', value: 'dossiers-hopital', findings: [] },
            {
              name: 'redirect_uri',
              value: 'https://dossiers.saintluc.example/login/oauth2/Code/garde',
              findings: [
                {
                  kind: 'redirect-differs',
                  client: confidential.id,
                  difference: {
                    requested: 'https://dossiers.saintluc.example/login/oauth2/Code/garde',
                    registered: 'https://dossiers.saintluc.example/login/oauth2/code/garde',
                    kind: 'case',
                    at: 47,
                    tail: 9,
                  },
                },
              ],
            },
            { name: 'response_type', value: 'code', findings: [] },
            { name: 'scope', value: 'openid email', findings: [{ kind: 'scope', names: ['email'] }] },
            { name: 'code_challenge', findings: [{ kind: 'pkce-missing' }] },
            { name: 'state', findings: [] },
          ],
        },
      }),
    'check-sound': () =>
      checkPage(desk, {
        clients: [confidential],
        checked: {
          read: 'return-address',
          client: confidential.id,
          findings: [],
          parameters: [
            { name: 'redirect_uri', value: 'https://dossiers.saintluc.example/retour', findings: [] },
          ],
        },
      }),
    'client-service': () => clientPage(desk, { ...clientState(service), use: { alive: 0 } }),
    deliveries: () =>
      deliveriesPage(desk, {
        honours: [
          { client: 'cli_dossiers' as never, told: 412, waiting: 1, dead: 1, lastToldAt: desk.now - 60 },
          { client: 'cli_agenda' as never, told: 0, waiting: 0, dead: 0, lastToldAt: null },
        ],
        untold: [
          {
            id: 7,
            client: 'cli_dossiers' as never,
            session: 'ses_a' as never,
            state: 'failing',
            createdAt: desk.now - 90,
            attempts: 2,
            nextAt: desk.now + 120,
            fault: 'status 503',
          },
          {
            id: 6,
            client: 'cli_dossiers' as never,
            session: 'ses_b' as never,
            state: 'dead',
            createdAt: desk.now - 86_000,
            attempts: 9,
            nextAt: desk.now,
            fault: 'unreachable',
          },
        ],
      }),
    audit: () =>
      auditPage(desk, {
        logs: [
          { log: 'server', size: 1204, checkpoint: { size: 1204, at: now - 4 } },
          { log: 'gateway', size: 88_120, checkpoint: { size: 88_119, at: now - 20 } },
        ],
        waiting: { count: 3, oldestAt: now - 1 },
        verification: { entries: 89_324, faults: [] },
      }),
  }
}
