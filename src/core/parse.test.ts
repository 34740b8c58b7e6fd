import { expect, test } from 'vitest'
import { z } from 'zod'
import { parse, parseParameters } from './parse.ts'
import { Refusal } from './refusal.ts'

test('what does not fit is refused, naming fields and rules but never the values sent', () => {
  const shape = z.strictObject({ name: z.string(), age: z.number() })
  try {
    parse(shape, { name: 'x', age: 'hunter2', extra: 'hunter3' })
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    expect((error as Refusal).reason).toBe('malformed_request')
    expect(JSON.stringify((error as Refusal).detail)).not.toContain('hunter')
  }
})

test('a parameter given twice is refused, whatever its name (RFC 6749 §3.1)', () => {
  expect(() => parseParameters(new URLSearchParams('a=1&a=1'))).toThrow('repeated_parameter')
  expect(() => parseParameters(new URLSearchParams('__proto__=1&__proto__=2'))).toThrow('repeated_parameter')
})

test('NUL is refused', () => {
  expect(() => parseParameters(new URLSearchParams('a=1%00'))).toThrow('malformed_request')
})

test('names of the language itself are ordinary names', () => {
  expect({ ...parseParameters(new URLSearchParams('constructor=1&state=é')) }).toEqual({
    constructor: '1',
    state: 'é',
  })
})
