/**
 * Initial access tokens (RFC 7591 §1.2): with one, so many clients may register themselves, within what it says. Made by an
 * operator, hashed, no longer-lived than an admin token, and fallen with its operator.
 */

import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type OperatorId, type RegistrationTokenId, type SessionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { days, minutes, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { operators, registrationTokens } from '../db/schema.ts'
import type { Services } from '../services.ts'
import { profileNames } from './profiles.ts'
import { isScope } from './scope.ts'

type Needs = Pick<Services, 'db' | 'clock' | 'primitives' | 'restrictions'>

export const newRegistrationToken = z.strictObject({
  profiles: z.array(z.enum(profileNames)).min(1).max(profileNames.length),
  scopes: z.array(z.string().refine(isScope, 'must be a scope')).min(1).max(100),
  resources: z.array(z.url('must be the audience of a resource')).max(20).default([]),
  /** How many clients may register with it. */
  uses: z.int().min(1).max(100).default(1),
  lifetimeSeconds: z.int().min(minutes(1)).max(days(1)).default(days(1)),
})

export type RegistrationToken = Omit<typeof registrationTokens.$inferSelect, 'tokenHash' | 'sequence'>

/** Answers the token once. */
export async function mintRegistrationToken(
  needs: Needs,
  operator: OperatorId,
  { uses, lifetimeSeconds, ...bounds }: z.output<typeof newRegistrationToken>,
  head: EventHead,
): Promise<RegistrationToken & { token: string }> {
  // The newest sequence there is: whatever cuts the operator's sessions afterwards is above it.
  await needs.restrictions.catchUp()
  const { sequence } = needs.restrictions.basis()
  const token = mintSecret()
  const createdAt = needs.clock.now()
  const made = {
    id: mintId('registrationToken'),
    operator,
    ...bounds,
    usesLeft: uses,
    createdAt,
    expiresAt: createdAt + lifetimeSeconds,
  }
  await needs.db.transaction(async (tx) => {
    const tokenHash = hashSecret(needs.primitives, token)
    await tx.insert(registrationTokens).values({ ...made, tokenHash, sequence })
    await record(tx, { ...head, kind: 'registration-token.saved', token: made.id, change: 'minted' })
  })
  return { ...made, token }
}

/** Refuses `registration_token_invalid`: unknown, used up, expired, or its operator is disabled or cut. */
export async function requireRegistrationToken(needs: Needs, token: string): Promise<RegistrationToken> {
  const now = needs.clock.now()
  const [row] = await needs.db
    .select({ token: registrationTokens, disabledAt: operators.disabledAt })
    .from(registrationTokens)
    .innerJoin(operators, eq(operators.id, registrationTokens.operator))
    .where(eq(registrationTokens.tokenHash, hashSecret(needs.primitives, token)))
  if (!row || row.disabledAt !== null || row.token.usesLeft < 1 || row.token.expiresAt <= now)
    throw new Refusal('registration_token_invalid', { token: row?.token.id })
  const { tokenHash: _, sequence, ...known } = row.token
  const { id, operator, createdAt } = known
  const facts = {
    operator,
    session: id as string as SessionId,
    sessionSequence: sequence,
    authTime: createdAt,
  }
  const verdict = needs.restrictions.decide({ ...facts, safe: false }, now)
  if (!verdict.allow) throw new Refusal('registration_token_invalid', { token: id, stopped: verdict.reason })
  return known
}

/** One registration off it. Of more takers than it has left, so many are answered true. */
export async function takeRegistration(db: Db, id: RegistrationTokenId, now: Seconds): Promise<boolean> {
  const rows = await db
    .update(registrationTokens)
    .set({ usesLeft: sql`${registrationTokens.usesLeft} - 1` })
    .where(
      and(
        eq(registrationTokens.id, id),
        gt(registrationTokens.usesLeft, 0),
        gt(registrationTokens.expiresAt, now),
      ),
    )
    .returning({ id: registrationTokens.id })
  return rows.length > 0
}

const openTo = (now: Seconds) =>
  and(gt(registrationTokens.expiresAt, now), gt(registrationTokens.usesLeft, 0), isNull(operators.disabledAt))

/** Those with which somebody may still register; without what opens them. */
export async function listRegistrationTokens(db: Db, now: Seconds): Promise<RegistrationToken[]> {
  const rows = await db
    .select({ token: registrationTokens })
    .from(registrationTokens)
    .innerJoin(operators, eq(operators.id, registrationTokens.operator))
    .where(openTo(now))
    .orderBy(asc(registrationTokens.id))
  return rows.map(({ token: { tokenHash: _hash, sequence: _sequence, ...known } }) => known)
}

/** Nobody registers with it from now on; who has registered stays. Refuses `not_found`. */
export async function revokeRegistrationToken(
  db: Db,
  id: RegistrationTokenId,
  head: EventHead,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [gone] = await tx.delete(registrationTokens).where(eq(registrationTokens.id, id)).returning()
    if (!gone) throw new Refusal('not_found', { token: id })
    await record(tx, { ...head, kind: 'registration-token.saved', token: id, change: 'revoked' })
  })
}
