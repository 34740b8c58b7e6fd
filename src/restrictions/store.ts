/**
 * The journal kept: append-only rows, each in one transaction with its audit event. The sequence is assigned under a
 * lock that is held until the commit, so that commit order is sequence order and there are no gaps.
 */

import { asc, gt, max, sql } from 'drizzle-orm'
import type { Actor, EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type RestrictionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { restrictionJournal } from '../db/schema.ts'
import type { Services } from '../services.ts'
import { journalChannel } from './channel.ts'
import { requireActive } from './listing-store.ts'
import type { Author, Effect, JournalRow, Lift, Message, Restriction, Selector } from './restriction.ts'
import { checkSelector } from './selection-store.ts'

export interface RestrictAct {
  selector: Selector
  effect: Effect
  endsSessions: boolean
  reason: string
  message?: Message
  expiresAt?: Seconds
}

/** What the author is told: where the act holds already, and where not yet. Never a bare yes. */
export interface Applied {
  durable: true
  appliedOn: { point: string; at: Seconds }[]
  pending: string[]
}

/** What of the request the audit keeps; absent when no request caused it (a rule). */
export type Cause = Partial<Omit<EventHead, 'at'>>

const journalLock = 4_731_002

/** Rows above `sequence`, in order, without gaps. */
export async function journalSince(db: Db, sequence: number): Promise<JournalRow[]> {
  const rows = await db
    .select({ row: restrictionJournal.row })
    .from(restrictionJournal)
    .where(gt(restrictionJournal.sequence, sequence))
    .orderBy(asc(restrictionJournal.sequence))
  return rows.map(({ row }) => row)
}

/** Refuses `restriction_invalid`, `last_commander`, and `restricted` or `read_only` for an author who is stopped. */
export async function restrict(
  services: Services,
  author: Author,
  act: RestrictAct,
  cause: Cause = {},
): Promise<{ restriction: Restriction } & Applied> {
  const now = services.clock.now()
  requireActing(services, author, now)
  checkAct(act, now)
  const restriction = await services.db.transaction(async (tx) => {
    const sequence = await nextSequence(tx)
    await checkSelector(tx, act.selector, now)
    const made: Restriction = { id: mintId('restriction'), sequence, ...act, author, createdAt: now }
    await append(tx, { kind: 'restrict', restriction: made })
    const { id, selector, effect, endsSessions, reason, message, expiresAt } = made
    await record(tx, {
      ...head(author, cause, now),
      kind: 'restriction.made',
      restriction: id,
      sequence,
      selector,
      effect,
      endsSessions,
      reason,
      ...(message && { message }),
      author,
      ...(expiresAt !== undefined && { expiresAt }),
    })
    return made
  })
  return { restriction, ...(await applied(services)) }
}

/**
 * Refuses `restriction_not_active`: unknown, lifted before, or expired; and `restricted` or `read_only` for an author who
 * is stopped. Never revives a session that was ended.
 */
export async function lift(
  services: Services,
  author: Author,
  act: { restriction: RestrictionId; reason: string },
  cause: Cause = {},
): Promise<{ lift: Lift } & Applied> {
  const now = services.clock.now()
  requireActing(services, author, now)
  const made = await services.db.transaction(async (tx) => {
    const sequence = await nextSequence(tx)
    await requireActive(tx, act.restriction, now)
    const row: Lift = { sequence, ...act, author, createdAt: now }
    await append(tx, { kind: 'lift', lift: row })
    await record(tx, { ...head(author, cause, now), kind: 'restriction.lifted', sequence, author, ...act })
    return row
  })
  return { lift: made, ...(await applied(services)) }
}

/** Whoever was cut does not cut back, by whichever door: console, token or command. */
export function requireActing({ restrictions }: Services, author: Author, now: Seconds): void {
  if (author.kind !== 'operator') return
  const verdict = restrictions.decide({ operator: author.id, safe: false }, now)
  if (!verdict.allow) throw new Refusal(verdict.reason, { by: verdict.by, message: verdict.message })
}

function checkAct({ reason, expiresAt, effect }: RestrictAct, now: Seconds): void {
  const faults = [
    reason.trim() === '' && 'reason is empty',
    expiresAt !== undefined && expiresAt <= now && 'expiry is past',
    effect.kind === 'quota' && !(Number.isInteger(effect.patients) && effect.patients >= 0) && 'quota',
  ].filter(Boolean)
  if (faults.length > 0) throw new Refusal('restriction_invalid', { faults })
}

/** Until the transaction ends nobody else writes the journal, nor changes who could lift what it says. */
export const lockJournal = async (tx: Db): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(${journalLock})`)
}

async function nextSequence(tx: Db): Promise<number> {
  await lockJournal(tx)
  const [newest] = await tx.select({ sequence: max(restrictionJournal.sequence) }).from(restrictionJournal)
  return (newest?.sequence ?? 0) + 1
}

async function append(tx: Db, row: JournalRow): Promise<void> {
  const { sequence, createdAt } = row.kind === 'restrict' ? row.restriction : row.lift
  const restriction = row.kind === 'restrict' ? row.restriction.id : row.lift.restriction
  await tx.insert(restrictionJournal).values({ sequence, restriction, row, createdAt })
}

const head = (author: Author, cause: Cause, at: Seconds): EventHead => ({
  actor: actorOf(author),
  ...cause,
  at,
})

const actorOf = (author: Author): Actor =>
  author.kind === 'rule' ? { kind: 'system', id: author.rule } : author

/** The notice shortens other processes' wait; this process is asked whether it holds here. */
async function applied(services: Services): Promise<Applied> {
  const point = services.config.issuer
  try {
    await services.database.notify(journalChannel)
    await services.restrictions.catchUp()
    return { durable: true, appliedOn: [{ point, at: services.clock.now() }], pending: [] }
  } catch (error) {
    services.log('error', 'journal written but not applied here yet', { error: String(error) })
    return { durable: true, appliedOn: [], pending: [point] }
  }
}
