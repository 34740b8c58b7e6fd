/**
 * Acts that a script may ask for and only a person may do: they wait for an operator's fresh passkey in the console, for
 * an hour, and are decided once.
 */

import { and, desc, eq, gt, isNull } from 'drizzle-orm'
import type { Actor, EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type ApprovalId, type OperatorId, type RestrictionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hours, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { approvals } from '../db/schema.ts'
import type { Session } from '../people/session.ts'
import { requireActive } from '../restrictions/listing-store.ts'
import type { Lift } from '../restrictions/restriction.ts'
import { lift, requireActing, type Applied, type Cause } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import { requireFreshOperator } from './fresh-passkey.ts'

export interface Approval {
  id: ApprovalId
  act: { kind: 'lift'; restriction: RestrictionId; reason: string }
  requestedBy: Actor
  createdAt: Seconds
  expiresAt: Seconds
  state: 'open' | 'decided' | 'expired'
  decidedAt?: Seconds
  decidedBy?: OperatorId
}

const lifetimeSeconds = hours(1)

type Row = typeof approvals.$inferSelect

function asApproval({ decidedAt, decidedBy, ...row }: Row, now: Seconds): Approval {
  const state = decidedAt !== null ? 'decided' : row.expiresAt <= now ? 'expired' : 'open'
  return { ...row, state, ...(decidedAt !== null && { decidedAt }), ...(decidedBy !== null && { decidedBy }) }
}

/** Refuses `restriction_not_active`. */
export async function requestLift(
  services: Pick<Services, 'db' | 'clock'>,
  asked: { restriction: RestrictionId; reason: string },
  head: EventHead,
): Promise<Approval> {
  const createdAt = services.clock.now()
  await requireActive(services.db, asked.restriction, createdAt)
  const id = mintId('approval')
  const act = { kind: 'lift', ...asked } as const
  const times = { createdAt, expiresAt: createdAt + lifetimeSeconds }
  await services.db.transaction(async (tx) => {
    await tx.insert(approvals).values({ id, act, requestedBy: head.actor, ...times })
    await record(tx, { ...head, kind: 'approval.requested', approval: id, ...asked })
  })
  return { id, act, requestedBy: head.actor, ...times, state: 'open' }
}

export async function findApproval(db: Db, id: ApprovalId, now: Seconds): Promise<Approval | undefined> {
  const [row] = await db.select().from(approvals).where(eq(approvals.id, id))
  return row && asApproval(row, now)
}

/** What waits for a person now, newest first, 100 at most. */
export async function listOpenApprovals(db: Db, now: Seconds): Promise<Approval[]> {
  const rows = await db
    .select()
    .from(approvals)
    .where(and(isNull(approvals.decidedAt), gt(approvals.expiresAt, now)))
    .orderBy(desc(approvals.createdAt), desc(approvals.id))
    .limit(100)
  return rows.map((row) => asApproval(row, now))
}

/**
 * Does the act, as the operator who approves. Refuses `session_required`, `operator_required`,
 * `fresh_passkey_required`, `not_found`, `conflict` when it was decided or has expired, and what the act itself refuses.
 */
export async function decideApproval(
  services: Services,
  id: ApprovalId,
  session: Session | undefined,
  cause: Cause = {},
): Promise<{ lift: Lift } & Applied> {
  const now = services.clock.now()
  const operator = requireFreshOperator(session, now)
  const taken = await takeApproval(services.db, id, operator, now)
  const { restriction, reason } = taken.act
  try {
    return await lift(services, { kind: 'operator', id: operator }, { restriction, reason }, cause)
  } catch (error) {
    // Whoever may not lift must not use up what another could approve.
    await giveBack(services.db, id)
    throw error
  }
}

/** Leaves the restriction as it is, so it asks for no fresh passkey. Refuses `not_found` and `conflict`, as above. */
export async function declineApproval(
  services: Services,
  id: ApprovalId,
  operator: OperatorId,
  head: EventHead,
): Promise<void> {
  requireActing(services, { kind: 'operator', id: operator }, services.clock.now())
  await services.db.transaction(async (tx) => {
    const { act } = await takeApproval(tx, id, operator, services.clock.now())
    const { restriction, reason } = act
    await record(tx, { ...head, kind: 'approval.declined', approval: id, restriction, reason })
  })
}

/** Decided once: whoever comes second is refused `conflict`. */
async function takeApproval(db: Db, id: ApprovalId, operator: OperatorId, now: Seconds): Promise<Row> {
  if (!(await findApproval(db, id, now))) throw new Refusal('not_found', { approval: id })
  const [taken] = await db
    .update(approvals)
    .set({ decidedAt: now, decidedBy: operator })
    .where(and(eq(approvals.id, id), isNull(approvals.decidedAt), gt(approvals.expiresAt, now)))
    .returning()
  if (!taken) throw new Refusal('conflict', { approval: id })
  return taken
}

const giveBack = async (db: Db, id: ApprovalId): Promise<void> => {
  await db.update(approvals).set({ decidedAt: null, decidedBy: null }).where(eq(approvals.id, id))
}
