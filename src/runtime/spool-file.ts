/**
 * The audit spool on a disk: group commit over append-only segments, with a Merkle tree of its own and a signed
 * checkpoint every second while it grows. After a failure it refuses until it was opened anew, which it tries every few
 * seconds: what a failed disk holds is known only by reading it.
 */

import { GroupCommit } from '../audit/group-commit.ts'
import type { Slot, Spool, SpoolSource } from '../audit/spool.ts'
import type { Log } from '../core/ports.ts'
import { SegmentReader } from './segment-reader.ts'
import { openSegments, type SegmentOptions, type SegmentWriter } from './segment-writer.ts'

export interface SpoolFileOptions extends Omit<SegmentOptions, 'segmentBytes'> {
  log: Log
  /** Slots held plus entries waiting; beyond it `reserve` refuses. */
  capacity?: number
  segmentBytes?: number
  /** Closed segments kept although everything in them was shipped: an embedded database may lose its last seconds. */
  keepSegments?: number
}

const checkpointEveryMs = 1000
const reopenEveryMs = 5000

export interface FileSpool extends Spool, SpoolSource {
  /** Reads the disk again after a failure and goes on from what is there. Rejects while it cannot. */
  reopen(): Promise<void>
}

/** Rejects with SegmentDamaged when what is on the disk is not what was written: the message is for the operator. */
export async function openSpoolFile(options: SpoolFileOptions): Promise<FileSpool> {
  const segments: SegmentOptions = { ...options, segmentBytes: options.segmentBytes ?? 8 * 1024 * 1024 }
  const spool = new SegmentedSpool(options, segments, await openSegments(segments))
  return spool
}

class SegmentedSpool implements FileSpool {
  readonly #options: SpoolFileOptions
  readonly #segmentOptions: SegmentOptions
  readonly #commit: GroupCommit<string>
  readonly #timers: NodeJS.Timeout[]
  #writer: SegmentWriter
  #reader: SegmentReader
  #reopening: Promise<void> | undefined

  constructor(options: SpoolFileOptions, segmentOptions: SegmentOptions, writer: SegmentWriter) {
    this.#options = options
    this.#segmentOptions = segmentOptions
    this.#writer = writer
    this.#reader = new SegmentReader(options.files, writer)
    this.#commit = new GroupCommit<string>({
      capacity: options.capacity ?? 10_000,
      encode: JSON.stringify,
      commit: (lines) => this.#writer.write(lines),
      soon: setImmediate,
      onFailure: (error) =>
        options.log('error', 'audit log failed', { log: writer.log, error: String(error) }),
      stopsOnFailure: true,
    })
    this.#timers = [
      setInterval(() => this.#checkpoint(), checkpointEveryMs).unref(),
      setInterval(() => void this.#tryAgain(), reopenEveryMs).unref(),
    ]
  }

  get log(): string {
    return this.#writer.log
  }
  size(): number {
    return this.#writer.size
  }
  reserve(): Slot {
    return this.#commit.reserve()
  }
  read(first: number, limit: number): Promise<string[]> {
    return this.#reader.read(first, limit)
  }
  release(below: number): Promise<void> {
    return this.#writer.removeBelow(below, this.#options.keepSegments ?? 8)
  }

  /** One at a time: two writers on one file would cut each other's lines. */
  reopen(): Promise<void> {
    this.#reopening ??= this.#openAgain().finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  async #openAgain(): Promise<void> {
    if (!this.#commit.failed) return
    await this.#writer.close()
    this.#writer = await openSegments(this.#segmentOptions)
    this.#reader = new SegmentReader(this.#options.files, this.#writer)
    this.#commit.reopen()
    this.#options.log('info', 'audit log is open again', { log: this.log, size: this.size() })
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#reopening?.catch((error: unknown) => this.#cannotOpen(error))
    await this.#commit.close()
    await this.#writer.close()
  }

  /** Also when nothing arrives any more, so that the last second is covered. */
  #checkpoint(): void {
    if (this.#writer.uncovered > 0 && !this.#commit.failed) this.#commit.nudge()
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.reopen()
    } catch (error) {
      this.#cannotOpen(error)
    }
  }

  #cannotOpen(error: unknown): void {
    this.#options.log('error', 'audit log cannot be opened', { log: this.log, error: String(error) })
  }
}
