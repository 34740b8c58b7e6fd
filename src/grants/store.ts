/** Grants in SQL. */

import { and, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import type { EventBody, EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import type { ClientId, GrantId, PracticeId, PractitionerId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import {
  clients,
  grants,
  memberships,
  practices,
  practitioners,
  refreshTokens,
  sessions,
} from '../db/schema.ts'
import { tellOfGrant } from '../deliveries/tell-store.ts'
import type { Grant, Ground } from './grant.ts'

/** One query, by primary keys. */
export async function findGround(db: Db, id: GrantId): Promise<Ground | undefined> {
  const [row] = await db
    .select({
      grant: grants,
      session: sessions,
      practitioner: practitioners,
      membership: memberships,
      client: clients,
    })
    .from(grants)
    .innerJoin(sessions, eq(sessions.id, grants.session))
    .innerJoin(practitioners, eq(practitioners.id, grants.practitioner))
    .innerJoin(memberships, eq(memberships.id, grants.membership))
    .innerJoin(clients, eq(clients.id, grants.client))
    .where(eq(grants.id, id))
  return row
}

/** Durable, with its event, when the transaction of `db` is. */
export async function insertGrant(db: Db, head: EventHead, grant: Grant): Promise<void> {
  await db.insert(grants).values(grant)
  const { id, client, practitioner, practice, session, scope } = grant
  await record(db, { ...head, kind: 'grant.made', grant: id, client, practitioner, practice, session, scope })
}

/** Nothing is issued from it from now on. Idempotent; false when it had ended before. */
export async function endGrant(
  db: Db,
  head: EventHead,
  id: GrantId,
  cause: Extract<EventBody, { kind: 'grant.ended' }>['cause'],
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .update(grants)
      .set({ endedAt: head.at })
      .where(and(eq(grants.id, id), isNull(grants.endedAt)))
      .returning({ id: grants.id })
    if (rows.length > 0) {
      await record(tx, { ...head, kind: 'grant.ended', grant: id, cause })
      // A client that gave a grant back itself knows.
      if (cause !== 'revoked' || head.actor.kind !== 'client') await tellOfGrant(tx, id, head.at)
    }
    return rows.length > 0
  })
}

/** Could an access token of theirs be about? A grant that was not ended, on a session whose longest time is not over. */
export async function holdsGrant(
  db: Db,
  of: { session: SessionId } | { practitioner: PractitionerId; practice?: PracticeId },
  now: Seconds,
): Promise<boolean> {
  const its =
    'session' in of
      ? eq(grants.session, of.session)
      : and(eq(grants.practitioner, of.practitioner), of.practice && eq(grants.practice, of.practice))
  const rows = await db
    .select({ id: grants.id })
    .from(grants)
    .innerJoin(sessions, eq(sessions.id, grants.session))
    .where(and(its, isNull(grants.endedAt), gt(sessions.endsAt, now)))
    .limit(1)
  return rows.length > 0
}

/** RFC 9449 §5: from now on its refresh tokens work with this key only. */
export async function bindGrant(db: Db, id: GrantId, jkt: string): Promise<void> {
  await db
    .update(grants)
    .set({ jkt })
    .where(and(eq(grants.id, id), isNull(grants.jkt)))
}

/** With what a list of applications shows. */
export interface ListedGrant extends Grant {
  clientName: string
  practiceName: string
  /** Of the session it hangs from. */
  userAgent: string
  /** When tokens were given last. */
  lastUsedAt: Seconds
}

const stands = (practitioner: PractitionerId, now: Seconds) =>
  and(
    eq(grants.practitioner, practitioner),
    isNull(grants.endedAt),
    isNull(sessions.endedAt),
    gt(sessions.endsAt, now),
    gt(sql`${sessions.lastActiveAt} + ${sessions.idleSeconds}`, now),
  )

/** Those that still stand on a live session, newest first. */
export async function listGrants(db: Db, practitioner: PractitionerId, now: Seconds): Promise<ListedGrant[]> {
  const refreshedAt = sql<
    string | null
  >`(select max(r.issued_at) from ${refreshTokens} r where r."grant" = ${grants.id})`
  const rows = await db
    .select({
      grant: grants,
      clientName: clients.name,
      practiceName: practices.name,
      userAgent: sessions.userAgent,
      refreshedAt,
    })
    .from(grants)
    .innerJoin(sessions, eq(sessions.id, grants.session))
    .innerJoin(clients, eq(clients.id, grants.client))
    .innerJoin(practices, eq(practices.id, grants.practice))
    .where(stands(practitioner, now))
    .orderBy(desc(grants.createdAt), desc(grants.id))
    .limit(200)
  return rows.map(({ grant, refreshedAt: at, ...shown }) => ({
    ...grant,
    ...shown,
    lastUsedAt: Math.max(grant.createdAt, Number(at ?? 0)),
  }))
}

/** All that nobody ended, on sessions that are over too: of one client, or of all. */
export async function grantsToEnd(
  db: Db,
  practitioner: PractitionerId,
  client?: ClientId,
): Promise<GrantId[]> {
  const rows = await db
    .select({ id: grants.id })
    .from(grants)
    .innerJoin(sessions, eq(sessions.id, grants.session))
    .where(
      and(
        eq(grants.practitioner, practitioner),
        isNull(grants.endedAt),
        isNull(sessions.endedAt),
        client && eq(grants.client, client),
      ),
    )
  return rows.map(({ id }) => id)
}
