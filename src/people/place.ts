/**
 * A place in the queue for signing in: kept by the browser, signed for it and for no other, so that a stranger leaves nothing
 * behind. It lapses when nobody looks for a while, and once its turn has come it opens the door for some minutes, for a few
 * tries: places cannot be hoarded and used all at once.
 */

import { z } from 'zod'
import { base64url, fromBase64url, text, utf8 } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import type { KeyEncryptionKey } from '../core/seal.ts'
import { minutes, type Seconds } from '../core/time.ts'
import {
  heaps,
  isServed,
  outlook,
  wasGiven,
  type Pace,
  type SignInQueue,
  type Standing,
} from './sign-in-queue.ts'

export interface Place extends Standing {
  seenAt: Seconds
  /** When its turn had come. */
  openedAt?: Seconds
}

/** How long a place stays without being looked at, and how long it opens the door: typing a password and a code. */
export const placeSeconds = minutes(5)

interface Signing {
  keyEncryptionKey: KeyEncryptionKey
  primitives: Primitives
}

const shape = z.object({
  line: z.union([z.literal('known'), z.int().min(0).max(heaps)]),
  turn: z.number(),
  seenAt: z.int(),
  openedAt: z.int().optional(),
})

const signature = (
  { keyEncryptionKey, primitives }: Signing,
  browserHash: string,
  body: string,
): Uint8Array => primitives.hmacSha256(keyEncryptionKey, utf8(`sign-in place:${browserHash}:${body}`))

/** The cookie's value. */
export function signPlace(signing: Signing, browserHash: string, place: Place): string {
  const body = base64url(utf8(JSON.stringify(place)))
  return `${body}.${base64url(signature(signing, browserHash, body))}`
}

/** Undefined when it was not signed here for this browser. */
export function openPlace(signing: Signing, browserHash: string, cookie: string): Place | undefined {
  const [, body, sent] = /^([\w-]{1,400})\.([\w-]{43})$/.exec(cookie) ?? []
  if (body === undefined || sent === undefined) return undefined
  if (!signing.primitives.equal(utf8(sent), utf8(base64url(signature(signing, browserHash, body)))))
    return undefined
  return shape.parse(JSON.parse(text(fromBase64url(body))))
}

export type Look =
  | { state: 'lapsed' }
  | { state: 'open'; place: Place }
  | { state: 'waiting'; place: Place; ahead: number; waitSeconds: Seconds }

/** Pure. `queue` as it is `now`. */
export function lookAt(place: Place, queue: SignInQueue, pace: Pace, now: Seconds): Look {
  const since = place.openedAt ?? place.seenAt
  if (now >= since + placeSeconds) return { state: 'lapsed' }
  if (place.openedAt !== undefined) return { state: 'open', place }
  if (!wasGiven(queue, place)) return { state: 'lapsed' }
  if (isServed(queue, place)) return { state: 'open', place: { ...place, seenAt: now, openedAt: now } }
  return { state: 'waiting', place: { ...place, seenAt: now }, ...outlook(queue, place, pace) }
}
