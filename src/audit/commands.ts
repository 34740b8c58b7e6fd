/**
 * What `garde audit …` says, for whoever types it or reads its JSON. Exit codes: 0 as it should be, 1 a fault was found,
 * 2 what was given cannot be read.
 */

import { ZodError } from 'zod'
import type { Primitives } from '../core/ports.ts'
import type { Db } from '../db/db.ts'
import type { Keys } from '../tokens/keys.ts'
import { cosigner, NotACheckpoint, originOf, parseCheckpoint, parseVerifierKey } from './checkpoint.ts'
import { exportLog } from './export.ts'
import { findLogs } from './log-store.ts'
import { checkProof, proofShape } from './prove.ts'
import type { PatientServed } from './query-store.ts'
import { serverLog } from './sequencer.ts'
import { verifierKeys } from './verifier-keys.ts'
import { NotAnExport, parseHead, verifyExport, type Verification } from './verify.ts'

export interface AuditOutcome {
  data: unknown
  text: string[]
  exitCode: 0 | 1 | 2
}

export interface VerifyFile {
  /** The export, line by line. */
  lines: AsyncIterable<string>
  sha256: Primitives['sha256']
  /** Verifier keys the caller has had before. Absent: those in the export's head, which an adversary could have put there. */
  trustedKeys?: readonly string[]
  /** Signed notes kept elsewhere. */
  checkpoints?: readonly string[]
}

/** `garde audit verify --file …`: needs no server and no database. */
export async function verifyFile({
  lines,
  sha256,
  trustedKeys,
  checkpoints = [],
}: VerifyFile): Promise<AuditOutcome> {
  try {
    const iterator = lines[Symbol.asyncIterator]()
    const { value: head = '' } = (await iterator.next()) as { value?: string }
    const keys = (trustedKeys ?? parseHead(head).keys).map((key) => parseVerifierKey(sha256, key))
    const verification = await verifyExport(restored(head, iterator), {
      sha256,
      keys,
      keptElsewhere: checkpoints,
    })
    return verifyOutcome([verification], trustedKeys ? 'given' : 'the export itself')
  } catch (error) {
    if (!(error instanceof NotAnExport || error instanceof NotACheckpoint)) throw error
    return { data: { error: error.message }, text: [error.message], exitCode: 2 }
  }
}

async function* restored(head: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield head
  yield* { [Symbol.asyncIterator]: () => rest }
}

export interface LogsToVerify {
  db: Db
  primitives: Pick<Primitives, 'sha256'>
  keys: Pick<Keys, 'jwks'>
}

/**
 * Every log where it lies. Settle the keeper first. A log of which only a checkpoint kept elsewhere is left is a fault
 * like any other. Throws NotACheckpoint when what was kept is none.
 */
export async function verifyLogs(
  { db, primitives: { sha256 }, keys }: LogsToVerify,
  keptElsewhere: readonly string[] = [],
): Promise<Verification[]> {
  const kept = keptElsewhere.map((note) => ({ note, origin: parseCheckpoint(note).origin }))
  const logs = (await findLogs(db)).map(({ log }) => log)
  const verifications: Verification[] = []
  for (const log of new Set([...logs, ...kept.map(({ origin }) => origin.replace(/^garde\//, ''))])) {
    const origin = originOf(log)
    const trusted = verifierKeys(keys, origin)
    const notes = kept.filter((each) => each.origin === origin).map(({ note }) => note)
    const lines = exportLog(db, log, sha256, trusted)
    const known = origin === cosigner ? trusted : [...trusted, ...verifierKeys(keys, cosigner)]
    verifications.push(await verifyExport(lines, { sha256, keys: known, keptElsewhere: notes }))
  }
  return verifications
}

/** `keysFrom`: where the public keys came from, because a verdict is worth no more than they are. */
export function verifyOutcome(
  verifications: Verification[],
  keysFrom: 'given' | 'the server' | 'the export itself',
): AuditOutcome {
  const intact = verifications.every(({ faults }) => faults.length === 0)
  return {
    data: { intact, keysFrom, logs: verifications },
    text: [
      ...verifications.flatMap(sentences),
      ...(keysFrom === 'the export itself'
        ? ['The keys are those the export brings: give the ones you had before with --key for a proof.']
        : []),
    ],
    exitCode: intact ? 0 : 1,
  }
}

function sentences(verification: Verification): string[] {
  const { log, entries, checkpoints, coveredTo, cosigned, faults } = verification
  const verdict = faults.length === 0 ? 'intact' : faults.length === 1 ? '1 fault' : `${faults.length} faults`
  const open = entries - coveredTo
  return [
    `${log}: ${entries} entries, ${checkpoints} checkpoints: ${verdict}`,
    ...faults.map(({ says }) => `  ${says}`),
    ...(log === serverLog || cosigned !== undefined
      ? []
      : [`  cosignatures were not checked: give the key of ${cosigner} with --key`]),
    ...(open > 0 && faults.length === 0 ? [`  the last ${open} are under no checkpoint yet`] : []),
  ]
}

/** `garde audit patients …`. `missing`: entries that had no place yet when it was asked (`lag` of the keeper). */
export function patientsOutcome(patients: PatientServed[], missing: number): AuditOutcome {
  const times = (n: number, word: string) => (n > 0 ? [`${word} ${n}×`] : [])
  const when = (at: number) => new Date(at * 1000).toISOString()
  return {
    data: { patients, distinct: patients.length, complete: missing === 0, missing },
    text: [
      ...patients.map(({ patient, opened, listed, written, firstAt, lastAt }) =>
        [
          patient,
          [...times(opened, 'opened'), ...times(listed, 'listed'), ...times(written, 'written')].join(', '),
          `${when(firstAt)} – ${when(lastAt)}`,
        ].join('  '),
      ),
      `${patients.length} distinct ${patients.length === 1 ? 'patient' : 'patients'}`,
      ...(missing > 0 ? [`${missing} entries are not yet in the log: ask again`] : []),
    ],
    exitCode: missing === 0 ? 0 : 1,
  }
}

/** `garde audit verify --proof …`: needs no server, no export and no entry but the one it is about. */
export async function verifyProof(
  sha256: Primitives['sha256'],
  text: string,
  trustedKeys: readonly string[],
): Promise<AuditOutcome> {
  try {
    const proof = proofShape.parse(JSON.parse(text))
    const keys = trustedKeys.map((key) => parseVerifierKey(sha256, key))
    const { holds, says } = await checkProof(sha256, proof, keys)
    return { data: { holds, says, log: proof.log }, text: [says], exitCode: holds ? 0 : 1 }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ZodError || error instanceof NotACheckpoint))
      throw error
    const says = error instanceof NotACheckpoint ? error.message : 'the file holds no proof of an audit log'
    return { data: { error: says }, text: [says], exitCode: 2 }
  }
}
