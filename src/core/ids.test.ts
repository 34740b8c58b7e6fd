import { expect, test } from 'vitest'
import { mintId, parseId } from './ids.ts'

test('a minted id is parsed as its own kind and no other', () => {
  const practice = mintId('practice')
  expect(practice).toMatch(/^prc_[A-Za-z0-9_-]{22}$/)
  expect(parseId('practice', practice)).toBe(practice)
  expect(() => parseId('practitioner', practice)).toThrow('malformed_id')
})

test.each([undefined, 7, '', 'prc_', `prc_${'a'.repeat(41)}`, 'prc_a/../b', ' prc_abc'])(
  '%j is no practice',
  (value) => {
    expect(() => parseId('practice', value)).toThrow('malformed_id')
  },
)

test('clients may be named by whoever registers them', () => {
  expect(parseId('client', 'records-app')).toBe('records-app')
  expect(() => parseId('client', 'a b')).toThrow('malformed_id')
})
