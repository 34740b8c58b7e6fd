import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, hex, utf8 } from '../core/bytes.ts'
import { primitives } from '../runtime/primitives.ts'
import { leafHash, Tree } from './tree.ts'

const { sha256 } = primitives

/** RFC 6962 §2.1 as written: the definition, not the algorithm. */
function definition(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(utf8(''))
  if (leaves.length === 1) return leaves[0] ?? utf8('')
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(concat(Uint8Array.of(1), definition(leaves.slice(0, split)), definition(leaves.slice(split))))
}

// The reference leaves and roots of Certificate Transparency's own implementation.
const referenceLeaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const referenceRoots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('the roots are those of the reference tree', () => {
  const tree = new Tree(sha256)
  expect(hex(tree.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  referenceLeaves.forEach((leaf, place) => {
    tree.append(sha256(concat(Uint8Array.of(0), Buffer.from(leaf, 'hex'))))
    expect(hex(tree.root())).toBe(referenceRoots[place])
  })
})

test('growing leaf by leaf, with stops to be stored, equals the definition over all leaves', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 70 }), fc.nat(70), (entries, stop) => {
      let tree = new Tree(sha256)
      const leaves = entries.map((entry) => leafHash(sha256, entry))
      leaves.forEach((leaf, place) => {
        if (place === stop) tree = new Tree(sha256, tree.state())
        tree.append(leaf)
      })
      expect(hex(tree.root())).toBe(hex(definition(leaves)))
      expect(tree.size).toBe(entries.length)
    }),
  )
})

test('a leaf is the hash of a zero byte and the entry in UTF-8', () => {
  expect(hex(leafHash(sha256, 'é'))).toBe(hex(sha256(Uint8Array.of(0, 0xc3, 0xa9))))
})

test('a frontier that is not of its size is not taken', () => {
  expect(() => new Tree(sha256, { size: 3, frontier: ['00'.repeat(32)] })).toThrow(TypeError)
  expect(() => new Tree(sha256, { size: 1, frontier: ['zz'.repeat(32)] })).toThrow(TypeError)
  expect(() => new Tree(sha256, { size: -1, frontier: [] })).toThrow(TypeError)
})
