/** Sessions in SQL. A session of a disabled holder is not found. */

import { and, desc, eq, gt, inArray, isNull, lt, ne, or, sql } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { CredentialId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { operators, passkeys, practitioners, sessions } from '../db/schema.ts'
import type { SessionFacts } from '../tokens/claims.ts'
import type { Proof, Session } from './session.ts'

type Row = typeof sessions.$inferSelect

const asSession = (row: Row): Session => ({
  id: row.id,
  holder: { kind: row.holderKind, id: row.holder } as Holder,
  facts: row.facts,
  authTime: row.authTime,
  acr: row.acr,
  amr: row.amr,
  ...(row.credential && { credential: row.credential }),
  ...(row.device && { device: row.device }),
  sharedDesk: row.sharedDesk,
  network: row.network,
  userAgent: row.userAgent,
  startedAt: row.startedAt,
  lastActiveAt: row.lastActiveAt,
  idleSeconds: row.idleSeconds,
  endsAt: row.endsAt,
})

const withHolder = (db: Db) =>
  db
    .select({ session: sessions })
    .from(sessions)
    .leftJoin(
      practitioners,
      and(eq(sessions.holderKind, 'practitioner'), eq(sessions.holder, sql`${practitioners.id}`)),
    )
    .leftJoin(operators, and(eq(sessions.holderKind, 'operator'), eq(sessions.holder, sql`${operators.id}`)))
    .$dynamic()

const holderEnabled = () =>
  or(
    and(sql`${practitioners.id} is not null`, isNull(practitioners.disabledAt)),
    and(sql`${operators.id} is not null`, isNull(operators.disabledAt)),
  )

export const ofHolder = (holder: Holder) =>
  and(eq(sessions.holderKind, holder.kind), eq(sessions.holder, holder.id))

export async function findByToken(db: Db, tokenHash: string): Promise<Session | undefined> {
  const [row] = await withHolder(db).where(
    and(eq(sessions.tokenHash, tokenHash), isNull(sessions.endedAt), holderEnabled()),
  )
  return row && asSession(row.session)
}

export async function liveRows(
  db: Db,
  now: Seconds,
  { holder, session }: { holder?: Holder | undefined; session?: SessionId },
): Promise<Session[]> {
  const rows = await withHolder(db)
    .where(
      and(
        isNull(sessions.endedAt),
        gt(sessions.endsAt, now),
        gt(sql`${sessions.lastActiveAt} + ${sessions.idleSeconds}`, now),
        holderEnabled(),
        holder && ofHolder(holder),
        session && eq(sessions.id, session),
      ),
    )
    .orderBy(desc(sessions.startedAt))
    .limit(500)
  return rows.map((row) => asSession(row.session))
}

export async function insertSession(db: Db, session: Session, tokenHash: string): Promise<void> {
  const { holder, ...rest } = session
  await db.insert(sessions).values({ ...rest, tokenHash, holderKind: holder.kind, holder: holder.id })
}

/** Thumbprint and model of the passkey that opened the session. */
export async function passkeyFacts(
  db: Db,
  credential: CredentialId,
): Promise<Pick<SessionFacts, 'credential_thumbprint' | 'aaguid'>> {
  const [row] = await db
    .select({ credential_thumbprint: passkeys.thumbprint, aaguid: passkeys.aaguid })
    .from(passkeys)
    .where(eq(passkeys.id, credential))
  return row ?? {}
}

/** Never revives: past its idle limit, a session stays past it. */
export async function touchRows(db: Db, ids: SessionId[], now: Seconds): Promise<void> {
  await db
    .update(sessions)
    .set({ lastActiveAt: now })
    .where(
      and(
        inArray(sessions.id, ids),
        isNull(sessions.endedAt),
        lt(sessions.lastActiveAt, now - 15),
        gt(sql`${sessions.lastActiveAt} + ${sessions.idleSeconds}`, now),
      ),
    )
}

export async function raiseSession(
  db: Db,
  id: SessionId,
  tokenHash: string,
  proof: Proof,
  now: Seconds,
): Promise<Session | undefined> {
  const [row] = await db
    .update(sessions)
    .set({
      tokenHash,
      acr: proof.acr,
      amr: proof.amr,
      authTime: now,
      lastActiveAt: now,
      ...(proof.credential && { credential: proof.credential }),
    })
    .where(and(eq(sessions.id, id), isNull(sessions.endedAt), gt(sessions.endsAt, now)))
    .returning()
  return row && asSession(row)
}

export async function markEnded(db: Db, id: SessionId, at: Seconds): Promise<boolean> {
  const rows = await db
    .update(sessions)
    .set({ endedAt: at })
    .where(and(eq(sessions.id, id), isNull(sessions.endedAt)))
    .returning({ id: sessions.id })
  return rows.length > 0
}

export async function markHolderEnded(
  db: Db,
  holder: Holder,
  at: Seconds,
  except?: SessionId,
): Promise<SessionId[]> {
  const rows = await db
    .update(sessions)
    .set({ endedAt: at })
    .where(and(ofHolder(holder), isNull(sessions.endedAt), except && ne(sessions.id, except)))
    .returning({ id: sessions.id })
  return rows.map(({ id }) => id)
}

export async function markCredentialEnded(
  db: Db,
  credential: CredentialId,
  at: Seconds,
  except: SessionId,
): Promise<SessionId[]> {
  const rows = await db
    .update(sessions)
    .set({ endedAt: at })
    .where(and(eq(sessions.credential, credential), isNull(sessions.endedAt), ne(sessions.id, except)))
    .returning({ id: sessions.id })
  return rows.map(({ id }) => id)
}
