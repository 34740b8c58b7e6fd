import { expect, test } from 'vitest'
import { primitives } from '../runtime/primitives.ts'
import type { AccessClaims } from './claims.ts'
import { createTokenCache } from './token-cache.ts'

const claims = (jti: string) => ({ jti }) as AccessClaims

test('what is asked for stays, what is not asked for goes, and there are never more than the capacity', () => {
  const cache = createTokenCache(primitives, 4)
  for (let n = 0; n < 100; n++) {
    cache.put(`t${n}`, claims(`j${n}`))
    expect(cache.find('t0')?.jti).toBe('j0')
  }
  const kept = Array.from({ length: 100 }, (_, n) => cache.find(`t${n}`)).filter(Boolean)
  expect(kept.length).toBeLessThanOrEqual(4)
  cache.clear()
  expect(cache.find('t0')).toBeUndefined()
})
