/**
 * Is a log what it was? Pure over the lines of an export: it needs the export, the public keys and, against truncation,
 * any checkpoint kept elsewhere. Every fault is named by position. What the cryptography can say: an entry that differs
 * from its leaf hash is named exactly; where both were changed together, the fault lies between the last checkpoint that
 * agrees and the first that does not, and that span is named.
 */

import { z } from 'zod'
import { hex } from '../core/bytes.ts'
import {
  cosigner,
  isCosigned,
  isSigned,
  NotACheckpoint,
  originOf,
  parseCheckpoint,
  type SignedCheckpoint,
  type VerifierKey,
} from './checkpoint.ts'
import { exportFormat, type ExportedEntry, type ExportHead } from './export.ts'
import { leafHash, parseHash, Tree, type Sha256 } from './tree.ts'

export interface Fault {
  kind:
    | 'edit'
    | 'gap'
    | 'reorder'
    | 'truncation'
    | 'rewritten'
    | 'columns'
    | 'checkpoint'
    | 'cosignature'
    | 'malformed'
  /** Position of the first entry concerned. */
  from: number
  /** Position of the last one. */
  to: number
  /** A sentence. */
  says: string
}

export interface Verification {
  log: string
  entries: number
  /** Checkpoints that are signed and agree with the entries, those kept elsewhere included. */
  checkpoints: number
  /** Entries from this position on are under no checkpoint yet: nothing vouches for them. */
  coveredTo: number
  /** Of a gateway's log: checkpoints the server cosigned. Absent where no key of the server was given to check it by. */
  cosigned?: number
  /** Hex; of the entries as they are. Absent when a gap leaves no tree to speak of. */
  root?: string
  faults: Fault[]
}

export interface VerifyOptions {
  sha256: Sha256
  /** Of the log itself, and for a gateway's log of `garde/server`, which cosigns. */
  keys: readonly VerifierKey[]
  /** Signed notes of this log that were kept elsewhere. */
  keptElsewhere?: readonly string[]
}

/** The lines are no export at all. */
export class NotAnExport extends Error {
  override readonly name = 'NotAnExport'
}

/** Throws NotAnExport; everything else wrong is a fault in the answer. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions,
): Promise<Verification> {
  let verifier: Verifier | undefined
  for await (const line of lines) {
    if (line === '') continue
    if (verifier) await verifier.take(line)
    else verifier = new Verifier(parseHead(line).log, options)
  }
  if (!verifier) throw new NotAnExport('the file is empty')
  return verifier.finish()
}

export function parseHead(line: string): ExportHead {
  const head = parseJson(line) as Partial<ExportHead> | undefined
  if (head?.export !== exportFormat || typeof head.log !== 'string')
    throw new NotAnExport(`the first line is not the head of a ${exportFormat}`)
  return { export: exportFormat, log: head.log, keys: Array.isArray(head.keys) ? head.keys : [] }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** An entry whose text is not what its leaf hash says. */
interface Edit {
  index: number
  leaf: string
  actual: string
}

class Verifier {
  readonly #log: string
  readonly #options: VerifyOptions
  readonly #faults: Fault[] = []
  readonly #edits: Edit[] = []
  readonly #elsewhere: SignedCheckpoint[] = []
  /** Undefined from the first gap on: roots of what is missing cannot be worked out. */
  #tree: Tree | undefined
  #next = 0
  #checkpoints = 0
  #coveredTo = 0
  #rewritten = false
  #cosigned = 0
  #ready: Promise<void>

  constructor(log: string, options: VerifyOptions) {
    this.#log = log
    this.#options = options
    this.#tree = new Tree(options.sha256)
    this.#ready = this.#takeElsewhere(options.keptElsewhere ?? [])
  }

  async take(line: string): Promise<void> {
    await this.#ready
    const value = parseJson(line) as Record<string, unknown> | undefined
    if (typeof value?.['checkpoint'] === 'string') await this.#takeNote(value['checkpoint'])
    else if (isEntryLine(value)) this.#takeEntry(value)
    else
      this.#fault(
        'malformed',
        this.#next,
        this.#next,
        `the line at position ${this.#next} is no entry and no checkpoint`,
      )
  }

  async finish(): Promise<Verification> {
    await this.#ready
    this.#nameEdits()
    const missing = Math.max(0, ...this.#elsewhere.map(({ size }) => size))
    if (missing > this.#next)
      this.#fault(
        'truncation',
        this.#next,
        missing - 1,
        `entries ${this.#next} to ${missing - 1} are missing at the end: a checkpoint over ${missing} entries exists`,
      )
    return {
      log: this.#log,
      entries: this.#next,
      checkpoints: this.#checkpoints,
      coveredTo: this.#coveredTo,
      ...(this.#checksCosignatures() && { cosigned: this.#cosigned }),
      ...(this.#tree && { root: hex(this.#tree.root()) }),
      faults: this.#faults.toSorted((a, b) => a.from - b.from),
    }
  }

  #takeEntry({ index, leaf, entry, differs }: ExportedEntry): void {
    if (index < this.#next) {
      this.#fault(
        'reorder',
        index,
        this.#next - 1,
        `entry ${index} comes again, after entry ${this.#next - 1}`,
      )
      return
    }
    if (index > this.#next) {
      this.#fault('gap', this.#next, index - 1, `${span(this.#next, index - 1)} missing`)
      this.#tree = undefined
    }
    const actual = hex(leafHash(this.#options.sha256, entry))
    if (actual !== leaf) this.#edits.push({ index, leaf, actual })
    else if (differs)
      this.#fault(
        'columns',
        index,
        index,
        `entry ${index} is filed under another ${differs.join(', ')} than it says`,
      )
    this.#tree?.append(parseHash(leaf))
    this.#next = index + 1
    for (const checkpoint of this.#elsewhere) if (checkpoint.size === this.#next) this.#compare(checkpoint)
  }

  async #takeNote(note: string): Promise<void> {
    const checkpoint = await this.#parseNote(note, 'the checkpoint')
    if (!checkpoint) return
    await this.#checkCosignature(checkpoint)
    if (checkpoint.size === this.#next) this.#compare(checkpoint)
    else if (checkpoint.size > this.#next) this.#elsewhere.push(checkpoint)
    else
      this.#fault(
        'checkpoint',
        checkpoint.size,
        this.#next - 1,
        `the checkpoint over ${checkpoint.size} entries comes after entry ${this.#next - 1}`,
      )
  }

  #checksCosignatures(): boolean {
    return originOf(this.#log) !== cosigner && this.#options.keys.some(({ name }) => name === cosigner)
  }

  /** What a gateway signed alone was never seen by the server, which compares before it cosigns. */
  async #checkCosignature(checkpoint: SignedCheckpoint): Promise<void> {
    if (!this.#checksCosignatures()) return
    if (await isCosigned(this.#options.sha256, checkpoint, this.#options.keys)) {
      this.#cosigned++
      return
    }
    const claimed = checkpoint.signatures.some(({ name }) => name === cosigner)
    const says = claimed
      ? `the checkpoint over ${checkpoint.size} entries carries a cosignature that is not the server's`
      : `the checkpoint over ${checkpoint.size} entries was not cosigned by the server`
    this.#fault('cosignature', checkpoint.size, checkpoint.size, says)
  }

  async #takeElsewhere(notes: readonly string[]): Promise<void> {
    for (const note of notes) {
      const checkpoint = await this.#parseNote(note, 'the checkpoint kept elsewhere')
      if (checkpoint) this.#elsewhere.push(checkpoint)
    }
  }

  async #parseNote(note: string, what: string): Promise<SignedCheckpoint | undefined> {
    const at = this.#next
    try {
      const checkpoint = parseCheckpoint(note)
      if (checkpoint.origin !== originOf(this.#log)) {
        this.#fault('checkpoint', at, at, `${what} is of another log, ${checkpoint.origin}`)
        return undefined
      }
      if (await isSigned(this.#options.sha256, checkpoint, this.#options.keys)) return checkpoint
      this.#fault(
        'checkpoint',
        at,
        at,
        `${what} over ${checkpoint.size} entries is not signed by a known key`,
      )
    } catch (error) {
      if (!(error instanceof NotACheckpoint)) throw error
      this.#fault('checkpoint', at, at, `${what} behind entry ${at - 1} is not one: ${error.message}`)
    }
    return undefined
  }

  /** Roots after the first that differs differ too, and say nothing new. */
  #compare({ size, root }: SignedCheckpoint): void {
    if (!this.#tree || this.#rewritten) return
    if (hex(this.#tree.root()) === hex(root)) {
      this.#checkpoints++
      this.#coveredTo = size
      return
    }
    this.#rewritten = true
    const from = this.#coveredTo
    this.#fault(
      'rewritten',
      from,
      size - 1,
      `${span(from, size - 1)} not what was signed: the checkpoint over ${size} entries disagrees, the one over ${from} agreed`,
    )
  }

  /** Two entries that changed places are named as such. */
  #nameEdits(): void {
    const places = new Map(this.#edits.map((edit) => [edit.leaf, edit.index]))
    for (const { index, actual } of this.#edits) {
      const belongs = places.get(actual)
      if (belongs === undefined) this.#fault('edit', index, index, `entry ${index} was changed`)
      else this.#fault('reorder', index, index, `entry ${index} is the one that belongs at ${belongs}`)
    }
  }

  #fault(kind: Fault['kind'], from: number, to: number, says: string): void {
    this.#faults.push({ kind, from, to, says })
  }
}

const span = (from: number, to: number): string =>
  from === to ? `entry ${from} is` : `entries ${from} to ${to} are`

const entryShape = z.object({
  index: z.int().min(0),
  leaf: z.string().regex(/^[\da-f]{64}$/),
  entry: z.string(),
  differs: z.array(z.string()).optional(),
})
const isEntryLine = (value: unknown): value is ExportedEntry => entryShape.safeParse(value).success
