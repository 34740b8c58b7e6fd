import { expect, test } from 'vitest'
import { primitives } from '../runtime/primitives.ts'
import { findStep, mintTotpKey, totpAddress, totpCode, totpStep } from './totp.ts'

/** RFC 6238, appendix B: "12345678901234567890", the last six of eight digits. */
const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('RFC 6238 at %i', (at, code) => {
  expect(totpCode(key, totpStep(at))).toBe(code)
})

test('one step before and one after are taken, two are not', () => {
  const now = 1_795_420_800
  const step = totpStep(now)
  const found = (offset: number) => findStep(primitives, key, totpCode(key, step + offset), now)
  expect([-2, -1, 0, 1, 2].map(found)).toEqual([undefined, step - 1, step, step + 1, undefined])
  expect(findStep(primitives, key, '', now)).toBeUndefined()
})

test('a key has 160 bits, and its address carries it to an app', () => {
  expect(mintTotpKey()).toMatch(/^[A-Z2-7]{32}$/)
  expect(totpAddress(key, 'anne@example.org', 'id.example')).toContain(`secret=${key}`)
})
