/**
 * The Merkle tree of RFC 6962 §2.1 with SHA-256, grown leaf by leaf. Only the frontier is held: the roots of its perfect
 * subtrees, at most one per bit of the size. Pure and synchronous: it is on the hot path.
 */

import { hex } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'

export type Sha256 = Primitives['sha256']

/** SHA-256(0x00 ‖ entry). */
export const leafHash = (sha256: Sha256, entry: string): Uint8Array => sha256(`\0${entry}`)

/** What the database or a file keeps of a tree. `frontier`: hex, largest subtree first. */
export interface TreeState {
  size: number
  frontier: string[]
}

export const emptyTree: TreeState = { size: 0, frontier: [] }

export class Tree {
  readonly #sha256: Sha256
  /** By level; present where that bit of the size is set. */
  readonly #subtrees: (Uint8Array | undefined)[] = []
  /** 0x01 ‖ left ‖ right, reused. */
  readonly #node = Uint8Array.of(1, ...new Uint8Array(64))
  #size: number

  /** Throws a TypeError when the frontier is not that of a tree of this size. */
  constructor(sha256: Sha256, state: TreeState = emptyTree) {
    this.#sha256 = sha256
    this.#size = state.size
    const levels = levelsOf(state.size)
    if (levels.length !== state.frontier.length) throw new TypeError('frontier and size of the tree disagree')
    levels.forEach((level, place) => {
      this.#subtrees[level] = parseHash(state.frontier[place] ?? '')
    })
  }

  get size(): number {
    return this.#size
  }

  append(leaf: Uint8Array): void {
    let carried = leaf
    let level = 0
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      carried = this.#join(this.#subtrees[level] ?? leaf, carried)
      this.#subtrees[level] = undefined
      level++
    }
    this.#subtrees[level] = carried
    this.#size++
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined
    for (const subtree of this.#subtrees) {
      if (subtree) root = root ? this.#join(subtree, root) : subtree
    }
    return root ?? this.#sha256('')
  }

  state(): TreeState {
    const frontier = this.#subtrees.filter((subtree) => subtree !== undefined).map(hex)
    return { size: this.#size, frontier: frontier.toReversed() }
  }

  #join(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#node.set(left, 1)
    this.#node.set(right, 33)
    return this.#sha256(this.#node)
  }
}

/** The bits set in `size`, highest first; sizes pass 2^31, so no bit operators. */
function levelsOf(size: number): number[] {
  if (!Number.isSafeInteger(size) || size < 0) throw new TypeError('expected the size of a tree')
  const levels: number[] = []
  for (let level = 0, rest = size; rest > 0; rest = Math.floor(rest / 2), level++) {
    if (rest % 2 === 1) levels.unshift(level)
  }
  return levels
}

/** 64 hexadecimal digits. Throws a TypeError. */
export function parseHash(value: string): Uint8Array {
  if (!/^[\da-f]{64}$/.test(value)) throw new TypeError('expected a SHA-256 in hexadecimal')
  return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
