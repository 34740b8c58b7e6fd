/** Proofs of possession at the two kinds of place that judge them. */

import { randomBytes, utf8 } from '../core/bytes.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import type { Db } from '../db/db.ts'
import { createProofs, type Proofs } from '../tokens/dpop.ts'
import { createNonces } from '../tokens/nonces.ts'
import { createProofKeys, type ProofKeys } from '../tokens/proof-key.ts'
import { memoryTaken } from '../tokens/taken-memory.ts'
import { takeOnce } from '../tokens/taken-store.ts'
import { nodeSignatures } from './node-signatures.ts'
import { primitives } from './primitives.ts'

export const nodeProofKeys = (): ProofKeys => createProofKeys(primitives, nodeSignatures)

/**
 * The authorization server: every node takes every other's nonces (their key comes from the key that all of them open the
 * signing keys with), and what was shown is a row that all of them see.
 */
export const serverProofs = (
  { db, keyEncryptionKey }: { db: Db; keyEncryptionKey: KeyEncryptionKey },
  keys: ProofKeys = nodeProofKeys(),
): Proofs =>
  createProofs({
    primitives,
    keys,
    nonces: createNonces(primitives, primitives.hmacSha256(keyEncryptionKey, utf8('garde: dpop nonces'))),
    take: (hash, until) => takeOnce(db, 'dpop', hash, until),
  })

/** A gateway without a database: its nonces are of this process alone, so nothing shown elsewhere or before can be shown to it. */
export const gatewayProofs = (capacity?: number): Proofs =>
  createProofs({
    primitives,
    keys: nodeProofKeys(),
    nonces: createNonces(primitives, randomBytes(32)),
    take: memoryTaken(capacity),
  })
