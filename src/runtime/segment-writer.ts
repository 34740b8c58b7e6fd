/** Writes the lines of a spool: encodes, hashes, grows the tree, signs a checkpoint when one is due, turns the page. */

import { NotACheckpoint, originOf, signCheckpoint, type SignCheckpoint } from '../audit/checkpoint.ts'
import { checkpointLine, headLine, recoverSegment, SegmentDamaged } from '../audit/segment.ts'
import { Tree, type Sha256 } from '../audit/tree.ts'
import { base64url, randomBytes } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import type { Clock } from '../core/time.ts'
import type { SegmentFile, SegmentFiles } from './segment-files.ts'

export interface SegmentOptions {
  files: SegmentFiles
  /** This enforcement point's name; a new log is called after it. */
  node: string
  primitives: Pick<Primitives, 'sha256'>
  clock: Pick<Clock, 'monotonicMs'>
  sign: SignCheckpoint
  segmentBytes: number
}

export interface Segment {
  name: string
  /** Position of its first entry. */
  first: number
}

/** What was found on the disk, or begun there. */
interface Opened {
  log: string
  tree: Tree
  segments: Segment[]
  file: SegmentFile
  bytes: number
  checkpointSize: number
}

const checkpointEveryMs = 1000
const newline = 10
const segmentAt = (first: number): Segment => ({ name: `${String(first).padStart(16, '0')}.log`, first })

/** Takes up what is on the disk, or begins. Throws SegmentDamaged with a sentence that says what to do. */
export async function openSegments(options: SegmentOptions): Promise<SegmentWriter> {
  const names = await options.files.list()
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const opened = await takeUp(options, name, names)
    if (opened) return new SegmentWriter(options, opened)
    await options.files.remove(name)
  }
  const log = `gateway-${options.node}.${base64url(randomBytes(3))}`
  const tree = new Tree(options.primitives.sha256)
  return new SegmentWriter(options, await begin(options, log, tree, []))
}

/** Undefined when the crash came before the head was whole: nothing was acknowledged from that file. */
async function takeUp(
  { files, primitives }: SegmentOptions,
  name: string,
  earlier: string[],
): Promise<Opened | undefined> {
  const found = recover(primitives.sha256, name, await files.readAll(name))
  if (!found) return undefined
  // Also when nothing is torn: what was read here must be on the disk before anything is written behind it.
  await files.cut(name, found.wholeBytes)
  return {
    log: found.log,
    tree: found.end,
    segments: [...earlier, name].map((each) => segmentAt(Number.parseInt(each, 10))),
    file: await files.open(name),
    bytes: found.wholeBytes,
    checkpointSize: found.checkpointSize ?? found.tree.size,
  }
}

function recover(sha256: Sha256, name: string, bytes: Uint8Array) {
  try {
    const found = recoverSegment(sha256, bytes)
    if (found && segmentAt(found.tree.size).name !== name)
      throw new SegmentDamaged('it does not begin where its name says')
    return found
  } catch (error) {
    if (!(error instanceof SegmentDamaged || error instanceof NotACheckpoint)) throw error
    throw new SegmentDamaged(
      `the audit log file ${name} is damaged: ${error.message}. Bring the file back from a copy, or move the audit folder aside: a new log then begins, and verifying shows where the old one ends`,
      { cause: error },
    )
  }
}

async function begin(
  { files }: SegmentOptions,
  log: string,
  tree: Tree,
  earlier: Segment[],
): Promise<Opened> {
  const segment = segmentAt(tree.size)
  const file = await files.open(segment.name)
  const head = Buffer.from(headLine({ log, tree: tree.state() }))
  await file.write(head)
  return {
    log,
    tree,
    segments: [...earlier, segment],
    file,
    bytes: head.length,
    checkpointSize: tree.size,
  }
}

export class SegmentWriter {
  readonly #options: SegmentOptions
  readonly #encoder: LineEncoder
  #opened: Opened
  #durable: number
  #checkpointAtMs: number
  /** A write began and has not ended well. */
  #broken = false

  constructor(options: SegmentOptions, opened: Opened) {
    this.#options = options
    this.#encoder = new LineEncoder(options.primitives.sha256)
    this.#opened = opened
    this.#durable = opened.tree.size
    this.#checkpointAtMs = options.clock.monotonicMs()
  }

  get log(): string {
    return this.#opened.log
  }
  /** Entries on the disk. */
  get size(): number {
    return this.#durable
  }
  /** On the disk and not yet under a checkpoint. */
  get uncovered(): number {
    return this.#durable - this.#opened.checkpointSize
  }
  get segments(): readonly Segment[] {
    return this.#opened.segments
  }
  /** Bytes on the disk of the last segment. */
  get bytes(): number {
    return this.#opened.bytes
  }

  /** Resolves when all lines are durable. One at a time. After a rejection nothing more is written. */
  async write(lines: readonly string[]): Promise<void> {
    if (this.#broken) throw new Error('the disk failed before')
    this.#broken = true
    if (this.#isFull()) await this.#turn()
    for (const line of lines) this.#opened.tree.append(this.#encoder.entry(line))
    const due = this.#options.clock.monotonicMs() - this.#checkpointAtMs >= checkpointEveryMs
    await this.#flush(due)
    this.#broken = false
  }

  /** Writes a last checkpoint when one is wanting; nothing after a failure, when the tree and the disk may differ. */
  async close(): Promise<void> {
    try {
      if (!this.#broken) await this.#flush(true)
    } finally {
      await this.#opened.file.close()
    }
  }

  async removeBelow(position: number, keep: number): Promise<void> {
    const { segments } = this.#opened
    while (segments.length > keep + 1 && (segments[1]?.first ?? Infinity) <= position) {
      const oldest = segments.shift()
      if (oldest) await this.#options.files.remove(oldest.name)
    }
  }

  async #flush(checkpoint: boolean): Promise<void> {
    const { tree, file } = this.#opened
    if (checkpoint && tree.size > this.#opened.checkpointSize) await this.#sign()
    const bytes = this.#encoder.take()
    if (bytes.length > 0) await file.write(bytes)
    this.#opened.bytes += bytes.length
    this.#durable = tree.size
  }

  /** Nothing else is written meanwhile, so the checkpoint lands right behind the last entry it covers. */
  async #sign(): Promise<void> {
    const { tree, log } = this.#opened
    const checkpoint = { origin: originOf(log), size: tree.size, root: tree.root() }
    const note = await signCheckpoint(this.#options.primitives.sha256, this.#options.sign, checkpoint)
    this.#encoder.line(checkpointLine(note))
    this.#opened.checkpointSize = tree.size
    this.#checkpointAtMs = this.#options.clock.monotonicMs()
  }

  /** A segment without an entry is never full: the next would have its name. */
  #isFull(): boolean {
    const first = this.#opened.segments.at(-1)?.first ?? 0
    return this.#opened.bytes >= this.#options.segmentBytes && this.#opened.tree.size > first
  }

  /** A segment ends with a checkpoint, so that the next one's head can be believed. */
  async #turn(): Promise<void> {
    await this.#flush(true)
    const { log, tree, segments, file } = this.#opened
    this.#opened = await begin(this.#options, log, tree, segments)
    await file.close()
  }
}

/** Lines in one reused buffer. An entry is hashed where it lies: the byte before it is zero for that moment (RFC 6962). */
class LineEncoder {
  readonly #sha256: Sha256
  #buffer = Buffer.allocUnsafeSlow(256 * 1024)
  #end = 1

  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  /** Answers the leaf hash. */
  entry(line: string): Uint8Array {
    const start = this.#end
    this.line(line)
    const before = this.#buffer[start - 1] ?? newline
    this.#buffer[start - 1] = 0
    const leaf = this.#sha256(this.#buffer.subarray(start - 1, this.#end))
    this.#buffer[start - 1] = before
    this.#buffer[this.#end++] = newline
    return leaf
  }

  line(text: string): void {
    this.#makeRoom(text.length * 3 + 1)
    this.#end += this.#buffer.write(text, this.#end)
  }

  /** Valid until the next line is added. */
  take(): Uint8Array {
    const bytes = this.#buffer.subarray(1, this.#end)
    this.#end = 1
    return bytes
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}
