/**
 * Failures and locks in SQL. An attempt is written down as a failure before it is judged and taken back when it succeeds,
 * one person at a time: parallel guesses count like guesses one after another.
 */

import { and, count, desc, eq, gt, like, sql } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { factorLocks, failures, sessions } from '../db/schema.ts'
import {
  decideAttempt,
  lockoutLimits,
  sourceName,
  type AttemptVerdict,
  type Source,
  type Tally,
} from './lockout.ts'

type Factor = (typeof failures.$inferSelect)['factor']
export type Attempt =
  { verdict: AttemptVerdict & { allow: false } } | { verdict: { allow: true }; id: number }

/** Commits the attempt, or says why there is none to be had. */
export async function beginAttempt(db: Db, holder: Holder, source: Source, now: Seconds): Promise<Attempt> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`attempt:${holder.id}`}, 0))`)
    const verdict = decideAttempt(source, await tally(tx, holder, source, now), now)
    if (!verdict.allow) return { verdict }
    const id = await recordFailure(tx, holder, 'secret-code', sourceName(source), now)
    return { verdict, id }
  })
}

/** It succeeded, or it was nobody's: it never was a failure. */
export async function withdrawAttempt(db: Db, id: number): Promise<void> {
  await db.delete(failures).where(eq(failures.id, id))
}

/**
 * In the transaction that records the failure. Answers until when, if this failure locked the factor from there. Counts
 * even where nothing `counts`, so that the time it takes tells nobody apart.
 */
export async function lockWhenSpent(
  db: Db,
  holder: Holder,
  source: Source,
  now: Seconds,
  counts: boolean,
): Promise<Seconds | undefined> {
  const { fromSource } = await tally(db, holder, source, now)
  if (!counts || fromSource < lockoutLimits.perSource) return undefined
  const until = now + lockoutLimits.lockSeconds
  const row = { ...holderColumns(holder), factor: 'secret-code', source: sourceName(source) } as const
  await db
    .insert(factorLocks)
    .values({ ...row, until })
    .onConflictDoUpdate({
      target: [factorLocks.holderKind, factorLocks.holder, factorLocks.factor, factorLocks.source],
      set: { until },
    })
  return until
}

export async function recordFailure(
  db: Db,
  holder: Holder,
  factor: Factor,
  source: string,
  at: Seconds,
): Promise<number> {
  const [row] = await db
    .insert(failures)
    .values({ ...holderColumns(holder), factor, source, at })
    .returning({ id: failures.id })
  if (!row) throw new Error('an insert answers its row')
  return row.id
}

const holderColumns = (holder: Holder) => ({ holderKind: holder.kind, holder: holder.id })

async function tally(db: Db, holder: Holder, source: Source, now: Seconds): Promise<Tally> {
  const name = sourceName(source)
  const lockedUntil = await findLock(db, holder, name)
  const since = await lastSignIn(db, holder)
  const kind = like(failures.source, `${source.kind}:%`)
  return {
    ...(lockedUntil !== undefined && { lockedUntil }),
    fromSource: await countFailures(
      db,
      holder,
      and(eq(failures.source, name), gt(failures.at, now - lockoutLimits.windowSeconds)),
    ),
    unknownToday: await countFailures(
      db,
      holder,
      and(like(failures.source, 'network:%'), gt(failures.at, now - lockoutLimits.daySeconds)),
    ),
    inARow: await countFailures(db, holder, and(kind, gt(failures.at, since))),
  }
}

async function findLock(db: Db, holder: Holder, source: string): Promise<Seconds | undefined> {
  const [row] = await db
    .select({ until: factorLocks.until })
    .from(factorLocks)
    .where(
      and(
        eq(factorLocks.holderKind, holder.kind),
        eq(factorLocks.holder, holder.id),
        eq(factorLocks.factor, 'secret-code'),
        eq(factorLocks.source, source),
      ),
    )
  return row?.until
}

async function lastSignIn(db: Db, holder: Holder): Promise<Seconds> {
  const [row] = await db
    .select({ at: sessions.startedAt })
    .from(sessions)
    .where(and(eq(sessions.holderKind, holder.kind), eq(sessions.holder, holder.id)))
    .orderBy(desc(sessions.startedAt))
    .limit(1)
  return row?.at ?? 0
}

async function countFailures(db: Db, holder: Holder, which: ReturnType<typeof and>): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(failures)
    .where(
      and(
        eq(failures.holderKind, holder.kind),
        eq(failures.holder, holder.id),
        eq(failures.factor, 'secret-code'),
        which,
      ),
    )
  return row?.n ?? 0
}
