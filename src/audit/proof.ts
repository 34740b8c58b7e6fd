/**
 * Proofs over the tree of a log (RFC 9162 §2.1.3 and §2.1.4, which repeat RFC 6962): that an entry is in it, and that a
 * later tree goes on from an earlier one. Whoever holds a checkpoint checks them without the entries of others. Pure.
 */

import { concat, hex } from '../core/bytes.ts'
import { Tree, type Sha256 } from './tree.ts'

/** Entries from `from` up to, and without, `to`; a proof is the roots of such spans. */
export interface Span {
  from: number
  to: number
}

/** RFC 9162 §2.1.3.1, PATH: nearest sibling first. Throws a RangeError when the entry is not in the tree. */
export function inclusionSpans(index: number, size: number): Span[] {
  if (!(index >= 0 && index < size)) throw new RangeError('no such entry')
  return path(index, { from: 0, to: size })
}

function path(index: number, { from, to }: Span): Span[] {
  if (to - from === 1) return []
  const middle = from + splitOf(to - from)
  return index < middle
    ? [...path(index, { from, to: middle }), { from: middle, to }]
    : [...path(index, { from: middle, to }), { from, to: middle }]
}

/** RFC 9162 §2.1.4.1, PROOF. Throws a RangeError unless 0 < first ≤ second. */
export function consistencySpans(first: number, second: number): Span[] {
  if (!(first > 0 && first <= second))
    throw new RangeError('the first tree is empty or larger than the second')
  return subproof(first, { from: 0, to: second }, true)
}

/** `known`: the verifier has this span's root as that of the first tree. */
function subproof(end: number, { from, to }: Span, known: boolean): Span[] {
  if (end === to) return known ? [] : [{ from, to }]
  const middle = from + splitOf(to - from)
  return end <= middle
    ? [...subproof(end, { from, to: middle }, known), { from: middle, to }]
    : [...subproof(end, { from: middle, to }, false), { from, to: middle }]
}

/** The largest power of two below `size`; sizes pass 2^31, so no bit operators. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/** Roots of spans that do not overlap, from leaf hashes in order, each read once and none kept. */
export async function rootsOf(
  sha256: Sha256,
  spans: readonly Span[],
  leaves: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array[]> {
  const inOrder = spans
    .map((span) => ({ span, tree: new Tree(sha256) }))
    .toSorted((a, b) => a.span.from - b.span.from)
  let place = 0
  let index = 0
  for await (const leaf of leaves) {
    while (place < inOrder.length && index >= (inOrder[place]?.span.to ?? 0)) place++
    const current = inOrder[place]
    if (current && index >= current.span.from) current.tree.append(leaf)
    index++
  }
  const roots = new Map(inOrder.map(({ span, tree }) => [span, tree.root()]))
  return spans.map((span) => roots.get(span) ?? new Uint8Array())
}

export interface Inclusion {
  index: number
  size: number
  leaf: Uint8Array
  path: readonly Uint8Array[]
}

/** RFC 9162 §2.1.3.2. */
export function includes(
  sha256: Sha256,
  { index, size, leaf, path: hashes }: Inclusion,
  root: Uint8Array,
): boolean {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return false
  let [node, last, reached] = [index, size - 1, leaf]
  for (const hash of hashes) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      reached = join(sha256, hash, reached)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else reached = join(sha256, reached, hash)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && hex(reached) === hex(root)
}

export interface TreeHead {
  size: number
  root: Uint8Array
}

/** RFC 9162 §2.1.4.2. An empty first tree proves nothing, so it is no. */
export function goesOn(
  sha256: Sha256,
  first: TreeHead,
  second: TreeHead,
  hashes: readonly Uint8Array[],
): boolean {
  if (!(Number.isSafeInteger(first.size) && first.size > 0 && first.size <= second.size)) return false
  if (first.size === second.size) return hashes.length === 0 && hex(first.root) === hex(second.root)
  const [start, ...rest] = isPowerOfTwo(first.size) ? [first.root, ...hashes] : hashes
  if (!start) return false
  let [node, last] = [first.size - 1, second.size - 1]
  while (isOdd(node)) [node, last] = [half(node), half(last)]
  let [before, after] = [start, start]
  for (const hash of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      before = join(sha256, hash, before)
      after = join(sha256, hash, after)
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)]
    } else after = join(sha256, after, hash)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && hex(before) === hex(first.root) && hex(after) === hex(second.root)
}

const join = (sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(1), left, right))
const isOdd = (n: number): boolean => n % 2 === 1
const half = (n: number): number => Math.floor(n / 2)
const isPowerOfTwo = (n: number): boolean => n === splitOf(n + 1)
