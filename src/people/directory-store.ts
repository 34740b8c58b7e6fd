/** Who is meant by an id or a few letters: names for screens, search, open memberships of many at once. */

import { and, asc, eq, gt, ilike, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import type { PracticeId, PractitionerId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { clients, memberships, operators, practices, practitioners, sessions } from '../db/schema.ts'
import type { Role } from '../tokens/claims.ts'

const fullName = sql<string>`${practitioners.givenName} || ' ' || ${practitioners.familyName}`

/** Display names; a session is named after its holder. Ids nobody has are left out. */
export async function findNames(db: Db, ids: Iterable<string>): Promise<Map<string, string>> {
  const asked = [...new Set(ids)]
  const holders = new Map(await holdersOf(db, asked))
  const all = [...asked, ...holders.values()]
  const found = [
    ...(await ofPeople(db, all)),
    ...(await named(db, operators, all)),
    ...(await named(db, practices, all)),
    ...(await named(db, clients, all)),
  ]
  const names = new Map(found.map(({ id, name }) => [id, name]))
  for (const [session, holder] of holders) {
    const name = names.get(holder)
    if (name !== undefined) names.set(session, name)
  }
  return names
}

interface Named {
  id: string
  name: string
}

const of = (ids: string[], prefix: string): string[] => ids.filter((id) => id.startsWith(prefix))

async function ofPeople(db: Db, ids: string[]): Promise<Named[]> {
  const own = of(ids, 'prt_') as PractitionerId[]
  if (own.length === 0) return []
  return db
    .select({ id: practitioners.id, name: fullName })
    .from(practitioners)
    .where(inArray(practitioners.id, own))
}

const named = async (
  db: Db,
  table: typeof operators | typeof practices | typeof clients,
  ids: string[],
): Promise<Named[]> =>
  ids.length === 0
    ? []
    : db
        .select({ id: table.id, name: table.name })
        .from(table)
        .where(inArray(table.id as typeof operators.id, ids as never[]))

async function holdersOf(db: Db, ids: string[]): Promise<[string, string][]> {
  const own = of(ids, 'ses_') as (typeof sessions.$inferSelect)['id'][]
  if (own.length === 0) return []
  const rows = await db
    .select({ id: sessions.id, holder: sessions.holder })
    .from(sessions)
    .where(inArray(sessions.id, own))
  return rows.map(({ id, holder }) => [id, holder])
}

/** By name, address or RPPS; `%` and `_` are letters like others. 20 at most, by family name. */
export async function searchPractitioners(db: Db, query: string): Promise<PractitionerId[]> {
  const pattern = `%${query.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const rows = await db
    .select({ id: practitioners.id })
    .from(practitioners)
    .where(or(ilike(fullName, pattern), ilike(practitioners.email, pattern), eq(practitioners.rpps, query)))
    .orderBy(asc(practitioners.familyName), asc(practitioners.givenName), asc(practitioners.id))
    .limit(20)
  return rows.map(({ id }) => id)
}

export interface Seat {
  practice: PracticeId
  role: Role
}

/** Memberships that hold at `now`, of each of these practitioners. */
export async function openSeats(
  db: Db,
  people: PractitionerId[],
  now: Seconds,
): Promise<Map<PractitionerId, Seat[]>> {
  const seats = new Map<PractitionerId, Seat[]>()
  if (people.length === 0) return seats
  const rows = await db
    .select({
      practitioner: memberships.practitioner,
      practice: memberships.practice,
      role: memberships.role,
    })
    .from(memberships)
    .where(
      and(
        inArray(memberships.practitioner, people),
        lte(memberships.startAt, now),
        or(isNull(memberships.endAt), gt(memberships.endAt, now)),
      ),
    )
    .orderBy(asc(memberships.startAt), asc(memberships.id))
  for (const { practitioner, ...seat } of rows)
    seats.set(practitioner, [...(seats.get(practitioner) ?? []), seat])
  return seats
}
