/**
 * Acts that a script may ask for and only a person may do: they wait for an operator's fresh passkey in the console, for
 * an hour, and are decided once.
 */

import { and, count, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Actor, EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type ApprovalId, type OperatorId, type RestrictionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hours, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { approvals } from '../db/schema.ts'
import { requireActive } from '../restrictions/listing-store.ts'
import { requireActing } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import type { ProvenOperator } from './fresh-passkey.ts'
import { perform, type Loosening, type Made } from './loosening.ts'

export interface Approval {
  id: ApprovalId
  act: Loosening
  requestedBy: Actor
  createdAt: Seconds
  expiresAt: Seconds
  state: 'open' | 'decided' | 'expired'
  /** Absent while open or expired, and for what was decided before it was kept. */
  outcome?: Outcome
  decidedAt?: Seconds
  decidedBy?: OperatorId
}

export type Outcome = 'approved' | 'declined'

const lifetimeSeconds = hours(1)
/** What one operator's scripts may have waiting: a stolen token must not bury what others asked for. */
export const openPerOperator = 20

type Row = typeof approvals.$inferSelect

function asApproval({ decidedAt, decidedBy, outcome, ...row }: Row, now: Seconds): Approval {
  const state = decidedAt !== null ? 'decided' : row.expiresAt <= now ? 'expired' : 'open'
  return {
    ...row,
    state,
    ...(outcome !== null && { outcome }),
    ...(decidedAt !== null && { decidedAt }),
    ...(decidedBy !== null && { decidedBy }),
  }
}

/** Refuses `restriction_not_active` and `too_many_open`. */
export async function requestLift(
  services: Pick<Services, 'db' | 'clock'>,
  asked: { restriction: RestrictionId; reason: string },
  head: EventHead,
): Promise<Approval> {
  await requireActive(services.db, asked.restriction, services.clock.now())
  return requestApproval(services, { kind: 'lift', ...asked }, head)
}

/** Nothing happens yet. Refuses `too_many_open`. */
export async function requestApproval(
  services: Pick<Services, 'db' | 'clock'>,
  act: Loosening,
  head: EventHead,
): Promise<Approval> {
  const createdAt = services.clock.now()
  const id = mintId('approval')
  const times = { createdAt, expiresAt: createdAt + lifetimeSeconds }
  await services.db.transaction(async (tx) => {
    await requireRoom(tx, head.actor, createdAt)
    await tx.insert(approvals).values({ id, act, requestedBy: head.actor, ...times })
    await record(tx, { ...head, kind: 'approval.requested', ...about(id, act) })
  })
  return { id, act, requestedBy: head.actor, ...times, state: 'open' }
}

async function requireRoom(tx: Db, actor: Actor, now: Seconds): Promise<void> {
  const asker = 'id' in actor ? actor.id : actor.kind
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`approvals:${asker}`}, 0))`)
  const [row] = await tx
    .select({ n: count() })
    .from(approvals)
    .where(and(isOpen(now), sql`${approvals.requestedBy} ->> 'id' = ${asker}`))
  if ((row?.n ?? 0) >= openPerOperator) throw new Refusal('too_many_open', { asker })
}

/** For the log: which act, and of a lift which restriction and why. What else it says stands with the approval. */
const about = (approval: ApprovalId, act: Loosening) => ({
  approval,
  act: act.kind,
  ...(act.kind === 'lift' && { restriction: act.restriction, reason: act.reason }),
})

const isOpen = (now: Seconds) => and(isNull(approvals.decidedAt), gt(approvals.expiresAt, now))

export async function findApproval(db: Db, id: ApprovalId, now: Seconds): Promise<Approval | undefined> {
  const [row] = await db.select().from(approvals).where(eq(approvals.id, id))
  return row && asApproval(row, now)
}

/** What waits for a person now, newest first, 100 at most. */
export async function listOpenApprovals(db: Db, now: Seconds): Promise<Approval[]> {
  const rows = await db
    .select()
    .from(approvals)
    .where(isOpen(now))
    .orderBy(desc(approvals.createdAt), desc(approvals.id))
    .limit(100)
  return rows.map((row) => asApproval(row, now))
}

/**
 * Does the act, as the operator who approves. Refuses `not_found`, `conflict` when it was decided or has expired,
 * `restricted` or `read_only` for an operator who is stopped, and what the act itself refuses.
 */
export async function decideApproval(
  services: Services,
  id: ApprovalId,
  operator: ProvenOperator,
  head: EventHead,
): Promise<Made> {
  const now = services.clock.now()
  requireActing(services, { kind: 'operator', id: operator }, now)
  const { act } = await takeApproval(services.db, id, operator, 'approved', now)
  try {
    return await perform(services, act, operator, head)
  } catch (error) {
    // Whoever may not do it must not use up what another could approve.
    await giveBack(services.db, id)
    throw error
  }
}

/** Leaves everything as it is, so it asks for no fresh passkey. Refuses `not_found` and `conflict`, as above. */
export async function declineApproval(
  services: Services,
  id: ApprovalId,
  operator: OperatorId,
  head: EventHead,
): Promise<void> {
  requireActing(services, { kind: 'operator', id: operator }, services.clock.now())
  await services.db.transaction(async (tx) => {
    const { act } = await takeApproval(tx, id, operator, 'declined', services.clock.now())
    await record(tx, { ...head, kind: 'approval.declined', ...about(id, act) })
  })
}

/** Decided once: whoever comes second is refused `conflict`. */
async function takeApproval(
  db: Db,
  id: ApprovalId,
  operator: OperatorId,
  outcome: Outcome,
  now: Seconds,
): Promise<Row> {
  if (!(await findApproval(db, id, now))) throw new Refusal('not_found', { approval: id })
  const [taken] = await db
    .update(approvals)
    .set({ decidedAt: now, decidedBy: operator, outcome })
    .where(and(eq(approvals.id, id), isOpen(now)))
    .returning()
  if (!taken) throw new Refusal('conflict', { approval: id })
  return taken
}

const giveBack = async (db: Db, id: ApprovalId): Promise<void> => {
  await db
    .update(approvals)
    .set({ decidedAt: null, decidedBy: null, outcome: null })
    .where(eq(approvals.id, id))
}
