/**
 * The rows of the signing keys: one current key per use and algorithm, made at the first start, private halves sealed with the
 * key-encryption key. `kid` is the RFC 7638 thumbprint.
 */

import { and, asc, eq, ne, sql } from 'drizzle-orm'
import type { Actor } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { utf8 } from '../core/bytes.ts'
import { seal, type KeyEncryptionKey } from '../core/seal.ts'
import type { Clock } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { signingKeys } from '../db/schema.ts'
import { algorithms, type KeyAlgorithm, type KeyUse } from './keys.ts'
import { mintPrivateKey, publishedHalf, type MintPrivateKey } from './mint-key.ts'

export type KeyRow = typeof signingKeys.$inferSelect

export interface KeyHolder {
  db: Db
  keyEncryptionKey: KeyEncryptionKey
  clock: Clock
  mintPrivateKey?: MintPrivateKey
}

const uses = Object.keys(algorithms) as KeyUse[]
/** Serialises whoever makes or revokes keys; held to the end of the transaction. */
const keyLock = 4_731_003

export const sealContext = (kid: string) => `signing_keys.private_sealed:${kid}`

/** Every key that still counts: next, current and retained. */
export const findKeys = (db: Db): Promise<KeyRow[]> =>
  db.select().from(signingKeys).where(ne(signingKeys.state, 'revoked')).orderBy(asc(signingKeys.kid))

/** Makes what is missing; two nodes that start at once end up with the same keys. */
export async function ensureKeys(holder: KeyHolder, actor: Actor): Promise<void> {
  await holder.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${keyLock})`)
    await makeMissing({ ...holder, db: tx }, actor)
  })
}

/**
 * Everything the key signed stops being accepted, on each node at its next `keys.reload()`; a new current key takes its
 * place. False when no such key counts.
 */
export async function revokeKey(holder: KeyHolder, kid: string, actor: Actor): Promise<boolean> {
  return holder.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${keyLock})`)
    const [row] = await tx
      .update(signingKeys)
      .set({ state: 'revoked' })
      .where(and(eq(signingKeys.kid, kid), ne(signingKeys.state, 'revoked')))
      .returning()
    if (!row) return false
    const at = holder.clock.now()
    await record(tx, { kind: 'key.state', at, actor, kid, use: row.use, state: 'revoked' })
    await makeMissing({ ...holder, db: tx }, actor)
    return true
  })
}

async function makeMissing(holder: KeyHolder, actor: Actor): Promise<void> {
  const keys = await findKeys(holder.db)
  for (const use of uses)
    for (const alg of algorithms[use])
      if (!keys.some((key) => key.use === use && key.alg === alg && key.state === 'current'))
        await makeKey(holder, use, alg, actor)
}

async function makeKey(
  { db, keyEncryptionKey, clock, mintPrivateKey: mint = mintPrivateKey }: KeyHolder,
  use: KeyUse,
  alg: KeyAlgorithm,
  actor: Actor,
): Promise<void> {
  const privateJwk = await mint(alg)
  const { kid, publicJwk } = await publishedHalf(privateJwk, alg)
  const createdAt = clock.now()
  await db.insert(signingKeys).values({
    kid,
    use,
    alg,
    state: 'current',
    publicJwk,
    privateSealed: await seal(keyEncryptionKey, utf8(JSON.stringify(privateJwk)), sealContext(kid)),
    createdAt,
    stateAt: createdAt,
  })
  await record(db, { kind: 'key.created', at: createdAt, actor, kid, use, state: 'current' })
}
