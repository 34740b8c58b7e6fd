/**
 * A proof as a file, for somebody who holds a key and perhaps a checkpoint, and shall not have the entries of others: that
 * one entry is in the log, or that the log of today goes on from a checkpoint kept elsewhere.
 */

import { z } from 'zod'
import { hex } from '../core/bytes.ts'
import type { Db } from '../db/db.ts'
import { isSigned, originOf, parseCheckpoint, type SignedCheckpoint, type VerifierKey } from './checkpoint.ts'
import { findEntries, lastCheckpoint, leavesOf } from './log-store.ts'
import { consistencySpans, goesOn, includes, inclusionSpans, rootsOf, type Span } from './proof.ts'
import { leafHash, parseHash, type Sha256 } from './tree.ts'

const hashes = z.array(z.string().regex(/^[\da-f]{64}$/))
const entryProof = z.strictObject({
  proof: z.literal('garde-audit-inclusion-1'),
  log: z.string(),
  index: z.int().min(0),
  /** The exact line: whoever checks hashes it again. */
  entry: z.string(),
  path: hashes,
  checkpoint: z.string(),
})
const growthProof = z.strictObject({
  proof: z.literal('garde-audit-consistency-1'),
  log: z.string(),
  /** The checkpoint it goes on from. */
  from: z.string(),
  path: hashes,
  checkpoint: z.string(),
})
export const proofShape = z.discriminatedUnion('proof', [entryProof, growthProof])
export type Proof = z.infer<typeof proofShape>

/** Undefined when no checkpoint covers that entry yet. */
export async function proveEntry(
  db: Db,
  sha256: Sha256,
  log: string,
  index: number,
): Promise<Proof | undefined> {
  const checkpoint = await lastCheckpoint(db, log)
  const size = checkpoint === undefined ? 0 : parseCheckpoint(checkpoint).size
  const [row] = index < size ? await findEntries(db, log, index, 1) : []
  if (checkpoint === undefined || row?.index !== index) return undefined
  const path = await pathOf(db, sha256, log, inclusionSpans(index, size), size)
  return { proof: 'garde-audit-inclusion-1', log, index, entry: row.entry, path, checkpoint }
}

/** Undefined when the log has no checkpoint as large: it was cut. Throws NotACheckpoint. */
export async function proveGrowth(db: Db, sha256: Sha256, from: string): Promise<Proof | undefined> {
  const first = parseCheckpoint(from)
  const log = first.origin.replace(/^garde\//, '')
  const checkpoint = await lastCheckpoint(db, log)
  const size = checkpoint === undefined ? 0 : parseCheckpoint(checkpoint).size
  if (checkpoint === undefined || first.size === 0 || first.size > size) return undefined
  const path = await pathOf(db, sha256, log, consistencySpans(first.size, size), size)
  return { proof: 'garde-audit-consistency-1', log, from, path, checkpoint }
}

async function pathOf(db: Db, sha256: Sha256, log: string, spans: Span[], size: number): Promise<string[]> {
  return (await rootsOf(sha256, spans, hashed(leavesOf(db, log, size)))).map(hex)
}

async function* hashed(leaves: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const leaf of leaves) yield parseHash(leaf)
}

/** Says what holds, or why not. `keys`: the verifier's own. Throws NotACheckpoint. */
export async function checkProof(
  sha256: Sha256,
  proof: Proof,
  keys: readonly VerifierKey[],
): Promise<{ holds: boolean; says: string }> {
  const checkpoint = parseCheckpoint(proof.checkpoint)
  const notes = 'from' in proof ? [checkpoint, parseCheckpoint(proof.from)] : [checkpoint]
  for (const note of notes) {
    if (note.origin !== originOf(proof.log)) return no(`a checkpoint is of another log, ${note.origin}`)
    if (!(await isSigned(sha256, note, keys)))
      return no(`the checkpoint over ${note.size} entries is not signed by a key that was given`)
  }
  return 'from' in proof ? growth(sha256, proof, notes) : entry(sha256, proof, checkpoint)
}

const no = (says: string) => ({ holds: false, says })

function entry(
  sha256: Sha256,
  { log, index, entry: line, path }: Extract<Proof, { index: number }>,
  { size, root }: SignedCheckpoint,
): { holds: boolean; says: string } {
  const claim = { index, size, leaf: leafHash(sha256, line), path: path.map(parseHash) }
  return includes(sha256, claim, root)
    ? { holds: true, says: `${log}: entry ${index} is in the log of ${size} entries, as it stands here` }
    : no(`${log}: entry ${index} is not proven to be in the log of ${size} entries`)
}

function growth(
  sha256: Sha256,
  { log, path }: Proof,
  [now, before]: SignedCheckpoint[],
): { holds: boolean; says: string } {
  return now && before && goesOn(sha256, before, now, path.map(parseHash))
    ? { holds: true, says: `${log}: the log of ${now.size} entries goes on from that of ${before.size}` }
    : no(`${log}: the log is not proven to go on from the checkpoint kept elsewhere`)
}
