/** Clients in SQL. A disabled client is found by nobody but whoever lists them. */

import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId, type ClientId, type PracticeId } from '../core/ids.ts'
import type { Primitives } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { askedTogether } from '../db/asked-together.ts'
import type { Db } from '../db/db.ts'
import { clients, practices } from '../db/schema.ts'
import { stopClient } from '../people/stop.ts'
import type { Services } from '../services.ts'
import { authenticationOf, type Client, type ClientInput } from './client.ts'
import { grantTypesOf } from './profiles.ts'
import { widens } from './widening.ts'

type Row = typeof clients.$inferSelect

/** Nothing named is what the profile gives by itself. */
const asClient = ({ secretHash, disabledAt, practice, authentication, grantTypes, ...row }: Row): Client => ({
  ...row,
  authentication: authenticationOf({ ...row, authentication }),
  grantTypes: grantTypesOf(row.profile, grantTypes),
  ...(practice !== null && { practice }),
  ...(secretHash !== null && { secretHash }),
  ...(disabledAt !== null && { disabledAt }),
})

/** Finds a client as it stands now; undefined for an unknown and for a disabled one alike. */
export type FindClient = (id: ClientId) => Promise<Client | undefined>

/**
 * For requests, which name the same few clients at the same time: they share a statement, and each is answered with what
 * was read after it asked. A secret that was changed or a client that was disabled before, on whichever node, is seen.
 */
export function clientFinder(db: Db): FindClient {
  const query = db
    .select()
    .from(clients)
    .where(
      and(
        // Ids have no spaces (`idPattern`).
        sql`${clients.id} = any(string_to_array(${sql.placeholder('ids')}, ' '))`,
        isNull(clients.disabledAt),
      ),
    )
    .prepare('clients')
  return askedTogether(async (ids: ClientId[]) => {
    const rows = await query.execute({ ids: ids.join(' ') })
    return new Map(rows.map((row) => [row.id, asClient(row)]))
  })
}

/** In the caller's transaction, or where nobody hurries. Undefined for an unknown and for a disabled client alike. */
export async function findClient(db: Db, id: ClientId): Promise<Client | undefined> {
  const [row] = await db
    .select()
    .from(clients)
    .where(and(eq(clients.id, id), isNull(clients.disabledAt)))
  return row && asClient(row)
}

/** Whoever is registered under it, disabled or not. */
export async function findRegistered(db: Db, id: ClientId): Promise<Client | undefined> {
  const [row] = await db.select().from(clients).where(eq(clients.id, id))
  return row && asClient(row)
}

export async function listClients(db: Db): Promise<Client[]> {
  return (await db.select().from(clients).orderBy(asc(clients.id))).map(asClient)
}

/** Is this the origin (`https://app.example`) of a public client's return address? For preflights, which name no client. */
export async function isPublicClientOrigin(db: Db, origin: string): Promise<boolean> {
  const rows = await db
    .select({ one: sql`1` })
    .from(clients)
    .where(
      sql`${isNull(clients.disabledAt)} and ${clients.profile} = 'smart-public' and exists (
        select from unnest(${clients.redirectUris}) uri where uri = ${origin} or starts_with(uri, ${`${origin}/`}))`,
    )
    .limit(1)
  return rows.length > 0
}

/**
 * Registers a client or replaces what is registered under its id. `secret` is minted for a client that has one when it is
 * new, when it had none, or when asked; it is never shown again. Refuses `malformed_request` for an unknown practice, and
 * `conflict` where only what does not widen may be saved and this does by now.
 */
export async function saveClient(
  services: { db: Db; primitives: Primitives },
  head: EventHead,
  input: ClientInput,
  may: 'widen' | 'narrow' = 'widen',
): Promise<{ client: Client; secret?: string }> {
  const { id = mintId('client'), renewSecret, ...fields } = input
  const clientId = id as ClientId
  return services.db.transaction(async (tx) => {
    if (input.practice !== undefined) await requirePractice(tx, input.practice)
    const before = await lockClient(tx, clientId)
    if (may === 'narrow' && widens(before && asClient(before), input))
      throw new Refusal('conflict', { client: clientId })
    const confidential = authenticationOf(fields).some((method) => method.startsWith('client_secret'))
    const secret = confidential && (renewSecret || !before?.secretHash) ? mintSecret() : undefined
    const kept = confidential ? (before?.secretHash ?? null) : null
    const values = {
      ...fields,
      practice: input.practice ?? null,
      secretHash: secret === undefined ? kept : hashSecret(services.primitives, secret),
    }
    const [row] = await tx
      .insert(clients)
      .values({ id: clientId, createdAt: head.at, ...values })
      .onConflictDoUpdate({ target: clients.id, set: values })
      .returning()
    if (!row) throw new Error('a client was saved and not returned')
    await record(tx, {
      ...head,
      kind: 'client.saved',
      client: clientId,
      change: before ? (secret ? 'changed, new secret' : 'changed') : 'registered',
    })
    return { client: asClient(row), ...(secret !== undefined && { secret }) }
  })
}

/** One saver of an id at a time, also while there is no row to lock: what was weighed is what is replaced. */
async function lockClient(tx: Db, id: ClientId) {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`client:${id}`}, 0))`)
  const [row] = await tx.select().from(clients).where(eq(clients.id, id))
  return row
}

async function requirePractice(tx: Db, id: PracticeId): Promise<void> {
  const [found] = await tx.select({ id: practices.id }).from(practices).where(eq(practices.id, id))
  if (!found)
    throw new Refusal('malformed_request', { faults: ['practice: is not a practice of this server'] })
}

/**
 * Its grants stay, and nothing is issued from them while it is disabled; the tokens it holds open nothing from now on.
 * Refuses `client_unknown`.
 */
export async function disableClient(services: Services, head: EventHead, id: ClientId): Promise<void> {
  await services.db.transaction(async (tx) => {
    const rows = await tx
      .update(clients)
      .set({ disabledAt: head.at })
      .where(and(eq(clients.id, id), isNull(clients.disabledAt)))
      .returning({ id: clients.id })
    if (rows.length === 0) throw new Refusal('client_unknown')
    await record(tx, { ...head, kind: 'client.saved', client: id, change: 'disabled' })
  })
  await stopClient(services, id, head)
}
