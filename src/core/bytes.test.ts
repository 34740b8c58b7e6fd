import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { base64, base64url, concat, fromBase64, fromBase64url, hex, text, utf8 } from './bytes.ts'

const bytes = fc.uint8Array()

test('every spelling comes back', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      expect(fromBase64url(base64url(value))).toEqual(value)
      expect(fromBase64(base64(value))).toEqual(value)
      expect(hex(value)).toHaveLength(value.length * 2)
    }),
  )
})

test('RFC 4648 §10 vectors', () => {
  expect(base64(utf8('foobar'))).toBe('Zm9vYmFy')
  expect(base64url(utf8('fooba'))).toBe('Zm9vYmE')
  expect(hex(utf8('fo'))).toBe('666f')
})

test.each(['a', 'a=', '+/+/', 'Zh', 'Zm9v\n', 'é'])('one value has one name: %j is refused', (value) => {
  expect(() => fromBase64url(value)).toThrow(TypeError)
})

test('bytes that are not UTF-8 are refused, not repaired', () => {
  expect(() => text(Uint8Array.of(0xc3, 0x28))).toThrow(TypeError)
})

test('parts are joined in order', () => {
  expect(concat(utf8('a'), utf8(''), utf8('bc'))).toEqual(utf8('abc'))
})
