/**
 * The passages open now. Not a Set: V8 links each table a Set has outgrown to the next, and the first of them that was
 * moved to the old space keeps all that follow alive, with every call in them, through one young collection after another.
 */

import type { Passage } from './passage.ts'

export class OpenPassages {
  readonly #passages: Passage[] = []

  add(passage: Passage): void {
    passage.place = this.#passages.push(passage) - 1
  }

  /** False when it was not open any more. */
  delete(passage: Passage): boolean {
    const { place } = passage
    if (place < 0) return false
    passage.place = -1
    const last = this.#passages.pop()
    if (last && last !== passage) {
      this.#passages[place] = last
      last.place = place
    }
    return true
  }

  /** After the snapshot was swapped. Backwards, because one that is cut leaves, and the last takes its place. */
  judge(): void {
    for (let at = this.#passages.length - 1; at >= 0; at--) this.#passages[at]?.judge()
  }
}
