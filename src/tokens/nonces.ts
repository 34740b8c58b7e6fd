/**
 * Nonces for proofs (RFC 9449 §8, §9) without a table: an HMAC over a step of time. Whoever knows the key makes and
 * accepts the same ones; each is good for 150 to 300 s. They are told to anybody who asks, so comparing them is no secret.
 */

import { base64url, utf8 } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import type { Seconds } from '../core/time.ts'

export interface Nonces {
  /** For the next proof. */
  current(now: Seconds): string
  isFresh(nonce: string | undefined, now: Seconds): boolean
}

const stepSeconds = 150

export function createNonces({ hmacSha256 }: Pick<Primitives, 'hmacSha256'>, key: Uint8Array): Nonces {
  const kept = new Map<number, string>()

  function ofStep(step: number): string {
    const known = kept.get(step)
    if (known !== undefined) return known
    const made = base64url(hmacSha256(key, utf8(`dpop nonce ${step}`)).subarray(0, 16))
    if (kept.size > 2) kept.clear()
    kept.set(step, made)
    return made
  }

  const stepAt = (now: Seconds) => Math.floor(now / stepSeconds)
  return {
    current: (now) => ofStep(stepAt(now)),
    isFresh: (nonce, now) =>
      nonce !== undefined && (nonce === ofStep(stepAt(now)) || nonce === ofStep(stepAt(now) - 1)),
  }
}
