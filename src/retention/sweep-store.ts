/**
 * What is kept of the running state, how long, and why it may go then. The log, the journal, people and what they are
 * members of are not running state and are never swept (audit has its own retention). A row per table, children first.
 */

import { sql, type SQL } from 'drizzle-orm'
import { days, hours, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'

interface Rule {
  table: string
  why: string
  /** Over the columns of the table, named `it`. MUST be false of whatever could still open, refuse or count something. */
  due(now: Seconds): SQL
}

/** A session lasts 12 h at most, and so do the grant, the codes and the refresh tokens that stand on it. */
const family = hours(13)
/** Names of old sessions are still shown beside events of the last weeks. */
const shown = days(30)

export const rules: readonly Rule[] = [
  {
    table: 'answered_requests',
    why: 'the sealed request it stands for has expired by itself',
    due: (now) => sql`it.expires_at <= ${now}::bigint`,
  },
  {
    table: 'pushed_requests',
    why: 'an expired one is refused like an unknown one',
    due: (now) => sql`it.expires_at <= ${now}::bigint`,
  },
  {
    table: 'launches',
    why: 'an expired one is refused like an unknown one',
    due: (now) => sql`it.expires_at <= ${now}::bigint`,
  },
  {
    table: 'taken_once',
    why: 'it is kept until whatever showed it would be refused as too old',
    due: (now) => sql`it.expires_at < ${now}::bigint`,
  },
  {
    table: 'challenges',
    why: 'an expired challenge is refused like an unknown one',
    due: (now) => sql`it.expires_at <= ${now}::bigint`,
  },
  {
    table: 'authorization_codes',
    why: 'a second use ends the grant, which cannot outlive its session: after that there is nothing left to end',
    due: (now) => sql`it.expires_at <= ${now - family}::bigint`,
  },
  {
    table: 'device_requests',
    why: 'over for an hour, nobody asks about it any more; one that was taken stays as long as a second use would end something',
    due: (now) => sql`it.expires_at <= ${now - hours(1)}::bigint
      and (it.taken_at is null or it.expires_at <= ${now - family}::bigint)`,
  },
  {
    table: 'refresh_tokens',
    why: 'each lives as long as its family may at most; a spent one is known as reused until then, and an hour longer',
    due: (now) => sql`it.expires_at <= ${now - hours(1)}::bigint`,
  },
  {
    table: 'grants',
    why: 'nothing can be issued from it, and no code or refresh token points at it; the log says that it was made',
    due: (
      now,
    ) => sql`exists (select from sessions s where s.id = it.session and s.ends_at <= ${now - shown}::bigint)
      and not exists (select from authorization_codes c where c."grant" = it.id)
      and not exists (select from refresh_tokens r where r."grant" = it.id)`,
  },
  {
    table: 'sessions',
    why: 'over for a month, nothing stands on it, and the newest of a person stays: failures in a row count from there',
    due: (now) => sql`it.ends_at <= ${now - shown}::bigint
      and not exists (select from grants g where g.session = it.id)
      and exists (select from sessions later where later.holder_kind = it.holder_kind and later.holder = it.holder
        and (later.started_at, later.id) > (it.started_at, it.id))`,
  },
  {
    table: 'failures',
    why: 'counted for a day, and in a row since the last sign-in (NIST SP 800-63B-4 §3.2.2): both are past',
    due: (now) => sql`it.at <= ${now - days(1)}::bigint and (it.factor = 'passkey' or exists (
      select from sessions s where s.holder_kind = it.holder_kind and s.holder = it.holder and s.started_at >= it.at))`,
  },
  {
    table: 'deliveries',
    why: 'told a month ago, or given up and left by operators for three: the log says which',
    due: (now) => sql`it.delivered_at <= ${now - shown}::bigint or it.dead_at <= ${now - days(90)}::bigint`,
  },
  {
    table: 'factor_locks',
    why: 'a lock that is over locks nothing',
    due: (now) => sql`it.until <= ${now}::bigint`,
  },
  {
    table: 'enrolments',
    why: 'spent or expired for a month: it is refused like an unknown link, with the same words',
    due: (now) => sql`it.expires_at <= ${now - days(30)}::bigint`,
  },
  {
    table: 'devices',
    why: 'its cookie lived a year after it was seen last',
    due: (now) => sql`it.last_seen_at <= ${now - days(400)}::bigint`,
  },
  {
    table: 'admin_tokens',
    why: 'an expired token is refused like an unknown one; the log says who made it',
    due: (now) => sql`it.expires_at <= ${now - days(1)}::bigint`,
  },
  {
    table: 'registration_tokens',
    why: 'expired or used up, it is refused like an unknown one; the log says who made it',
    due: (now) => sql`it.expires_at <= ${now - days(1)}::bigint`,
  },
  {
    table: 'client_registrations',
    why: 'its client is disabled and never comes back: there is nothing left to manage',
    due: (now) =>
      sql`exists (select from clients c where c.id = it.client and c.disabled_at <= ${now}::bigint)`,
  },
  {
    table: 'approvals',
    why: 'what was asked and decided is shown for a year (CNIL 2021-122: 6 to 12 months); the log keeps that it was',
    due: (now) => sql`it.expires_at <= ${now - days(365)}::bigint`,
  },
  {
    table: 'resolutions',
    why: 'an hour is what two people have to name a patient; the share that was left for it must not stay',
    due: (now) => sql`it.expires_at <= ${now}::bigint`,
  },
  {
    table: 'notices',
    why: 'read and a year old (CNIL 2021-122: 6 to 12 months); what nobody has read stays until they have',
    due: (now) => sql`it.read_at is not null and it.at <= ${now - days(365)}::bigint`,
  },
  {
    table: 'findings',
    why: 'a year old (CNIL 2021-122); rules look back a day, and the log keeps what was found',
    due: (now) => sql`it.at <= ${now - days(365)}::bigint`,
  },
  {
    table: 'stranger_refusals',
    why: 'sums of strangers are for noticing an attack, and a year old (CNIL 2021-122)',
    due: (now) => sql`it.minute_at <= ${now - days(365)}::bigint`,
  },
  {
    table: 'quota_states',
    why: 'patients are counted for a day: whoever met nobody for two counts from nothing',
    due: (now) => sql`it.saved_at <= ${now - days(2)}::bigint`,
  },
  {
    table: 'rate_limits',
    why: 'a window that is over is counted anew; its times are milliseconds',
    due: (now) => sql`it.expire <= ${(now - hours(1)) * 1000}::bigint`,
  },
]

/** Rows a table loses in one transaction: short enough for the embedded database, which works in the server's thread. */
export const batch = 500

const sweepLock = 4_731_011

/** One batch of one table. 0 when there is nothing, or another node is at it: then it is done already. */
export async function sweepBatch(db: Db, { table, due }: Rule, now: Seconds, limit = batch): Promise<number> {
  return db.transaction(async (tx) => {
    const [lock] = rowsOf(await tx.execute(sql`select pg_try_advisory_xact_lock(${sweepLock}) as mine`))
    if (lock?.['mine'] !== true) return 0
    const name = sql.identifier(table)
    const gone = await tx.execute(sql`delete from ${name} where ctid = any (array(
      select it.ctid from ${name} it where ${due(now)} limit ${limit} for update of it skip locked)) returning 1 as one`)
    return rowsOf(gone).length
  })
}

/** The two drivers answer in two shapes. */
const rowsOf = (result: unknown): Record<string, unknown>[] =>
  Array.isArray(result) ? result : (result as { rows: Record<string, unknown>[] }).rows
