/**
 * Every table. SQL names are snake_case (drizzle's `casing`). Times are seconds since 1970 (bigint as number);
 * secrets are kept as hashes (`…_hash`) or sealed with the key-encryption key (`…_sealed`).
 */

import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { Actor, AuditEvent } from '../audit/event.ts'
import type { ClientOptions } from '../clients/client.ts'
import type { ClientAuthentication, GrantType, Profile } from '../clients/profiles.ts'
import type * as ids from '../core/ids.ts'
import type { GrantContext, LaunchContext } from '../grants/grant.ts'
import type { Seconds } from '../core/time.ts'
import type { Loosening } from '../operators/loosening.ts'
import type { SignInQueue } from '../people/sign-in-queue.ts'
import type { Resource } from '../resources/resource.ts'
import type { JournalRow } from '../restrictions/restriction.ts'
import type { Action } from '../risk/rules.ts'
import type { QuotaState } from '../risk/shared-quotas.ts'
import type { Acr, Amr, Role, SessionFacts } from '../tokens/claims.ts'

const at = () => bigint({ mode: 'number' }).$type<Seconds>()
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })
/** An event as one JSON line: text, because jsonb would reorder it and refuses some characters. */
const eventLine = customType<{ data: AuditEvent; driverData: string }>({
  dataType: () => 'text',
  toDriver: (event) => JSON.stringify(event),
  fromDriver: (line) => JSON.parse(line) as AuditEvent,
})
const holderKind = () => text().$type<'practitioner' | 'operator'>()

// ── people ────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const practices = pgTable('practices', {
  id: text().$type<ids.PracticeId>().primaryKey(),
  name: text().notNull(),
  finess: text(),
  siren: text(),
  /** The lesser way in (memorised secret and 6-digit code) can be switched off. */
  secretSignIn: boolean().notNull().default(true),
  /** How the records API names this practice (Organization id); practice isolation compares with it. */
  recordsName: text().notNull().unique(),
  createdAt: at().notNull(),
})

export const practitioners = pgTable('practitioners', {
  id: text().$type<ids.PractitionerId>().primaryKey(),
  givenName: text().notNull(),
  familyName: text().notNull(),
  email: text().notNull().unique(),
  rpps: text().unique(),
  /** How the records APIs name this person (Practitioner id); unknown where absent, and then nobody is told one. */
  recordsName: text(),
  language: text().$type<'fr' | 'en'>().notNull().default('fr'),
  createdAt: at().notNull(),
  disabledAt: at(),
})

export const memberships = pgTable(
  'memberships',
  {
    id: text().$type<ids.MembershipId>().primaryKey(),
    practitioner: text()
      .$type<ids.PractitionerId>()
      .notNull()
      .references(() => practitioners.id),
    practice: text()
      .$type<ids.PracticeId>()
      .notNull()
      .references(() => practices.id),
    role: text().$type<Role>().notNull(),
    /** For a secretary: of how many doctors. */
    doctors: integer().notNull().default(1),
    startAt: at().notNull(),
    endAt: at(),
  },
  (t) => [index().on(t.practitioner), index().on(t.practice)],
)

export const operators = pgTable('operators', {
  id: text().$type<ids.OperatorId>().primaryKey(),
  name: text().notNull(),
  email: text().notNull().unique(),
  language: text().$type<'fr' | 'en'>().notNull().default('fr'),
  createdAt: at().notNull(),
  disabledAt: at(),
})

/** One-time links. Taken in one statement; the row stays, spent, so that a second use can be told from an unknown link. */
export const enrolments = pgTable('enrolments', {
  linkHash: text().primaryKey(),
  holderKind: holderKind().notNull(),
  holder: text().notNull(),
  purpose: text().$type<'enrol' | 'setup'>().notNull(),
  createdAt: at().notNull(),
  expiresAt: at().notNull(),
  takenAt: at(),
})

export const passkeys = pgTable(
  'passkeys',
  {
    id: text().$type<ids.CredentialId>().primaryKey(),
    /** The authenticator's credential id, base64url; unique across everybody. */
    credential: text().notNull().unique(),
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    publicKey: bytes().notNull(),
    thumbprint: text().notNull(),
    counter: bigint({ mode: 'number' }).notNull(),
    aaguid: text().notNull(),
    transports: text().array().notNull(),
    backupEligible: boolean().notNull(),
    backedUp: boolean().notNull(),
    label: text().notNull(),
    createdAt: at().notNull(),
    lastUsedAt: at(),
    removedAt: at(),
  },
  (t) => [index().on(t.holderKind, t.holder)],
)

/** The lesser way in: a memorised secret and a 6-digit code, always together. */
export const secrets = pgTable(
  'secrets',
  {
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    /** `scrypt$salt$hash`, base64url. */
    secretHash: text().notNull(),
    totpSealed: text().notNull(),
    /** Last TOTP step taken; a step is taken once (`where last_step < $step`). */
    lastStep: bigint({ mode: 'number' }).notNull().default(0),
    createdAt: at().notNull(),
  },
  (t) => [primaryKey({ columns: [t.holderKind, t.holder] })],
)

export const challenges = pgTable('challenges', {
  challengeHash: text().primaryKey(),
  ceremony: text().$type<'registration' | 'authentication'>().notNull(),
  /** Hash of the browser's cookie: a challenge answers only in the browser it was given to. */
  browserHash: text().notNull(),
  /** What the ceremony is for: holder of a registration, session of a step-up, digest of an act to confirm. */
  purpose: jsonb().$type<Record<string, string>>().notNull(),
  expiresAt: at().notNull(),
})

/** Browsers in which a holder has signed in before. */
export const devices = pgTable(
  'devices',
  {
    id: text().$type<ids.DeviceId>().notNull(),
    tokenHash: text().notNull(),
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    firstSeenAt: at().notNull(),
    lastSeenAt: at().notNull(),
  },
  (t) => [primaryKey({ columns: [t.tokenHash, t.holderKind, t.holder] })],
)

export const sessions = pgTable(
  'sessions',
  {
    id: text().$type<ids.SessionId>().primaryKey(),
    /** Hash of the cookie; rotated at sign-in and step-up. */
    tokenHash: text().notNull().unique(),
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    startedAt: at().notNull(),
    facts: jsonb().$type<SessionFacts>().notNull(),
    authTime: at().notNull(),
    acr: text().$type<Acr>().notNull(),
    amr: text().array().$type<Amr[]>().notNull(),
    credential: text().$type<ids.CredentialId>(),
    device: text().$type<ids.DeviceId>(),
    sharedDesk: boolean().notNull().default(false),
    lastActiveAt: at().notNull(),
    idleSeconds: integer().notNull(),
    endsAt: at().notNull(),
    endedAt: at(),
    network: text().notNull(),
    userAgent: text().notNull(),
  },
  (t) => [index().on(t.holderKind, t.holder)],
)

// ── authorization server ──────────────────────────────────────────────────────────────────────────────────────────────
export const clients = pgTable('clients', {
  id: text().$type<ids.ClientId>().primaryKey(),
  name: text().notNull(),
  profile: text().$type<Profile>().notNull(),
  /** First-party: registered by the practice or vendor; consent may be skipped. */
  firstParty: boolean().notNull().default(false),
  redirectUris: text().array().notNull(),
  postLogoutRedirectUris: text().array().notNull(),
  scopes: text().array().notNull(),
  resources: text().array().notNull(),
  secretHash: text(),
  /** Empty: what the profile gives by itself. */
  authentication: text().array().$type<ClientAuthentication[]>().notNull().default([]),
  grantTypes: text().array().$type<GrantType[]>().notNull().default([]),
  practice: text()
    .$type<ids.PracticeId>()
    .references(() => practices.id),
  options: jsonb().$type<ClientOptions>().notNull().default({}),
  createdAt: at().notNull(),
  disabledAt: at(),
})

/** Who signs in next when more want to than may: one row, worked out from the clock. */
export const signInQueues = pgTable('sign_in_queues', {
  name: text().primaryKey(),
  queue: jsonb().$type<SignInQueue>().notNull(),
})

/** Initial access tokens (RFC 7591): within what each says, so many clients may still register themselves. */
export const registrationTokens = pgTable('registration_tokens', {
  tokenHash: text().primaryKey(),
  id: text().$type<ids.RegistrationTokenId>().notNull(),
  operator: text()
    .$type<ids.OperatorId>()
    .notNull()
    .references(() => operators.id),
  profiles: text().array().$type<Profile[]>().notNull(),
  scopes: text().array().notNull(),
  resources: text().array().notNull(),
  usesLeft: integer().notNull(),
  /** The journal's sequence when it was made. */
  sequence: bigint({ mode: 'number' }).notNull(),
  createdAt: at().notNull(),
  expiresAt: at().notNull(),
})

/** Clients that registered themselves, under the hash of the token that manages them (RFC 7592). */
export const clientRegistrations = pgTable('client_registrations', {
  client: text()
    .$type<ids.ClientId>()
    .primaryKey()
    .references(() => clients.id),
  tokenHash: text().notNull(),
  createdAt: at().notNull(),
})

/** Authorize requests that were answered: the request itself is sealed into the address the browser comes back with. */
export const answeredRequests = pgTable('answered_requests', {
  idHash: text().primaryKey(),
  expiresAt: at().notNull(),
})

export const grants = pgTable(
  'grants',
  {
    id: text().$type<ids.GrantId>().primaryKey(),
    client: text()
      .$type<ids.ClientId>()
      .notNull()
      .references(() => clients.id),
    practitioner: text()
      .$type<ids.PractitionerId>()
      .notNull()
      .references(() => practitioners.id),
    practice: text()
      .$type<ids.PracticeId>()
      .notNull()
      .references(() => practices.id),
    membership: text()
      .$type<ids.MembershipId>()
      .notNull()
      .references(() => memberships.id),
    session: text()
      .$type<ids.SessionId>()
      .notNull()
      .references(() => sessions.id),
    scope: text().notNull(),
    resource: text().notNull(),
    /** As they were when the grant was made; refreshing never raises them. */
    acr: text().$type<Acr>().notNull(),
    amr: text().array().$type<Amr[]>().notNull(),
    authTime: at().notNull(),
    nonce: text(),
    /** RFC 7638 thumbprint of the DPoP key its refresh token is bound to, from the first exchange on. */
    jkt: text(),
    context: jsonb().$type<GrantContext>().notNull().default({}),
    createdAt: at().notNull(),
    endedAt: at(),
    /** When its client was sent a logout token, or one was put by for it: each grant is told of once. */
    logoutToldAt: at(),
  },
  (t) => [index().on(t.practitioner), index().on(t.session)],
)

export const authorizationCodes = pgTable('authorization_codes', {
  codeHash: text().primaryKey(),
  grant: text()
    .$type<ids.GrantId>()
    .notNull()
    .references(() => grants.id),
  client: text().$type<ids.ClientId>().notNull(),
  redirectUri: text().notNull(),
  codeChallenge: text().notNull(),
  /** RFC 9449 §10, `dpop_jkt`. */
  jkt: text(),
  expiresAt: at().notNull(),
  takenAt: at(),
})

export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    tokenHash: text().primaryKey(),
    grant: text()
      .$type<ids.GrantId>()
      .notNull()
      .references(() => grants.id),
    issuedAt: at().notNull(),
    expiresAt: at().notNull(),
    takenAt: at(),
  },
  (t) => [index().on(t.grant)],
)

export const consents = pgTable(
  'consents',
  {
    practitioner: text().$type<ids.PractitionerId>().notNull(),
    client: text().$type<ids.ClientId>().notNull(),
    scope: text().notNull(),
    givenAt: at().notNull(),
  },
  (t) => [primaryKey({ columns: [t.practitioner, t.client] })],
)

/** RFC 9126: what a client has pushed, under the hash of its `request_uri`. */
export const pushedRequests = pgTable('pushed_requests', {
  requestHash: text().primaryKey(),
  client: text().$type<ids.ClientId>().notNull(),
  parameters: jsonb().$type<Record<string, string>>().notNull(),
  expiresAt: at().notNull(),
  takenAt: at(),
})

/** SMART App Launch 2.2, EHR launch: what a records application opens another with. Kept spent until it has expired. */
export const launches = pgTable('launches', {
  launchHash: text().primaryKey(),
  /** The application that is opened, for whom, where, about whom. */
  client: text().$type<ids.ClientId>().notNull(),
  practitioner: text().$type<ids.PractitionerId>().notNull(),
  practice: text().$type<ids.PracticeId>().notNull(),
  resource: text().notNull(),
  context: jsonb().$type<LaunchContext>().notNull(),
  /** Who made it. */
  launcher: text().$type<ids.ClientId>().notNull(),
  expiresAt: at().notNull(),
  takenAt: at(),
})

/** Things that may be shown once: `jti` of client assertions, request objects and DPoP proofs, as hashes. */
export const takenOnce = pgTable(
  'taken_once',
  {
    kind: text().$type<'client-assertion' | 'request-object' | 'dpop'>().notNull(),
    hash: text().notNull(),
    expiresAt: at().notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.hash] }), index().on(t.expiresAt)],
)

/** RFC 8628: a device that waits while somebody types its code elsewhere. */
export const deviceRequests = pgTable('device_requests', {
  deviceCodeHash: text().primaryKey(),
  userCodeHash: text().notNull().unique(),
  client: text().$type<ids.ClientId>().notNull(),
  scope: text().notNull(),
  resource: text().notNull(),
  jkt: text(),
  /** Where the device is, IPv4 /24 or IPv6 /48. */
  network: text().notNull(),
  createdAt: at().notNull(),
  expiresAt: at().notNull(),
  /** Seconds between two questions; grows with `slow_down`. */
  intervalSeconds: integer().notNull(),
  askedAt: at(),
  decision: text().$type<'approved' | 'denied'>(),
  grant: text().$type<ids.GrantId>(),
  takenAt: at(),
})

/** Messages to others, written in the transaction that causes them and delivered until they are or it is given up. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    kind: text().$type<'backchannel-logout'>().notNull(),
    client: text().$type<ids.ClientId>().notNull(),
    address: text().notNull(),
    fields: jsonb().$type<Record<string, string>>().notNull(),
    createdAt: at().notNull(),
    attempts: integer().notNull().default(0),
    nextAt: at().notNull(),
    deliveredAt: at(),
    /** Given up: it waits for an operator. */
    deadAt: at(),
    fault: text(),
  },
  (t) => [
    index()
      .on(t.nextAt)
      .where(sql`${t.deliveredAt} is null and ${t.deadAt} is null`),
    index()
      .on(t.client, t.nextAt)
      .where(sql`${t.deliveredAt} is null`),
  ],
)

/** How far the journal has been read for clients to tell: up to `sequence`, and of the next row up to session `after`. */
export const logoutProgress = pgTable('logout_progress', {
  name: text().primaryKey(),
  sequence: bigint({ mode: 'number' }).notNull().default(0),
  after: text().notNull().default(''),
})

export const signingKeys = pgTable(
  'signing_keys',
  {
    kid: text().primaryKey(),
    /** What it signs: tokens, assertions to upstreams, audit checkpoints. */
    use: text().$type<'token' | 'assertion' | 'checkpoint'>().notNull(),
    alg: text().$type<'ES256' | 'RS256' | 'EdDSA'>().notNull(),
    state: text().$type<'next' | 'current' | 'retained' | 'revoked'>().notNull(),
    publicJwk: jsonb().$type<Record<string, string>>().notNull(),
    /** AES-256-GCM under the key-encryption key. */
    privateSealed: text().notNull(),
    createdAt: at().notNull(),
    /** Since when it is in this state; null: since it was made. */
    stateAt: at(),
  },
  // Two that sign for one slot would be two answers to which key is ours: whatever the lock missed, this refuses.
  (t) => [
    uniqueIndex('signing_keys_one_current')
      .on(t.use, t.alg)
      .where(sql`${t.state} = 'current'`),
  ],
)

/** Protected APIs, as `resources/resource.ts` parses them. */
export const resources = pgTable('resources', {
  name: text().primaryKey(),
  resource: jsonb().$type<Resource>().notNull(),
  savedAt: at().notNull(),
})

/** Other secrets of the installation (pseudonym key, sealing key…), sealed like private keys. */
export const installation = pgTable('installation', {
  name: text().primaryKey(),
  sealed: text().notNull(),
  createdAt: at().notNull(),
})

// ── restrictions and risk ─────────────────────────────────────────────────────────────────────────────────────────────
/** Append-only. `sequence` is assigned under a lock: commit order, no gaps. */
export const restrictionJournal = pgTable(
  'restriction_journal',
  {
    sequence: bigint({ mode: 'number' }).primaryKey(),
    restriction: text().$type<ids.RestrictionId>().notNull(),
    row: jsonb().$type<JournalRow>().notNull(),
    createdAt: at().notNull(),
  },
  (t) => [index().on(t.restriction)],
)

/** One row per failed factor, committed before the refusal is thrown. */
export const failures = pgTable(
  'failures',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    factor: text().$type<'passkey' | 'secret-code'>().notNull(),
    /** Network or known device the attempt came from. */
    source: text().notNull(),
    at: at().notNull(),
  },
  (t) => [index().on(t.holderKind, t.holder, t.factor, t.source, t.at)],
)

/** A factor that is locked from one source until then. */
export const factorLocks = pgTable(
  'factor_locks',
  {
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    factor: text().$type<'passkey' | 'secret-code'>().notNull(),
    source: text().notNull(),
    until: at().notNull(),
  },
  (t) => [primaryKey({ columns: [t.holderKind, t.holder, t.factor, t.source] })],
)

export const findings = pgTable(
  'findings',
  {
    id: text().$type<ids.FindingId>().primaryKey(),
    rule: text().notNull(),
    practitioner: text().$type<ids.PractitionerId>(),
    practice: text().$type<ids.PracticeId>(),
    value: integer().notNull(),
    threshold: integer().notNull(),
    window: text().notNull(),
    /** What was done; `observe`: only written down. */
    action: text().$type<Action | 'observe'>().notNull(),
    restriction: text().$type<ids.RestrictionId>(),
    at: at().notNull(),
  },
  (t) => [index().on(t.at)],
)

/**
 * What the caps count of one practitioner, where gateways keep no memory between requests (Workers): swapped whole, by
 * whoever names the version that stands.
 */
export const quotaStates = pgTable('quota_states', {
  /** Or a service, by its client id. */
  practitioner: text().$type<ids.PractitionerId | ids.ClientId>().primaryKey(),
  version: bigint({ mode: 'number' }).notNull(),
  state: jsonb().$type<QuotaState>().notNull(),
  savedAt: at().notNull(),
})

/** What a holder is told on the account page (and, once mail exists, through another channel). */
export const notices = pgTable(
  'notices',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    holderKind: holderKind().notNull(),
    holder: text().notNull(),
    kind: text().notNull(),
    fields: jsonb().$type<Record<string, string>>().notNull(),
    at: at().notNull(),
    readAt: at(),
  },
  (t) => [index().on(t.holderKind, t.holder)],
)

// ── audit ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Events wait here from the transaction that caused them until the sequencer gives them a place in the tree. */
export const auditQueue = pgTable('audit_queue', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  event: eventLine().notNull(),
})

/** One tree per log: `server`, and one per gateway. `frontier`: hashes of the perfect subtrees, hex, largest first. */
export const auditLogs = pgTable('audit_logs', {
  log: text().primaryKey(),
  size: bigint({ mode: 'number' }).notNull(),
  frontier: text().array().notNull(),
  /** HMAC of size and root under the key-encryption key, so that nobody with the database alone sets another tree. */
  mac: text().notNull(),
})

export const auditEntries = pgTable(
  'audit_entries',
  {
    log: text().notNull(),
    index: bigint({ mode: 'number' }).notNull(),
    /** SHA-256(0x00 ‖ entry), hex. */
    leaf: text().notNull(),
    /** The exact bytes that were hashed: one JSON line. */
    entry: text().notNull(),
    at: at().notNull(),
    kind: text().$type<AuditEvent['kind']>().notNull(),
    actor: text().notNull(),
    practitioner: text().$type<ids.PractitionerId>(),
    practice: text().$type<ids.PracticeId>(),
    session: text().$type<ids.SessionId>(),
    client: text().$type<ids.ClientId>(),
    patient: text(),
    access: text().$type<'opened' | 'listed'>(),
    request: text().$type<ids.RequestId>(),
  },
  (t) => [
    primaryKey({ columns: [t.log, t.index] }),
    // Only for finding how an intent ended; on every entry it would cost each of them.
    index()
      .on(t.request)
      .where(sql`${t.kind} = 'access.settled'`),
    index().on(t.at),
    index().on(t.practitioner, t.at),
    index().on(t.practice, t.at),
    index().on(t.patient, t.at),
    index().on(t.session),
  ],
)

/** Signed C2SP checkpoints. */
export const auditCheckpoints = pgTable(
  'audit_checkpoints',
  {
    log: text().notNull(),
    size: bigint({ mode: 'number' }).notNull(),
    note: text().notNull(),
    at: at().notNull(),
  },
  (t) => [primaryKey({ columns: [t.log, t.size] })],
)

/** For each pseudonym the reference it stands for, sealed to a key no gateway can open. The first seal stays. */
export const patientSeals = pgTable('patient_seals', {
  patient: text().primaryKey(),
  sealed: text().notNull(),
  sealedAt: at().notNull(),
})

/** Refusals of strangers, summed per source, reason and minute: a stranger must not fill the log care depends on. */
export const strangerRefusals = pgTable(
  'stranger_refusals',
  {
    source: text().notNull(),
    reason: text().notNull(),
    minuteAt: at().notNull(),
    count: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.minuteAt, t.source, t.reason] })],
)

// ── operators' acts ───────────────────────────────────────────────────────────────────────────────────────────────────
export const adminTokens = pgTable('admin_tokens', {
  tokenHash: text().primaryKey(),
  id: text().$type<ids.AdminTokenId>().notNull(),
  operator: text()
    .$type<ids.OperatorId>()
    .notNull()
    .references(() => operators.id),
  /** The journal's sequence when it was made. */
  sequence: bigint({ mode: 'number' }).notNull(),
  createdAt: at().notNull(),
  expiresAt: at().notNull(),
})

/** An act asked for by script that needs an operator's fresh passkey before it happens. */
export const approvals = pgTable('approvals', {
  id: text().$type<ids.ApprovalId>().primaryKey(),
  act: jsonb().$type<Loosening>().notNull(),
  requestedBy: jsonb().$type<Actor>().notNull(),
  createdAt: at().notNull(),
  expiresAt: at().notNull(),
  decidedAt: at(),
  decidedBy: text().$type<ids.OperatorId>(),
  outcome: text().$type<'approved' | 'declined'>(),
})

/** A patient somebody asked to have named: waits an hour for a second operator, then for who asked; then it is deleted. */
export const resolutions = pgTable('resolutions', {
  id: text().$type<ids.ResolutionId>().primaryKey(),
  patient: text().notNull(),
  reason: text().notNull(),
  askedBy: text().$type<ids.OperatorId>().notNull(),
  /** The asker's share under the key-encryption key; emptied once it was used. */
  sealed: text().notNull(),
  decidedBy: text().$type<ids.OperatorId>(),
  /** What came of it, under the key-encryption key. */
  answered: text(),
  createdAt: at().notNull(),
  expiresAt: at().notNull(),
})

/** rate-limiter-flexible's own shape. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    key: text().primaryKey(),
    points: integer().notNull().default(0),
    expire: bigint({ mode: 'number' }),
  },
  (t) => [check('rate_limits_points', sql`${t.points} >= 0`)],
)
