import { expect, test } from 'vitest'
import { qrModules, qrSvg } from './qr.ts'

const drawn = (content: string): string =>
  qrModules(content)
    .map((row) => row.map((dark) => (dark ? '#' : '.')).join(''))
    .join('\n')

test('a code that an independent reader read (version 1)', () => {
  expect(drawn('Garde')).toMatchInlineSnapshot(`
    "#######..##...#######
    #.....#.#..#..#.....#
    #.###.#.....#.#.###.#
    #.###.#....##.#.###.#
    #.###.#.#.#.#.#.###.#
    #.....#..#..#.#.....#
    #######.#.#.#.#######
    ...........##........
    #.#.#.#..#.#....#..#.
    ##..##.####...#..#.##
    .##.#.##.##.#...#####
    #..#...#.##...#.....#
    .###.##.##..#.#.##.##
    ........#..#.#.#.#.#.
    #######...##.###...##
    #.....#...####.##....
    #.###.#.##.#.###...##
    #.###.#..#....##...#.
    #.###.#.###.#...#.#.#
    #.....#..##...#....#.
    #######.###.#.###..##"
  `)
})

test.each([
  [14, 21],
  [15, 25],
  [106, 41],
  [180, 53],
  [412, 77],
])('%i bytes take %i modules a side', (bytes, size) => {
  expect(qrModules('x'.repeat(bytes))).toHaveLength(size)
})

test('beyond version 15 it says so', () => {
  expect(() => qrModules('x'.repeat(413))).toThrow(RangeError)
})

test('the picture is dark on white, with a margin of four and a name', async () => {
  const svg = String(await qrSvg('Garde', 'Code QR'))
  expect(svg).toContain('viewBox="0 0 29 29"')
  expect(svg).toContain('aria-label="Code QR"')
})
