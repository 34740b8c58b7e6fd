/**
 * Puts by, in the transaction that ends something, what its clients are to be told (OpenID Connect Back-Channel Logout 1.0):
 * an outbox, so that nothing is told that did not happen and nothing that happened is forgotten. README.md says which ends
 * are told.
 */

import { sql, type SQL } from 'drizzle-orm'
import type { GrantId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import type { Restriction, Selector } from '../restrictions/restriction.ts'

/** One statement: each grant is told of once, and a client once of a session however many grants it has there. */
const tell = (tx: Db, which: SQL, at: Seconds) =>
  tx.execute(sql`with told as (
      update grants it set logout_told_at = ${at}::bigint from clients c
      where c.id = it.client and c.disabled_at is null and c.options ->> 'backchannelLogoutUri' is not null
        and it.logout_told_at is null and ${which}
      returning it.client, it.session, it.practitioner, c.options ->> 'backchannelLogoutUri' as address)
    insert into deliveries (kind, client, address, fields, created_at, next_at)
    select distinct 'backchannel-logout', client, address, jsonb_build_object('sub', practitioner, 'sid', session),
      ${at}::bigint, ${at}::bigint from told`)

const anyOf = (ids: readonly string[]) =>
  sql`any (array[${sql.join(
    ids.map((id) => sql`${id}::text`),
    sql`, `,
  )}])`

/** Sessions that ended in this transaction. */
export async function tellOfSessions(tx: Db, sessions: readonly SessionId[], at: Seconds): Promise<void> {
  if (sessions.length > 0) await tell(tx, sql`it.session = ${anyOf(sessions)}`, at)
}

/** A grant that ended while its session goes on: its client's part of the session is over. */
export async function tellOfGrant(tx: Db, grant: GrantId, at: Seconds): Promise<void> {
  await tell(tx, sql`it.id = ${grant}`, at)
}

const columns = ['practice', 'practitioner', 'client', 'session'] as const

/** As `selects` in restrictions/snapshot.ts says of a grant's facts; operators have none. */
function selected(selector: Selector): SQL {
  if ('everything' in selector) return sql`true`
  if (selector.operator !== undefined) return sql`false`
  const parts = columns.flatMap((name) =>
    selector[name] === undefined ? [] : [sql`it.${sql.identifier(name)} = ${selector[name]}`],
  )
  if (selector.grant !== undefined) parts.push(sql`it.id = ${selector.grant}`)
  return sql.join(parts, sql` and `)
}

/**
 * One page of the sessions that a restriction ended, judged on facts that were fixed when they began. Answers the last
 * one; undefined when there are no more.
 */
export async function tellOfEnded(
  tx: Db,
  { selector, sequence, createdAt }: Restriction,
  { after, limit }: { after: string; limit: number },
  at: Seconds,
): Promise<SessionId | undefined> {
  const which = selected(selector)
  const rows = rowsOf(
    await tx.execute(sql`select s.id from sessions s
      where s.id > ${after} and s.holder_kind = 'practitioner' and s.ends_at > ${createdAt}::bigint
        and coalesce((s.facts ->> 'session_sequence')::bigint, -1) < ${sequence}::bigint
        and exists (select from grants it where it.session = s.id and it.logout_told_at is null and ${which})
      order by s.id limit ${limit}`),
  )
  const sessions = rows.map(({ id }) => id as SessionId)
  if (sessions.length > 0) await tell(tx, sql`it.session = ${anyOf(sessions)} and ${which}`, at)
  return sessions.at(-1)
}

/** The two drivers answer in two shapes. */
const rowsOf = (result: unknown): Record<string, unknown>[] =>
  Array.isArray(result) ? result : (result as { rows: Record<string, unknown>[] }).rows
