/** Nothing live goes; what is over does, in bounded batches, and one node at a time. */

import * as fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshPostgres } from '../../test/support/postgres.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { days, hours, type Seconds } from '../core/time.ts'
import {
  answeredRequests,
  authorizationCodes,
  challenges,
  clients,
  factorLocks,
  failures,
  grants,
  memberships,
  notices,
  practices,
  practitioners,
  refreshTokens,
  resolutions,
  sessions,
} from '../db/schema.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { rules, sweepBatch } from './sweep-store.ts'
import { sweep } from './sweep.ts'

let services: TestServices
const now = () => services.clock.now()

beforeAll(async () => {
  services = await testServices()
  const { db } = services
  await db.insert(practices).values({ id: 'prc_a' as never, name: 'A', recordsName: 'a', createdAt: 0 })
  await db
    .insert(practitioners)
    .values({ id: 'prt_a' as never, givenName: 'A', familyName: 'B', email: 'a@b.example', createdAt: 0 })
  await db.insert(memberships).values({
    id: 'mbr_a' as never,
    practitioner: 'prt_a' as never,
    practice: 'prc_a' as never,
    role: 'clinician',
    startAt: 0,
  })
  await db.insert(clients).values({
    id: 'app' as never,
    name: 'App',
    profile: 'smart-public',
    redirectUris: [],
    postLogoutRedirectUris: [],
    scopes: [],
    resources: [],
    createdAt: 0,
  })
})
beforeEach(async () => {
  const list = rules.map(({ table }) => `"${table}"`).join(', ')
  await services.db.execute(sql.raw(`truncate ${list} cascade`))
})
afterAll(() => services.close())

async function session(id: string, startedAt: Seconds): Promise<void> {
  await services.db.insert(sessions).values({
    id: id as never,
    tokenHash: id,
    holderKind: 'practitioner',
    holder: 'prt_a',
    startedAt,
    facts: { session_started_at: startedAt, session_sequence: 0 },
    authTime: startedAt,
    acr: 'garde:passkey',
    amr: ['user'],
    lastActiveAt: startedAt,
    idleSeconds: 3600,
    endsAt: startedAt + hours(12),
    network: 'n',
    userAgent: 'u',
  })
}

const grant = (id: string, of: string, createdAt: Seconds) =>
  services.db.insert(grants).values({
    id: id as never,
    client: 'app' as never,
    practitioner: 'prt_a' as never,
    practice: 'prc_a' as never,
    membership: 'mbr_a' as never,
    session: of as never,
    scope: 'openid',
    resource: 'r',
    acr: 'garde:passkey',
    amr: ['user'],
    authTime: createdAt,
    createdAt,
  })

const has = async (table: string, column: string, id: string) => {
  const found: unknown = await services.db.execute(
    sql`select 1 from ${sql.identifier(table)} where ${sql.identifier(column)} = ${id}`,
  )
  return (Array.isArray(found) ? found : (found as { rows: unknown[] }).rows).length > 0
}

test('whatever is live stays, and whatever its session’s life still needs to know a reuse', async () => {
  const age = fc.integer({ min: -3600, max: days(60) })
  const row = fc.record({ age, codeAfter: fc.integer({ min: 0, max: hours(12) - 1 }), taken: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
      await services.db.execute(sql.raw('truncate sessions cascade'))
      const made = rows.map((each, n) => ({ ...each, id: String(n), startedAt: now() - each.age }))
      for (const { id, startedAt, codeAfter, taken } of made) {
        const at = startedAt + codeAfter
        await session(id, startedAt)
        await grant(id, id, at)
        const takenAt = taken ? at : null
        await services.db.insert(authorizationCodes).values({
          codeHash: id,
          grant: id as never,
          client: 'app' as never,
          redirectUri: 'x',
          codeChallenge: 'x',
          expiresAt: at + 60,
          takenAt,
        })
        await services.db.insert(refreshTokens).values({
          tokenHash: id,
          grant: id as never,
          issuedAt: at,
          expiresAt: startedAt + hours(12),
          takenAt,
        })
      }
      await sweep(services, 2)
      for (const { id, startedAt } of made) {
        if (startedAt + hours(12) <= now()) continue
        expect(await has('sessions', 'id', id)).toBe(true)
        expect(await has('grants', 'id', id)).toBe(true)
        expect(await has('authorization_codes', 'code_hash', id)).toBe(true)
        expect(await has('refresh_tokens', 'token_hash', id)).toBe(true)
      }
      const newest = made.toSorted((a, b) => b.startedAt - a.startedAt || Number(b.id > a.id) - 1)[0]
      expect((await services.db.select().from(sessions)).length).toBeGreaterThan(0)
      expect(
        newest && (await services.db.select().from(sessions)).some((s) => s.startedAt === newest.startedAt),
      ).toBe(true)
    }),
    { numRuns: 25 },
  )
})

test('a session and all that hung from it are gone a month after its end, but for the newest', async () => {
  const long = now() - days(40)
  await session('old', long)
  await grant('old', 'old', long)
  await services.db.insert(refreshTokens).values({
    tokenHash: 'old',
    grant: 'old' as never,
    issuedAt: long,
    expiresAt: long + hours(12),
    takenAt: long,
  })
  await session('older', long - days(1))
  expect(await sweep(services)).toEqual({ refresh_tokens: 1, grants: 1, sessions: 1 })
  expect(await has('sessions', 'id', 'old')).toBe(true)
  await session('new', now())
  expect(await sweep(services)).toEqual({ sessions: 1 })
})

test('a spent refresh token is known as spent to the last second of its family', async () => {
  await session('s', now() - hours(11))
  await grant('s', 's', now())
  const expiresAt = now() + hours(1)
  await services.db
    .insert(refreshTokens)
    .values({ tokenHash: 't', grant: 's' as never, issuedAt: now(), expiresAt, takenAt: now() })
  services.clock.advance(hours(1) - 1)
  await sweep(services)
  expect(await has('refresh_tokens', 'token_hash', 't')).toBe(true)
})

test('failures since the last sign-in stay, however old: they count in a row', async () => {
  const failure = (at: Seconds) =>
    ({ holderKind: 'practitioner', holder: 'prt_a', factor: 'secret-code', source: 'network:n', at }) as const
  await session('s', now() - days(5))
  await services.db
    .insert(failures)
    .values([failure(now() - days(9)), failure(now() - days(3)), failure(now())])
  expect(await sweep(services)).toEqual({ failures: 1 })
  expect(await services.db.select().from(failures)).toHaveLength(2)
})

test('locks, challenges and answered requests go the second they are over, and not before', async () => {
  const lock = { holderKind: 'practitioner', holder: 'prt_a', factor: 'secret-code' } as const
  const challenge = { ceremony: 'registration', browserHash: 'b', purpose: {} } as const
  for (const [name, at] of [
    ['over', now()],
    ['live', now() + 1],
  ] as const) {
    await services.db.insert(factorLocks).values({ ...lock, source: name, until: at })
    await services.db.insert(challenges).values({ ...challenge, challengeHash: name, expiresAt: at })
    await services.db.insert(answeredRequests).values({ idHash: name, expiresAt: at })
  }
  expect(await sweep(services)).toEqual({ answered_requests: 1, challenges: 1, factor_locks: 1 })
  expect(await has('challenges', 'challenge_hash', 'live')).toBe(true)
})

test('a turn is bounded, and the next one goes on', async () => {
  const rows = Array.from({ length: 50 }, (_, n) => ({ idHash: String(n), expiresAt: now() }))
  await services.db.insert(answeredRequests).values(rows)
  expect(await sweep(services, 2)).toEqual({ answered_requests: 40 })
  expect(await sweep(services, 2)).toEqual({ answered_requests: 10 })
})

test('two nodes do not fight: while one sweeps, the other finds nothing to do', async () => {
  const { url } = await freshPostgres()
  const [one, two] = [openPostgres(url), openPostgres(url)]
  await one.db.insert(answeredRequests).values({ idHash: 'a', expiresAt: 0 })
  const [rule] = rules
  if (!rule) throw new Error('no rule')
  await one.db.transaction(async (tx) => {
    expect(await sweepBatch(tx, rule, 1)).toBe(1)
    expect(await sweepBatch(two.db, rule, 1)).toBe(0)
  })
  expect(await sweepBatch(two.db, rule, 1)).toBe(0)
  expect(await one.db.select().from(answeredRequests)).toEqual([])
  await one.close()
  await two.close()
})

test('the share left for naming a patient goes with its hour; a notice nobody has read stays', async () => {
  const { db } = services
  const asked = (id: string, expiresAt: Seconds) => ({
    id: id as never,
    patient: 'p',
    reason: 'r',
    askedBy: 'opr_a' as never,
    sealed: 's',
    createdAt: expiresAt - hours(1),
    expiresAt,
  })
  await db.insert(resolutions).values([asked('over', now()), asked('live', now() + 1)])
  const told = {
    holderKind: 'practitioner',
    holder: 'prt_a',
    kind: 'k',
    fields: {},
    at: now() - days(366),
  } as const
  await db.insert(notices).values([told, { ...told, readAt: now() - days(300) }])
  expect(await sweep(services)).toEqual({ resolutions: 1, notices: 1 })
  expect(await has('resolutions', 'id', 'live')).toBe(true)
  expect(await db.query.notices.findMany()).toMatchObject([{ readAt: null }])
})
