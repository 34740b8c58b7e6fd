/** QR codes (ISO/IEC 18004:2015): byte mode, level M, versions 1 to 15 (412 bytes), drawn as SVG by the server. */

import { html } from 'hono/html'
import { utf8 } from '../core/bytes.ts'
import type { Markup } from './markup.ts'

/** Table 9, level M: check codewords per block, then blocks × data codewords. */
const blockTable: readonly [check: number, ...groups: [blocks: number, data: number][]][] = [
  [10, [1, 16]],
  [16, [1, 28]],
  [26, [1, 44]],
  [18, [2, 32]],
  [24, [2, 43]],
  [16, [4, 27]],
  [18, [4, 31]],
  [22, [2, 38], [2, 39]],
  [22, [3, 36], [2, 37]],
  [26, [4, 43], [1, 44]],
  [30, [1, 50], [4, 51]],
  [22, [6, 36], [2, 37]],
  [22, [8, 37], [1, 38]],
  [24, [4, 40], [5, 41]],
  [24, [5, 41], [5, 42]],
]

/** Annex E: centres of the alignment patterns. */
const alignment: readonly number[][] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
  [6, 30, 54],
  [6, 32, 58],
  [6, 34, 62],
  [6, 26, 46, 66],
  [6, 26, 48, 70],
]

/** Table 10: a module is turned where the condition holds. */
const masks: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => ((r >> 1) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

/** Rows of modules, true is dark. Throws a RangeError beyond 412 bytes. */
export function qrModules(content: string): boolean[][] {
  const bytes = utf8(content)
  const version = blockTable.findIndex((_, at) => bytes.length <= capacity(at + 1)) + 1
  if (version === 0) throw new RangeError('longer than version 15 holds')
  const codewords = interleave(version, dataCodewords(version, bytes))
  const candidates = masks.map((_, mask) => draw(version, codewords, mask))
  return candidates.reduce((best, next) => (penalty(next) < penalty(best) ? next : best))
}

const blocksOf = (version: number) => {
  const [check = 0, ...groups] = blockTable[version - 1] ?? []
  const sizes = groups.flatMap(([blocks, data]) => Array.from({ length: blocks }, () => data))
  return { check, sizes, total: sizes.reduce((sum, size) => sum + size, 0) }
}

const countBits = (version: number): number => (version < 10 ? 8 : 16)
const capacity = (version: number): number => blocksOf(version).total - (countBits(version) === 8 ? 2 : 3)

/** §7.4: mode 0100, length, bytes, terminator, then 0xEC and 0x11 in turn. */
function dataCodewords(version: number, bytes: Uint8Array): number[] {
  const bits: number[] = []
  const push = (value: number, length: number) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1)
  }
  push(0b0100, 4)
  push(bytes.length, countBits(version))
  for (const byte of bytes) push(byte, 8)
  push(0, 4)
  while (bits.length % 8 !== 0) bits.push(0)
  const words: number[] = []
  for (let i = 0; i < bits.length; i += 8)
    words.push(bits.slice(i, i + 8).reduce((word, bit) => (word << 1) | bit, 0))
  const { total } = blocksOf(version)
  for (let pad = 0xec; words.length < total; pad ^= 0xec ^ 0x11) words.push(pad)
  return words
}

/** §7.6: the data of all blocks column by column, then their check words. */
function interleave(version: number, data: number[]): number[] {
  const { check, sizes } = blocksOf(version)
  let at = 0
  const blocks = sizes.map((size) => data.slice(at, (at += size)))
  const checks = blocks.map((block) => remainder(block, check))
  const columns = (rows: number[][]) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, i) =>
      rows.flatMap((row) => row[i] ?? []),
    ).flat()
  return [...columns(blocks), ...columns(checks)]
}

/** GF(2⁸) modulo x⁸+x⁴+x³+x²+1 (§7.5.2). */
function multiply(a: number, b: number): number {
  let product = 0
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    product ^= ((b >> i) & 1) * a
  }
  return product
}

/** Reed–Solomon: the remainder by (x − 2⁰)…(x − 2ⁿ⁻¹). */
function remainder(data: number[], degree: number): number[] {
  let generator = [1]
  for (let i = 0, root = 1; i < degree; i++, root = multiply(root, 2)) {
    const shifted = [...generator, 0]
    generator = shifted.map((value, at) => value ^ multiply(generator[at - 1] ?? 0, root))
  }
  const rest = Array.from({ length: degree }, () => 0)
  for (const word of data) {
    const factor = word ^ (rest.shift() ?? 0)
    rest.push(0)
    for (let i = 0; i < degree; i++) rest[i] = (rest[i] ?? 0) ^ multiply(generator[i + 1] ?? 0, factor)
  }
  return rest
}

function draw(version: number, codewords: number[], mask: number): boolean[][] {
  const size = version * 4 + 17
  const dark = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  const taken = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  const set = (row: number, column: number, value: boolean) => {
    const line = dark[row]
    const marks = taken[row]
    if (!line || !marks || column < 0 || column >= size) return
    line[column] = value
    marks[column] = true
  }
  drawPatterns(version, size, set, (row, column) => taken[row]?.[column] ?? true)
  drawFormat(size, mask, set)
  if (version >= 7) drawVersion(version, size, set)
  drawData(size, codewords, mask, set, (row, column) => taken[row]?.[column] ?? true)
  return dark
}

type Set = (row: number, column: number, value: boolean) => void
type IsTaken = (row: number, column: number) => boolean

/** §6.3: timing lines, three finders with their margin, alignment squares. */
function drawPatterns(version: number, size: number, set: Set, isTaken: IsTaken): void {
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    for (let r = -4; r <= 4; r++)
      for (let c = -4; c <= 4; c++) {
        const ring = Math.max(Math.abs(r), Math.abs(c))
        if (row + r >= 0 && column + c >= 0) set(row + r, column + c, ring !== 2 && ring !== 4)
      }
  const centres = alignment[version - 1] ?? []
  for (const row of centres)
    for (const column of centres)
      if (!isTaken(row, column))
        for (let r = -2; r <= 2; r++)
          for (let c = -2; c <= 2; c++) set(row + r, column + c, Math.max(Math.abs(r), Math.abs(c)) !== 1)
  for (let i = 8; i < size - 8; i++) {
    set(6, i, i % 2 === 0)
    set(i, 6, i % 2 === 0)
  }
}

/** A binary BCH remainder: `value` shifted by the generator's degree, divided by it. */
function bch(value: number, generator: number): number {
  const degree = 31 - Math.clz32(generator)
  let rest = value << degree
  while (rest !== 0 && 31 - Math.clz32(rest) >= degree) rest ^= generator << (31 - Math.clz32(rest) - degree)
  return (value << degree) | rest
}

/** §7.9: level M is 00, then the mask; twice, and one module that is always dark. */
function drawFormat(size: number, mask: number, set: Set): void {
  const bits = bch(mask, 0x537) ^ 0x5412
  const bit = (i: number) => ((bits >> i) & 1) === 1
  for (let i = 0; i < 15; i++) {
    if (i < 6) set(i, 8, bit(i))
    else if (i < 8) set(i + 1, 8, bit(i))
    else set(size - 15 + i, 8, bit(i))
    if (i < 8) set(8, size - 1 - i, bit(i))
    else if (i === 8) set(8, 7, bit(i))
    else set(8, 14 - i, bit(i))
  }
  set(size - 8, 8, true)
}

/** §7.10: eighteen bits beside two finders. */
function drawVersion(version: number, size: number, set: Set): void {
  const bits = bch(version, 0x1f25)
  for (let i = 0; i < 18; i++) {
    const value = ((bits >> i) & 1) === 1
    set(Math.floor(i / 3), size - 11 + (i % 3), value)
    set(size - 11 + (i % 3), Math.floor(i / 3), value)
  }
}

/** §7.7.3: two columns at a time from the right, up and down, stepping over the vertical timing line. */
function drawData(size: number, codewords: number[], mask: number, set: Set, isTaken: IsTaken): void {
  const turned = masks[mask]
  let at = 0
  let upwards = true
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2, upwards = !upwards)
    for (let step = 0; step < size; step++)
      for (const column of [right, right - 1]) {
        const row = upwards ? size - 1 - step : step
        if (isTaken(row, column)) continue
        const bit = ((codewords[at >> 3] ?? 0) >> (7 - (at & 7))) & 1
        at += 1
        set(row, column, (bit === 1) !== (turned?.(row, column) ?? false))
      }
}

/** §7.8.3, rules 1, 2 and 4: long runs, squares, and more of one colour than of the other. */
function penalty(rows: boolean[][]): number {
  const columns = rows.map((_, c) => rows.map((row) => row[c] ?? false))
  const lines = [...rows, ...columns].reduce((sum, line) => sum + runs(line), 0)
  let squares = 0
  for (let r = 1; r < rows.length; r++)
    for (let c = 1; c < rows.length; c++)
      if (new Set([rows[r]?.[c], rows[r - 1]?.[c], rows[r]?.[c - 1], rows[r - 1]?.[c - 1]]).size === 1)
        squares += 3
  const dark = rows.flat().filter(Boolean).length / rows.length ** 2
  return lines + squares + Math.floor(Math.abs(dark - 0.5) * 20) * 10
}

function runs(line: boolean[]): number {
  let sum = 0
  let length = 0
  for (const [at, value] of line.entries()) {
    length = value === line[at - 1] ? length + 1 : 1
    if (length === 5) sum += 3
    else if (length > 5) sum += 1
  }
  return sum
}

/** Always dark on white, with its margin of four: scanners want it so, whatever the page's colours. */
export function qrSvg(content: string, label: string): Markup {
  const rows = qrModules(content)
  const size = rows.length + 8
  const path = rows
    .flatMap((row, r) => row.flatMap((dark, c) => (dark ? [`M${c + 4} ${r + 4}h1v1h-1z`] : [])))
    .join('')
  return html`<svg
    class="qr-code"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${size} ${size}"
    width="${size * 4}"
    height="${size * 4}"
    shape-rendering="crispEdges"
  >
    <rect width="${size}" height="${size}" fill="#fff" />
    <path d="${path}" fill="#000" />
  </svg>`
}
