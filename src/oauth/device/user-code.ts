/**
 * The code a person reads on one device and types on another: RFC 8628 §6.1. Twenty letters that are told apart when read
 * aloud and spell no word; eight of them are 34 bits, which is enough only because guesses are slowed (§5.1).
 */

import { base64url, randomBytes, utf8 } from '../../core/bytes.ts'
import type { Primitives } from '../../core/ports.ts'
import type { KeyEncryptionKey } from '../../core/seal.ts'

const letters = 'BCDFGHJKLMNPQRSTVWXZ'
const length = 8
const shape = new RegExp(`^[${letters}]{${length}}$`)

/** As the device shows it: `WDJB-MJHT`. */
export function mintUserCode(): string {
  const drawn: string[] = []
  while (drawn.length < length)
    // 240 is the largest multiple of 20: what lies above would favour the first letters.
    for (const byte of randomBytes(16)) if (byte < 240) drawn.push(letters[byte % letters.length] as string)
  return shownCode(drawn.slice(0, length).join(''))
}

/** However it was typed: capitals, dashes and spaces mean nothing (§6.1). Undefined when it cannot be one. */
export function readUserCode(typed: string): string | undefined {
  const plain = typed
    .slice(0, 40)
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, '')
  return shape.test(plain) ? shownCode(plain) : undefined
}

const shownCode = (plain: string): string => `${plain.slice(0, 4)}-${plain.slice(4)}`

/** Keyed: so few codes could all be tried against a plain hash by whoever reads the table. */
export const hashUserCode = (
  { primitives, keyEncryptionKey }: { primitives: Primitives; keyEncryptionKey: KeyEncryptionKey },
  code: string,
): string => base64url(primitives.hmacSha256(keyEncryptionKey, utf8(`user-code:${code}`)))
