/**
 * What a person can read to support on the phone: 40 of the request id's 128 bits in Crockford's base 32 (no I, L, O, U),
 * as `K3F7-9QXM`. The log carries the same code, so that a line can be found from it.
 */

import { base64url, fromBase64url } from '../core/bytes.ts'
import type { RequestId } from '../core/ids.ts'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export function supportCode(request: RequestId): string {
  const bytes = fromBase64url(request.slice('req_'.length))
  let bits = 0n
  for (const byte of bytes.subarray(0, 5)) bits = (bits << 8n) | BigInt(byte)
  const letters = Array.from({ length: 8 }, (_, at) => alphabet[Number((bits >> BigInt(35 - at * 5)) & 31n)])
  return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`
}

/** How the id of the request begins that showed this code, as a person reads it out; undefined when it is none. */
export function requestPrefix(read: string): string | undefined {
  const letters = read.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  const values = Array.from(letters, (letter) => alphabet.indexOf(letter))
  if (values.length !== 8 || values.includes(-1)) return undefined
  const bits = values.reduce((sum, value) => (sum << 5n) | BigInt(value), 0n)
  const bytes = Uint8Array.from({ length: 5 }, (_, at) => Number((bits >> BigInt(32 - at * 8)) & 255n))
  // 36 of the 40 bits are whole letters of base64url.
  return `req_${base64url(bytes).slice(0, 6)}`
}
