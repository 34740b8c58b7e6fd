/** Colour pairs of the style sheet, computed: WCAG 2.2 §1.4.3 (text 4.5:1) and §1.4.11 (controls and focus 3:1). */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const sheet = readFileSync(new URL('assets/garde.css', import.meta.url), 'utf8')

const tokens = (block: string) =>
  Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name, value]) => [name, value]),
  )
const roots = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map(([, block]) => tokens(block ?? ''))
const light = roots[0] ?? {}
const schemes = { light, dark: { ...light, ...roots[1] } }

const texts = [
  [
    'ink',
    ['paper', 'surface', 'sunken', 'accent-soft', 'danger-soft', 'caution-soft', 'good-soft', 'info-soft'],
  ],
  [
    'ink-soft',
    ['paper', 'surface', 'sunken', 'accent-soft', 'info-soft', 'danger-soft', 'caution-soft', 'good-soft'],
  ],
  ['accent', ['paper', 'surface', 'sunken', 'info-soft', 'danger-soft']],
  ['accent-strong', ['paper', 'surface', 'sunken']],
  ['on-accent', ['accent', 'accent-strong']],
  ['on-danger', ['danger']],
  ['danger', ['surface', 'paper', 'danger-soft']],
  ['caution', ['surface', 'caution-soft']],
  ['good', ['surface', 'good-soft']],
  ['info', ['surface', 'info-soft']],
] as const
const shapes = [
  ['line-strong', ['paper', 'surface']],
  ['focus', ['paper', 'surface', 'sunken']],
  ['spark', ['surface', 'paper']],
] as const

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

const tooWeak = (pairs: typeof texts | typeof shapes, floor: number) =>
  Object.entries(schemes).flatMap(([scheme, colours]) =>
    pairs.flatMap(([front, grounds]) =>
      grounds
        .map((ground) => ({ ground, ratio: contrast(colours[front] ?? '', colours[ground] ?? '') }))
        .filter(({ ratio }) => !(ratio >= floor))
        .map(({ ground, ratio }) => `${scheme}: ${front} on ${ground} is ${ratio.toFixed(2)}`),
    ),
  )

test('text reaches 4.5:1 on every ground it stands on, light and dark', () => {
  expect(tooWeak(texts, 4.5)).toEqual([])
})

test('borders of controls, focus and marks reach 3:1', () => {
  expect(tooWeak(shapes, 3)).toEqual([])
})

test('the sheet fetches nothing', () => {
  expect(sheet).not.toMatch(/url\(|@import/)
})
