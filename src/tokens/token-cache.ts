/**
 * Tokens whose signature was proven before, by SHA-256 of the token (so that nothing held in memory can be replayed).
 * Two generations instead of a linked list: when the young one is full it becomes the old one, and what was not asked for
 * meanwhile is forgotten. A hit costs one lookup and no reordering.
 */

import type { Primitives } from '../core/ports.ts'
import type { AccessClaims } from './claims.ts'

export interface TokenCache {
  find(token: string): AccessClaims | undefined
  put(token: string, claims: AccessClaims): void
  clear(): void
}

/** Holds `capacity` tokens at most; about 1 KB each. */
export function createTokenCache(primitives: Pick<Primitives, 'digest'>, capacity = 20_000): TokenCache {
  const half = Math.max(1, Math.floor(capacity / 2))
  let young = new Map<string, AccessClaims>()
  let old = new Map<string, AccessClaims>()

  function store(key: string, claims: AccessClaims): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(key, claims)
  }

  return {
    find(token) {
      const key = primitives.digest(token)
      const claims = young.get(key)
      if (claims) return claims
      const older = old.get(key)
      if (older) store(key, older)
      return older
    },
    put: (token, claims) => store(primitives.digest(token), claims),
    clear() {
      young = new Map()
      old = new Map()
    },
  }
}
