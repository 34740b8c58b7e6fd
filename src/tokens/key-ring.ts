/** The installation's keys, opened: what signs, what verifies, what is published. The rows are `keys-store.ts`'s. */

import type { JWK } from 'jose'
import { fromBase64url, text } from '../core/bytes.ts'
import type { Primitives, Sign, Signatures, Verify } from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import { unseal, type KeyEncryptionKey } from '../core/seal.ts'
import type { Clock, Seconds } from '../core/time.ts'
import { usualPeriod } from './key-states.ts'
import { findKeys, sealContext, turnKeys, type KeyHolder, type KeyRow } from './keys-store.ts'
import { writeCompact } from './compact.ts'
import { algorithms, type KeyAlgorithm, type Keys, type KeyUse } from './keys.ts'
import { createVerifier } from './verify.ts'
import { webSignatures } from './web-signatures.ts'

export interface KeyRingOptions extends KeyHolder {
  primitives: Pick<Primitives, 'digest'>
  /** WebCrypto's unless lent. */
  signatures?: Signatures
  issuer: string
  /** How long a key signs; 90 days. */
  period?: Seconds
  clock: Clock
}

interface OpenKey {
  row: KeyRow
  verify: Verify
  /** Only of current keys: nothing else signs. */
  sign?: Sign
}

/** Not more often than this is the database asked about a key nobody knows: strangers can name any. */
const askAgainMs = 1000

/** Makes the missing keys (first start, upgrade) and moves those that are due, then opens them. Throws when the key-encryption key is not the one they were sealed with. */
export async function openKeys(options: KeyRingOptions): Promise<Keys> {
  await turnKeys(options, options.period ?? usualPeriod, { kind: 'system', id: 'start' })
  let ring = await readRing(options, undefined)
  let askedAt = -Infinity
  let asked = 0
  let taken = 0
  // One that asked earlier and hears later MUST NOT bring back what was revoked in between.
  const reload = async (): Promise<void> => {
    const turn = ++asked
    const read = await readRing(options, ring)
    if (turn < taken) return
    taken = turn
    ring = read
  }
  return {
    reload,
    // Another node may have replaced a key a moment ago, and its notice be under way.
    verify: (token, audience, now) =>
      ring.verify(token, audience, now).catch(async (error: unknown) => {
        if (!isUnknownKey(error) || options.clock.monotonicMs() - askedAt < askAgainMs) throw error
        askedAt = options.clock.monotonicMs()
        await reload()
        return ring.verify(token, audience, now)
      }),
    verifyCached: (token, audience, now) => ring.verifyCached(token, audience, now),
    sign: (use, typ, payload, alg) => ring.sign(use, typ, payload, alg),
    signCheckpoint: (data) => ring.signCheckpoint(data),
    jwks: (use) => ring.jwks(use),
  }
}

/** Exactly the keys that some rows said, and the tokens proven by them. Holds no connection. */
export interface KeyRing extends Omit<Keys, 'reload'> {
  readonly saidBy: string
}

/** The ring of what the database says now: the known one while that is the same. */
export async function readRing(
  options: Omit<KeyRingOptions, 'clock'>,
  known: KeyRing | undefined,
): Promise<KeyRing> {
  const rows = await findKeys(options.db)
  const saidBy = rows.map(nameAndState).join()
  return known?.saidBy === saidBy ? known : ringOf(options, rows, saidBy)
}

async function ringOf(
  { issuer, primitives, keyEncryptionKey, signatures = webSignatures }: Omit<KeyRingOptions, 'clock' | 'db'>,
  rows: KeyRow[],
  saidBy: string,
): Promise<KeyRing> {
  const ring = await Promise.all(rows.map((row) => openKey(row, keyEncryptionKey, signatures)))
  const verifier = createVerifier(issuer, primitives)
  verifier.useKeys(
    ring
      // An access token is never signed with another: who has the RSA key alone reaches no record.
      .filter(({ row }) => row.use === 'token' && row.alg === algorithms.token[0])
      .map(({ row: { kid, alg }, verify }) => ({ kid, alg, verify })),
  )
  return {
    saidBy,
    verify: verifier.verify,
    verifyCached: verifier.verifyCached,
    sign: async (use, typ, payload, alg = algorithms[use][0]) => {
      const { row, sign } = currentKey(ring, use, alg)
      return writeCompact({ alg: row.alg, kid: row.kid, typ }, payload, sign)
    },
    signCheckpoint: async (data) => {
      const { row, sign } = currentKey(ring, 'checkpoint', algorithms.checkpoint[0])
      return { signature: await sign(data), publicKey: fromBase64url(row.publicJwk['x'] ?? '') }
    },
    jwks: (use) => ({
      keys: ring.filter(({ row }) => row.use === use).map(({ row }) => row.publicJwk as JWK),
    }),
  }
}

function currentKey(ring: OpenKey[], use: KeyUse, alg: KeyAlgorithm): Required<OpenKey> {
  for (const key of ring)
    if (key.row.use === use && key.row.alg === alg && key.sign) return key as Required<OpenKey>
  throw new Error(`no current ${alg} key for use ${use}`)
}

const isUnknownKey = (error: unknown): boolean =>
  error instanceof Refusal && error.reason === 'token_signature' && error.detail['fault'] === 'kid'

const nameAndState = (row: KeyRow) => `${row.kid} ${row.state}`

async function openKey(
  row: KeyRow,
  keyEncryptionKey: KeyEncryptionKey,
  signatures: Signatures,
): Promise<OpenKey> {
  const verify = await signatures.verifier(row.publicJwk, row.alg)
  if (!verify) throw new Error(`key ${row.kid} is no key for ${row.alg}`)
  if (row.state !== 'current') return { row, verify }
  const sealed = await unseal(keyEncryptionKey, row.privateSealed, sealContext(row.kid))
  return { row, verify, sign: await signatures.signer(JSON.parse(text(sealed)) as JWK, row.alg) }
}
