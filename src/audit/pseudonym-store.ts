/**
 * The keys behind pseudonyms: one HMAC key and one sealing key pair per epoch, made once per installation. The private
 * half of the pair is sealed under a key that is the sum of two shares, which never enter the database: they are handed
 * to `keepShares` once, for two people (Decisions, in this folder's README).
 */

import { desc, eq, inArray, like } from 'drizzle-orm'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { base64url, fromBase64url, randomBytes, text, utf8 } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import { seal, unseal, type KeyEncryptionKey } from '../core/seal.ts'
import type { Clock } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { installation, patientSeals } from '../db/schema.ts'
import type { Pseudonym } from './event.ts'
import type { PseudonymKeys } from './pseudonym.ts'

export interface PseudonymKeyHolder {
  db: Db
  keyEncryptionKey: KeyEncryptionKey
  clock: Clock
  /**
   * Puts the two shares where two people can take them, durably, before it resolves: it is called before the keys
   * are. What an earlier, interrupted start put there is void and is replaced. Absent (no disk): the keys must be there.
   */
  keepShares?(shares: readonly [string, string]): Promise<void>
}

const epoch = 1
const names = { key: `pseudonym-key.${epoch}`, pair: `sealing-key.${epoch}` }
const privateContext = `${names.pair}.private`

/** What `installation` holds of an epoch, each value sealed with the key-encryption key. */
interface SealingPair {
  publicKey: JWK
  /** Sealed once more, under the sum of the shares. */
  privateSealed: string
}

/** The keys of this installation, made when there are none. Refuses `state_unavailable` when they cannot be made here. */
export async function loadPseudonymKeys(holder: PseudonymKeyHolder): Promise<PseudonymKeys> {
  const found = await findKeys(holder)
  if (found) return found
  await makeKeys(holder)
  const made = await findKeys(holder)
  if (!made) throw new Refusal('state_unavailable', { cause: 'pseudonym keys are neither there nor made' })
  return made
}

async function findKeys({ db, keyEncryptionKey }: PseudonymKeyHolder): Promise<PseudonymKeys | undefined> {
  const rows = await db
    .select()
    .from(installation)
    .where(inArray(installation.name, Object.values(names)))
  const sealed = new Map(rows.map((row) => [row.name, row.sealed]))
  const key = sealed.get(names.key)
  const pair = sealed.get(names.pair)
  if (key === undefined || pair === undefined) return undefined
  const { publicKey } = await openPair(keyEncryptionKey, pair)
  return { epoch, key: await unseal(keyEncryptionKey, key, names.key), sealingKey: publicKey }
}

const openPair = async (key: KeyEncryptionKey, sealed: string): Promise<SealingPair> =>
  JSON.parse(text(await unseal(key, sealed, names.pair))) as SealingPair

/** Of two nodes that start at once the second waits at the insert for the first one's commit, and makes nothing. */
async function makeKeys({ db, keyEncryptionKey, clock, keepShares }: PseudonymKeyHolder): Promise<void> {
  if (!keepShares)
    throw new Refusal('state_unavailable', {
      cause: 'the keys behind patient pseudonyms are not made yet: start Garde once on a machine with a disk',
    })
  await db.transaction(async (tx) => {
    const createdAt = clock.now()
    const sealed = await seal(keyEncryptionKey, randomBytes(32), names.key)
    const claimed = await tx
      .insert(installation)
      .values({ name: names.key, sealed, createdAt })
      .onConflictDoNothing()
      .returning({ name: installation.name })
    if (claimed.length === 0) return
    const { pair, shares } = await makePair()
    await keepShares(shares)
    const sealedPair = await seal(keyEncryptionKey, utf8(JSON.stringify(pair)), names.pair)
    await tx.insert(installation).values({ name: names.pair, sealed: sealedPair, createdAt })
  })
}

async function makePair(): Promise<{ pair: SealingPair; shares: [string, string] }> {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true })
  const shares = [randomBytes(32), randomBytes(32)] as const
  const privateHalf = utf8(JSON.stringify(await exportJWK(privateKey)))
  return {
    pair: {
      publicKey: await exportJWK(publicKey),
      privateSealed: await seal(sumOf(...shares), privateHalf, privateContext),
    },
    shares: [base64url(shares[0]), base64url(shares[1])],
  }
}

/** Each share alone is a random key and says nothing about the sum. */
const sumOf = (one: Uint8Array, other: Uint8Array): KeyEncryptionKey =>
  Uint8Array.from(one, (byte, place) => byte ^ (other[place] ?? 0))

/** The private half, for whoever holds both shares; undefined when they are not the two. */
export async function openSealingKey(
  { db, keyEncryptionKey }: Pick<PseudonymKeyHolder, 'db' | 'keyEncryptionKey'>,
  shares: readonly [string, string],
): Promise<JWK | undefined> {
  const [row] = await db.select().from(installation).where(eq(installation.name, names.pair))
  if (!row) throw new Refusal('state_unavailable', { cause: 'there is no sealing key' })
  const { privateSealed } = await openPair(keyEncryptionKey, row.sealed)
  const [one, other] = shares.map(parseShare)
  if (!one || !other) return undefined
  try {
    return JSON.parse(text(await unseal(sumOf(one, other), privateSealed, privateContext))) as JWK
  } catch {
    // AES-GCM says no more than that: these are not the shares it was sealed under.
    return undefined
  }
}

function parseShare(share: string): Uint8Array | undefined {
  if (!/^[\w-]{43}$/.test(share)) return undefined
  try {
    return fromBase64url(share)
  } catch {
    // Not the canonical spelling, so not one of the two that were handed out.
    return undefined
  }
}

/** The patients of this epoch whose reference is sealed already, the latest first: what a node need not seal again. */
export const sealedPatients = async (db: Db, limit: number): Promise<Pseudonym[]> =>
  (
    await db
      .select({ patient: patientSeals.patient })
      .from(patientSeals)
      .where(like(patientSeals.patient, `${epoch}.%`))
      .orderBy(desc(patientSeals.sealedAt))
      .limit(limit)
  ).map(({ patient }) => patient)

export async function findSeal(db: Db, patient: Pseudonym): Promise<string | undefined> {
  const [row] = await db.select().from(patientSeals).where(eq(patientSeals.patient, patient))
  return row?.sealed
}
