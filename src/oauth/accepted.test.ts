import { expect, test } from 'vitest'
import { refusals, type RefusalRow } from '../core/refusal.ts'

test('every refusal that a client may be told of keeps to the characters of RFC 6749 §4.1.2.1', () => {
  const told = Object.entries<RefusalRow>(refusals).filter(([, { oauth }]) => oauth !== undefined)
  const outside = told.filter(([, { oauth = '', en }]) => !/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(oauth + en))
  expect(outside.map(([reason]) => reason)).toEqual([])
})
