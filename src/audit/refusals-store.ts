/** What was refused to somebody known, by application or by the code that a page showed them. */

import { and, desc, eq, gte, like } from 'drizzle-orm'
import type { ClientId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { auditEntries } from '../db/schema.ts'
import type { AuditEvent } from './event.ts'

export type Refused = Extract<AuditEvent, { kind: 'refused' }>

export interface RefusalsAsked {
  /** Not before: the log is read by its times. */
  since: Seconds
  client?: ClientId
  /** How the id of the request begins: `req_AbCdEf`. */
  request?: string
  limit: number
}

/** The newest first. Strangers' refusals are summed and are not among them. */
export async function findRefusals(
  db: Db,
  { since, client, request, limit }: RefusalsAsked,
): Promise<Refused[]> {
  const e = auditEntries
  const rows = await db
    .select({ entry: e.entry })
    .from(e)
    .where(
      and(
        gte(e.at, since),
        eq(e.kind, 'refused'),
        client === undefined ? undefined : eq(e.client, client),
        // An underscore would stand for any character: ids hold some.
        request === undefined ? undefined : like(e.request, `${request.replaceAll('_', '\\_')}%`),
      ),
    )
    .orderBy(desc(e.at), desc(e.index))
    .limit(limit)
  return rows.map(({ entry }) => JSON.parse(entry) as Refused)
}
