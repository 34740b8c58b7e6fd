/** Whether a selector may stand: it names what exists, and never the last operator who could still lift it. */

import { and, eq, exists, isNull, ne, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { OperatorId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import {
  clients,
  grants,
  operators,
  passkeys,
  practices,
  practitioners,
  restrictionJournal,
  sessions,
} from '../db/schema.ts'
import type { Selector } from './restriction.ts'

const named = {
  practice: practices,
  practitioner: practitioners,
  operator: operators,
  client: clients,
  session: sessions,
  grant: grants,
}
const keys = Object.keys(named) as (keyof typeof named)[]

/** Refuses `restriction_invalid` and `last_commander`. MUST run under the journal's lock. */
export async function checkSelector(db: Db, selector: Selector, now: Seconds): Promise<void> {
  if ('everything' in selector) return checkEverything(selector)
  const given = keys.filter((key) => selector[key] !== undefined)
  if (given.length === 0) throw new Refusal('restriction_invalid', { fault: 'selects nothing' })
  for (const key of given) await requireKnown(db, key, selector[key])
  if (selector.operator) await spareLastCommander(db, selector.operator, now)
}

function checkEverything(selector: Selector): void {
  if (Object.keys(selector).length > 1)
    throw new Refusal('restriction_invalid', { fault: 'everything stands alone' })
}

async function requireKnown(db: Db, key: keyof typeof named, id: string | undefined): Promise<void> {
  const table: PgTable & { id: (typeof practices)['id'] } = named[key] as never
  const [found] = await db
    .select({ id: table.id })
    .from(table)
    .where(eq(table.id, id as never))
    .limit(1)
  if (!found) throw new Refusal('restriction_invalid', { unknown: key })
}

/**
 * A commander can lift: not disabled, holds a passkey, and no standing restriction names him. Refuses `last_commander`
 * when nobody but `operator` is one. MUST run under the journal's lock.
 */
export async function spareLastCommander(db: Db, operator: OperatorId, now: Seconds): Promise<void> {
  const others = await db
    .select({ id: operators.id })
    .from(operators)
    .where(
      and(
        ne(operators.id, operator),
        isNull(operators.disabledAt),
        exists(
          db
            .select({ id: passkeys.id })
            .from(passkeys)
            .where(
              and(
                eq(passkeys.holderKind, 'operator'),
                eq(passkeys.holder, operators.id),
                isNull(passkeys.removedAt),
              ),
            ),
        ),
      ),
    )
  const restricted = await restrictedOperators(db, now)
  if (others.every(({ id }) => restricted.has(id))) throw new Refusal('last_commander')
}

async function restrictedOperators(db: Db, now: Seconds): Promise<Set<OperatorId | undefined>> {
  const rows = await db.select({ row: restrictionJournal.row }).from(restrictionJournal)
    .where(sql`${restrictionJournal.row} #>> '{restriction,selector,operator}' is not null
      and not exists (select from ${restrictionJournal} later where later.restriction = ${restrictionJournal.restriction}
        and later.row ->> 'kind' = 'lift')`)
  return new Set(
    rows.map(({ row }) => {
      if (row.kind !== 'restrict' || 'everything' in row.restriction.selector) return undefined
      const { expiresAt, selector } = row.restriction
      return expiresAt === undefined || now < expiresAt ? selector.operator : undefined
    }),
  )
}
