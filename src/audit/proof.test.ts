import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, hex } from '../core/bytes.ts'
import { primitives } from '../runtime/primitives.ts'
import { consistencySpans, goesOn, includes, inclusionSpans, rootsOf } from './proof.ts'
import { leafHash, Tree } from './tree.ts'

const { sha256 } = primitives

// Leaves and proofs of Certificate Transparency's reference implementation.
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((text) => sha256(concat(Uint8Array.of(0), Buffer.from(text, 'hex'))))

const a = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'
const b = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e'
const c = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4'
const d = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'
const e = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0'
const f = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'
const g = 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'
const h = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'
const i = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a'

const rootOf = (hashes: Uint8Array[]): Uint8Array => {
  const tree = new Tree(sha256)
  for (const leaf of hashes) tree.append(leaf)
  return tree.root()
}

test.each([
  [0, 1, []],
  [0, 8, [a, b, c]],
  [5, 8, [d, e, f]],
  [2, 3, [g]],
  [1, 5, [h, b, d]],
])('the path of entry %i in a tree of %i is the reference’s', async (index, size, expected) => {
  const roots = await rootsOf(sha256, inclusionSpans(index, size), leaves.slice(0, size))
  expect(roots.map(hex)).toEqual(expected)
})

test.each([
  [1, 1, []],
  [1, 8, [a, b, c]],
  [6, 8, [i, e, f]],
  [2, 5, [b, d]],
])('the proof from %i to %i is the reference’s', async (first, second, expected) => {
  const roots = await rootsOf(sha256, consistencySpans(first, second), leaves.slice(0, second))
  expect(roots.map(hex)).toEqual(expected)
})

const sized = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)))
const entries = Array.from({ length: 70 }, (_, n) => leafHash(sha256, String(n)))
const changed = (hash: Uint8Array): Uint8Array => hash.with(0, (hash[0] ?? 0) ^ 1)

test('every entry of every tree is proven, and with anything changed it is not', async () => {
  await fc.assert(
    fc.asyncProperty(sized, fc.nat(8), async ([size, index], at) => {
      const all = entries.slice(0, size)
      const path = await rootsOf(sha256, inclusionSpans(index, size), all)
      const leaf = entries[index] ?? new Uint8Array()
      const proof = { index, size, leaf, path }
      const root = rootOf(all)
      expect(includes(sha256, proof, root)).toBe(true)
      expect(includes(sha256, { ...proof, leaf: changed(leaf) }, root)).toBe(false)
      expect(includes(sha256, proof, changed(root))).toBe(false)
      expect(includes(sha256, { ...proof, path: [...path, root] }, root)).toBe(false)
      expect(includes(sha256, { ...proof, index: size }, root)).toBe(false)
      if (size === 1) return
      const place = at % path.length
      expect(includes(sha256, { ...proof, path: path.with(place, changed(path[place] ?? root)) }, root)).toBe(
        false,
      )
      expect(includes(sha256, { ...proof, path: path.slice(1) }, root)).toBe(false)
      expect(includes(sha256, { ...proof, index: (index + 1) % size }, root)).toBe(false)
    }),
  )
})

test('every tree goes on from every earlier one, and from no other', async () => {
  await fc.assert(
    fc.asyncProperty(sized, fc.nat(8), async ([size, before], at) => {
      const first = before + 1
      const all = entries.slice(0, size)
      const earlier = { size: first, root: rootOf(entries.slice(0, first)) }
      const later = { size, root: rootOf(all) }
      const hashes = await rootsOf(sha256, consistencySpans(first, size), all)
      expect(goesOn(sha256, earlier, later, hashes)).toBe(true)
      expect(goesOn(sha256, { ...earlier, root: changed(earlier.root) }, later, hashes)).toBe(false)
      expect(goesOn(sha256, earlier, { ...later, root: changed(later.root) }, hashes)).toBe(false)
      expect(goesOn(sha256, earlier, later, [...hashes, later.root])).toBe(false)
      if (first === size) return
      const place = at % hashes.length
      const forged = hashes.with(place, changed(hashes[place] ?? later.root))
      expect(goesOn(sha256, earlier, later, forged)).toBe(false)
      expect(goesOn(sha256, earlier, later, hashes.slice(1))).toBe(false)
    }),
  )
})

test('an empty tree proves nothing, and an entry beyond the end has no path', () => {
  const root = rootOf([])
  expect(goesOn(sha256, { size: 0, root }, { size: 1, root: leaves[0] ?? root }, [])).toBe(false)
  expect(() => consistencySpans(0, 3)).toThrow(RangeError)
  expect(() => consistencySpans(4, 3)).toThrow(RangeError)
  expect(() => inclusionSpans(3, 3)).toThrow(RangeError)
  expect(() => inclusionSpans(-1, 3)).toThrow(RangeError)
})
