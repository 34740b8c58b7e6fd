/** What was shown once, in the memory of one process. Bounded: a full one refuses, because forgetting would let a replay in. */

import { Refusal } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { TakeProof } from './dpop.ts'

const bucketSeconds = 30

/** `capacity`: about 120 bytes each; one is kept two and a half minutes, so 500,000 are 3,300 proofs a second. Refuses `state_unavailable`. */
export function memoryTaken(capacity = 500_000): TakeProof {
  const buckets = new Map<number, Set<string>>()
  let size = 0

  function forget(now: Seconds): void {
    for (const [bucket, hashes] of buckets) {
      if ((bucket + 1) * bucketSeconds > now) continue
      buckets.delete(bucket)
      size -= hashes.size
    }
  }

  return (hash, until, now) => {
    forget(now)
    const bucket = Math.floor(until / bucketSeconds)
    // A proof says one time, so a second showing looks into the same bucket.
    const hashes = buckets.get(bucket) ?? new Set<string>()
    if (hashes.has(hash)) return false
    if (size >= capacity) throw new Refusal('state_unavailable', { cause: 'too many proofs at once' })
    buckets.set(bucket, hashes.add(hash))
    size++
    return true
  }
}
