/** Findings kept: stored and audited in one transaction, then acted on. Acting again on the same finding does nothing new. */

import { and, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { record } from '../audit/store.ts'
import type { ClientId, FindingId, PracticeId, PractitionerId, RestrictionId } from '../core/ids.ts'
import { days, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { auditEntries, findings, notices } from '../db/schema.ts'
import { restrict } from '../restrictions/store.ts'
import type { Services } from '../services.ts'
import type { Subject } from '../tokens/claims.ts'
import { automatic, reasonOf, windowText, type Finding } from './finding.ts'
import type { Met } from './quotas.ts'
import type { Action } from './rules.ts'

/** True once what the finding asks for holds in this process. */
export async function actOnFinding(services: Services, finding: Finding): Promise<boolean> {
  const known = await storeOnce(services.db, finding)
  if (finding.observed || finding.action === 'notice') return true
  if (known?.restriction) {
    await services.restrictions.catchUp()
    return true
  }
  const { effect, selector, endsSessions, lastsSeconds, message } = automatic[finding.action]
  const { restriction, pending } = await restrict(
    services,
    { kind: 'rule', rule: finding.rule },
    {
      selector: selector(finding),
      effect,
      endsSessions,
      reason: reasonOf(finding),
      message: message(finding),
      expiresAt: services.clock.now() + lastsSeconds,
    },
  )
  await services.db.update(findings).set({ restriction: restriction.id }).where(eq(findings.id, finding.id))
  return pending.length === 0
}

const actionTaken = ({ action, observed }: Finding): Action | 'observe' => (observed ? 'observe' : action)

async function storeOnce(
  db: Db,
  finding: Finding,
): Promise<{ restriction: RestrictionId | null } | undefined> {
  const { id, rule, practitioner, client, practice, value, threshold, at } = finding
  const window = windowText(finding.windowSeconds)
  const action = actionTaken(finding)
  return db.transaction(async (tx) => {
    const [made] = await tx
      .insert(findings)
      .values({ id, rule, practitioner, practice, value, threshold, window, action, at })
      .onConflictDoNothing()
      .returning({ id: findings.id })
    if (!made) {
      const [known] = await tx
        .select({ restriction: findings.restriction })
        .from(findings)
        .where(eq(findings.id, id))
      return known
    }
    const holder = practitioner && ({ kind: 'practitioner', id: practitioner } as const)
    await record(tx, {
      at,
      actor: { kind: 'system', id: rule },
      kind: 'finding',
      finding: id,
      rule,
      ...(holder && { holder }),
      ...(client && { client }),
      practice,
      value,
      threshold,
      window,
      action,
    })
    if (holder && action !== 'observe')
      await tx.insert(notices).values({
        holderKind: holder.kind,
        holder: holder.id,
        kind: `finding.${action}`,
        fields: { rule, value: String(value), threshold: String(threshold), window },
        at,
      })
    return undefined
  })
}

export interface StoredFinding {
  id: FindingId
  rule: string
  practitioner: PractitionerId | null
  practice: PracticeId | null
  value: number
  threshold: number
  window: string
  action: Action | 'observe'
  restriction: RestrictionId | null
  at: Seconds
}

export interface FindingQuestion {
  since: Seconds
  /** The last finding of the page before. */
  after?: FindingId
  limit?: number
  practitioner?: Subject
}

/** Newest first, at most 100 unless told. */
export const listFindings = (
  db: Db,
  { since, after, limit = 100, practitioner }: FindingQuestion,
): Promise<StoredFinding[]> =>
  db
    .select()
    .from(findings)
    .where(
      and(
        gt(findings.at, since),
        practitioner && eq(findings.practitioner, practitioner as PractitionerId),
        after &&
          sql`(${findings.at}, ${findings.id}) < (select f.at, f.id from ${findings} f where f.id = ${after})`,
      ),
    )
    .orderBy(desc(findings.at), desc(findings.id))
    .limit(limit)

/** What quotas count from after a restart: everybody served in the last 24 h, first and last time each; or of one only. */
export async function servedLastDay(db: Db, now: Seconds, only?: Subject): Promise<Met[]> {
  // A service that called for nobody is counted by its own name.
  const subject = sql<Subject>`coalesce(${auditEntries.practitioner}, ${auditEntries.client})`
  const rows = await db
    .select({
      practitioner: subject,
      patient: auditEntries.patient,
      access: auditEntries.access,
      firstAt: sql<string>`min(${auditEntries.at})`,
      lastAt: sql<string>`max(${auditEntries.at})`,
    })
    .from(auditEntries)
    .where(
      and(
        inArray(auditEntries.kind, ['access.served']),
        gt(auditEntries.at, now - days(1)),
        only &&
          or(
            eq(auditEntries.practitioner, only as PractitionerId),
            and(isNull(auditEntries.practitioner), eq(auditEntries.client, only as ClientId)),
          ),
      ),
    )
    .groupBy(subject, auditEntries.patient, auditEntries.access)
  return rows
    .flatMap(({ practitioner, patient, access, firstAt, lastAt }) =>
      practitioner && patient && access
        ? [Number(firstAt), Number(lastAt)].map((at) => ({ practitioner, patient, access, at }))
        : [],
    )
    .toSorted((a, b) => a.at - b.at)
}

/** Whom one practitioner was served, and what was found of them, in the last 24 h. */
export async function findQuotaHistory(
  db: Db,
  practitioner: Subject,
  now: Seconds,
): Promise<{ met: Met[]; findings: StoredFinding[] }> {
  const met = await servedLastDay(db, now, practitioner)
  return { met, findings: await listFindings(db, { since: now - days(1), practitioner, limit: 1000 }) }
}
