/**
 * Admin tokens: for scripts that set up, read and tighten. Short-lived, made on the machine itself, each naming its
 * operator in everything it does. It falls with its operator: disabled, restricted, or its sessions ended.
 */

import { and, asc, eq, gt, isNull } from 'drizzle-orm'
import type { Actor, EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type AdminTokenId, type OperatorId, type SessionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { hours, minutes, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { adminTokens, operators } from '../db/schema.ts'
import type { Facts } from '../restrictions/facts.ts'
import type { Services } from '../services.ts'

export const adminTokenLifetime = { shortest: minutes(1), longest: hours(24) } as const

export interface AdminToken {
  id: AdminTokenId
  operator: OperatorId
  createdAt: Seconds
  expiresAt: Seconds
  /** The journal's sequence when it was made: a token is a session of its operator, as restrictions see it. */
  sequence: number
}

type Needs = Pick<Services, 'db' | 'clock' | 'primitives' | 'restrictions'>

/** Answers the token once. Refuses `malformed_request` for a lifetime outside 1 min to 24 h, `not_found`. */
export async function mintAdminToken(
  needs: Needs,
  operator: OperatorId,
  lifetimeSeconds: Seconds,
  actor: Actor,
): Promise<{ token: string; id: AdminTokenId; expiresAt: Seconds }> {
  const { shortest, longest } = adminTokenLifetime
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < shortest || lifetimeSeconds > longest)
    throw new Refusal('malformed_request', { lifetimeSeconds })
  // The newest sequence there is: whatever cuts the operator's sessions afterwards is above it.
  await needs.restrictions.catchUp()
  const { sequence } = needs.restrictions.basis()
  const token = mintSecret()
  const id = mintId('adminToken')
  const createdAt = needs.clock.now()
  const expiresAt = createdAt + lifetimeSeconds
  await needs.db.transaction(async (tx) => {
    const [active] = await tx
      .select({ id: operators.id })
      .from(operators)
      .where(and(eq(operators.id, operator), isNull(operators.disabledAt)))
    if (!active) throw new Refusal('not_found', { operator })
    const tokenHash = hashSecret(needs.primitives, token)
    await tx.insert(adminTokens).values({ tokenHash, id, operator, sequence, createdAt, expiresAt })
    const head: EventHead = { at: createdAt, actor }
    await record(tx, { ...head, kind: 'admin-token.minted', operator, expiresAt })
  })
  return { token, id, expiresAt }
}

/** Refuses `admin_token_invalid`: unknown, expired, or its operator is disabled. */
export async function requireAdminToken(needs: Needs, token: string): Promise<AdminToken> {
  const [row] = await needs.db
    .select({ token: adminTokens, disabledAt: operators.disabledAt })
    .from(adminTokens)
    .innerJoin(operators, eq(operators.id, adminTokens.operator))
    .where(eq(adminTokens.tokenHash, hashSecret(needs.primitives, token)))
  if (!row) throw new Refusal('admin_token_invalid', { fault: 'unknown' })
  if (row.disabledAt !== null) throw new Refusal('admin_token_invalid', { fault: 'operator disabled' })
  if (row.token.expiresAt <= needs.clock.now()) throw new Refusal('admin_token_invalid', { fault: 'expired' })
  const { tokenHash: _, ...known } = row.token
  return known
}

/** Those that still open something, the longest-lived last; without what opens it. */
export async function listAdminTokens(db: Db, now: Seconds): Promise<Omit<AdminToken, 'sequence'>[]> {
  return db
    .select({
      id: adminTokens.id,
      operator: adminTokens.operator,
      createdAt: adminTokens.createdAt,
      expiresAt: adminTokens.expiresAt,
    })
    .from(adminTokens)
    .where(gt(adminTokens.expiresAt, now))
    .orderBy(asc(adminTokens.expiresAt))
}

/** It opens nothing from now on. Refuses `not_found`. */
export async function revokeAdminToken(db: Db, id: AdminTokenId, head: EventHead): Promise<void> {
  await db.transaction(async (tx) => {
    const [gone] = await tx.delete(adminTokens).where(eq(adminTokens.id, id)).returning()
    if (!gone) throw new Refusal('not_found', { token: id })
    await record(tx, { ...head, kind: 'admin-token.revoked', operator: gone.operator })
  })
}

export const factsOfToken = (token: AdminToken, safe: boolean): Facts => ({
  operator: token.operator,
  session: token.id as string as SessionId,
  sessionSequence: token.sequence,
  authTime: token.createdAt,
  safe,
})
