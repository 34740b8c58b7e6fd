/** What a holder is told on the account page: every binding, removal, new device and lock. */

import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Holder } from '../audit/event.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { notices } from '../db/schema.ts'
import type { Action } from '../risk/rules.ts'

export type NoticeKind =
  | 'new-device'
  | 'passkey-added'
  | 'passkey-removed'
  | 'secret-added'
  | 'factor-locked'
  | 'counter-back'
  | 'not-me'
  | 'device-connected'
  // src/risk tells the person what it did.
  | `finding.${Action}`

export interface Notice {
  kind: NoticeKind
  fields: Record<string, string>
  at: Seconds
  read: boolean
}

/** Durable when the transaction of `db` is. */
export async function notify(
  db: Db,
  holder: Holder,
  at: Seconds,
  kind: NoticeKind,
  fields: Record<string, string>,
): Promise<void> {
  await db.insert(notices).values({ holderKind: holder.kind, holder: holder.id, kind, fields, at })
}

const ofHolder = (holder: Holder) => and(eq(notices.holderKind, holder.kind), eq(notices.holder, holder.id))

/** Newest first. */
export async function listNotices(db: Db, holder: Holder, limit = 50): Promise<Notice[]> {
  const rows = await db.select().from(notices).where(ofHolder(holder)).orderBy(desc(notices.id)).limit(limit)
  return rows.map(({ kind, fields, at, readAt }) => ({
    kind: kind as NoticeKind,
    fields,
    at,
    read: readAt !== null,
  }))
}

export async function markNoticesRead(db: Db, holder: Holder, now: Seconds): Promise<void> {
  await db
    .update(notices)
    .set({ readAt: now })
    .where(and(ofHolder(holder), isNull(notices.readAt)))
}
