/** Bytes and their spellings. Web standards only: `toBase64` is missing in Node 24, so base64url goes through `btoa`. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

/** Throws a TypeError on bytes that are not UTF-8. */
export const text = (bytes: Uint8Array): string => decoder.decode(bytes)

export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Base64url without padding (RFC 4648 §5, RFC 7515 §2). */
export const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Throws a TypeError on anything but the canonical spelling, so that one value has one name. */
export function fromBase64url(value: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(value)) throw new TypeError('expected base64url')
  const bytes = fromBase64(value.replaceAll('-', '+').replaceAll('_', '/'))
  if (base64url(bytes) !== value) throw new TypeError('expected canonical base64url')
  return bytes
}

export function fromBase64(value: string): Uint8Array<ArrayBuffer> {
  let binary: string
  try {
    binary = atob(value)
  } catch {
    throw new TypeError('expected base64')
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

export function hex(bytes: Uint8Array): string {
  let digits = ''
  for (const byte of bytes) digits += pairs[byte] as string
  return digits
}
const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Cryptographically random. */
export const randomBytes = (size: number): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(size))
