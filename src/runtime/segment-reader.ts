/** Reads back the durable lines of a spool, forward, for whoever ships them. */

import { isEntry, SegmentDamaged } from '../audit/segment.ts'
import type { SegmentFiles } from './segment-files.ts'
import type { Segment, SegmentWriter } from './segment-writer.ts'

const newline = 10
const chunkBytes = 256 * 1024

/** Between two lines: before the entry of that position, or before checkpoints of that size. */
interface Place {
  segment: Segment
  offset: number
  position: number
}

export class SegmentReader {
  readonly #files: SegmentFiles
  readonly #writer: SegmentWriter
  /** Where the last read stopped, so that a shipper's next one need not search. */
  #place: Place | undefined

  constructor(files: SegmentFiles, writer: SegmentWriter) {
    this.#files = files
    this.#writer = writer
  }

  /** See SpoolSource. */
  async read(first: number, limit: number): Promise<string[]> {
    const place = this.#seek(first)
    const lines: string[] = []
    for (let chunk = await this.#chunk(place); chunk.length > 0; chunk = await this.#chunk(place)) {
      if (take(chunk, place, first, first + limit, lines)) break
    }
    this.#place = place
    return lines
  }

  #seek(first: number): Place {
    if (this.#place?.position === first) return { ...this.#place }
    const segment = this.#writer.segments.findLast((each) => each.first <= first)
    if (!segment) throw new SegmentDamaged(`entries from ${first} on are no longer kept`)
    return { segment, offset: 0, position: segment.first }
  }

  /** Whole lines only; none at the durable end. Turns to the next segment when one is read through. */
  async #chunk(place: Place): Promise<Buffer> {
    for (let length = chunkBytes; ; length *= 2) {
      const current = place.segment === this.#writer.segments.at(-1)
      const limit = current ? this.#writer.bytes - place.offset : length
      const bytes = await this.#files.read(place.segment.name, place.offset, Math.min(length, limit))
      const whole = bytes.lastIndexOf(newline) + 1
      if (whole > 0 || current) return bytes.subarray(0, whole)
      if (bytes.length < length) this.#turn(place, bytes.length)
    }
  }

  #turn(place: Place, torn: number): void {
    const { segments } = this.#writer
    const next = segments[segments.indexOf(place.segment) + 1]
    if (!next || torn > 0 || next.first !== place.position)
      throw new SegmentDamaged(`the audit log file ${place.segment.name} ends too early`)
    place.segment = next
    place.offset = 0
  }
}

/** Moves `place` over the lines of a chunk and keeps those wanted. True when the limit is reached. */
function take(chunk: Buffer, place: Place, first: number, end: number, lines: string[]): boolean {
  for (let start = 0; start < chunk.length;) {
    const stop = chunk.indexOf(newline, start)
    const line = chunk.toString('utf8', start, stop)
    if (isEntry(line) && place.position === end) return true
    if (place.position >= first && !line.startsWith('[')) lines.push(line)
    if (isEntry(line)) place.position++
    place.offset += stop + 1 - start
    start = stop + 1
  }
  return false
}
