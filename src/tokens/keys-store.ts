/**
 * The rows of the signing keys, moved on as `key-states.ts` says, private halves sealed with the key-encryption key and
 * forgotten when the key signs no more. `kid` is the RFC 7638 thumbprint.
 */

import { and, asc, desc, eq, ne, sql } from 'drizzle-orm'
import type { Actor } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { utf8 } from '../core/bytes.ts'
import { seal, type KeyEncryptionKey } from '../core/seal.ts'
import type { Clock, Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { signingKeys } from '../db/schema.ts'
import { dueMoves, movesNow, type Move, type Slot } from './key-states.ts'
import type { KeyAlgorithm } from './keys.ts'
import { mintPrivateKey, publishedHalf, type MintPrivateKey } from './mint-key.ts'

export type KeyRow = typeof signingKeys.$inferSelect

export interface KeyHolder {
  db: Db
  keyEncryptionKey: KeyEncryptionKey
  clock: Pick<Clock, 'now'>
  mintPrivateKey?: MintPrivateKey
}

/** Serialises whoever makes, moves or revokes keys; held to the end of the transaction. */
const keyLock = 4_731_003
/** What stands in place of a private half that signs no more: no thief finds it, in no backup of later. */
const forgotten = ''

export const sealContext = (kid: string) => `signing_keys.private_sealed:${kid}`

/** Every key that still counts: next, current and retained. */
export const findKeys = (db: Db): Promise<KeyRow[]> =>
  db.select().from(signingKeys).where(ne(signingKeys.state, 'revoked')).orderBy(asc(signingKeys.kid))

/** All of them, those revoked too: by use and algorithm, the newest first. */
export const listKeys = (db: Db): Promise<KeyRow[]> =>
  db
    .select()
    .from(signingKeys)
    .orderBy(desc(signingKeys.use), asc(signingKeys.alg), desc(signingKeys.createdAt), asc(signingKeys.kid))

/** Makes what is missing and moves what is due; two nodes that do so at once end up with the same keys. */
export const turnKeys = (holder: KeyHolder, period: Seconds, actor: Actor): Promise<Move[]> =>
  moveKeys(holder, actor, (keys) => dueMoves(keys, holder.clock.now(), period))

/** Replaces now; what was signed before goes on being accepted. Empty: nothing is called that. */
export const rotateKeys = (holder: KeyHolder, named: Partial<Slot>, actor: Actor): Promise<Move[]> =>
  moveKeys(holder, actor, (keys) => movesNow(keys, named))

/**
 * Everything the key signed stops being accepted, on each node at its next `keys.reload()`; another takes its place. False
 * when no such key counts.
 */
export async function revokeKey(holder: KeyHolder, kid: string, actor: Actor): Promise<boolean> {
  return holder.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${keyLock})`)
    const at = holder.clock.now()
    const [row] = await tx
      .update(signingKeys)
      .set({ state: 'revoked', stateAt: at, privateSealed: forgotten })
      .where(and(eq(signingKeys.kid, kid), ne(signingKeys.state, 'revoked')))
      .returning()
    if (!row) return false
    await record(tx, { kind: 'key.state', at, actor, kid, use: row.use, state: 'revoked' })
    const missing = dueMoves(await findKeys(tx), at, Infinity)
    for (const move of missing) await doMove({ ...holder, db: tx }, move, actor, new Map())
    return true
  })
}

/** Decided twice: before, so that RSA keys are made while others work; and under the lock, where it counts. */
async function moveKeys(
  holder: KeyHolder,
  actor: Actor,
  decide: (keys: KeyRow[]) => Move[],
): Promise<Move[]> {
  const expected = decide(await findKeys(holder.db))
  if (expected.length === 0) return []
  const made = await mintAhead(holder, expected)
  return holder.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${keyLock})`)
    const moves = decide(await findKeys(tx))
    for (const move of moves) await doMove({ ...holder, db: tx }, move, actor, made)
    return moves
  })
}

type Made = Map<KeyAlgorithm, Awaited<ReturnType<MintPrivateKey>>[]>

async function mintAhead({ mintPrivateKey: mint = mintPrivateKey }: KeyHolder, moves: Move[]): Promise<Made> {
  const wanted = moves.flatMap((move) => (move.kind === 'make' ? [move.slot.alg] : []))
  const keys = await Promise.all(wanted.map(async (alg) => ({ alg, key: await mint(alg) })))
  const made: Made = new Map()
  for (const { alg, key } of keys) made.set(alg, [...(made.get(alg) ?? []), key])
  return made
}

async function doMove(holder: KeyHolder, move: Move, actor: Actor, made: Made): Promise<void> {
  if (move.kind === 'make') return makeKey(holder, move, actor, made)
  const { db, clock } = holder
  const { kid, use } = move.key
  const at = clock.now()
  if (move.state === 'gone') await db.delete(signingKeys).where(eq(signingKeys.kid, kid))
  else await db.update(signingKeys).set(entering(move.state, at)).where(eq(signingKeys.kid, kid))
  await record(db, { kind: 'key.state', at, actor, kid, use, state: move.state })
}

const entering = (state: 'current' | 'retained', at: Seconds) => ({
  state,
  stateAt: at,
  ...(state === 'retained' && { privateSealed: forgotten }),
})

async function makeKey(
  { db, keyEncryptionKey, clock, mintPrivateKey: mint = mintPrivateKey }: KeyHolder,
  { slot: { use, alg }, state }: Move & { kind: 'make' },
  actor: Actor,
  made: Made,
): Promise<void> {
  const privateJwk = made.get(alg)?.pop() ?? (await mint(alg))
  const { kid, publicJwk } = await publishedHalf(privateJwk, alg)
  const at = clock.now()
  const privateSealed = await seal(keyEncryptionKey, utf8(JSON.stringify(privateJwk)), sealContext(kid))
  await db
    .insert(signingKeys)
    .values({ kid, use, alg, state, publicJwk, privateSealed, createdAt: at, stateAt: at })
  await record(db, { kind: 'key.created', at, actor, kid, use, state })
}
