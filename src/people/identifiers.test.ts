import { expect, test } from 'vitest'
import { emailShape, finessShape, luhn, nameShape, rppsShape, sirenShape } from './identifiers.ts'

const fits = (shape: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  shape.safeParse(value).success

test.each([
  ['732829320', true],
  ['732829321', false],
  ['0', true],
])('Luhn: %s', (digits, right) => {
  expect(luhn(digits)).toBe(right)
})

test.each([
  [rppsShape, '10003456786', true],
  [rppsShape, '10003456787', false],
  [rppsShape, '1000345678', false],
  [rppsShape, '1000345678a', false],
  [sirenShape, '732829320', true],
  [sirenShape, '732829329', false],
  [finessShape, '750712184', true],
  [finessShape, '2A0000012', true],
  [finessShape, '75071218', false],
  [nameShape, ' Zoé d’Arc ', true],
  [nameShape, 'a\u202Eb', false],
  [nameShape, '  ', false],
])('%#: %s', (shape, value, right) => {
  expect(fits(shape, value)).toBe(right)
})

test('an address has one spelling', () => {
  expect(emailShape.parse('  Anne.Martin@Example.ORG ')).toBe('anne.martin@example.org')
  expect(fits(emailShape, 'anne')).toBe(false)
})
