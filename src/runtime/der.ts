/**
 * ECDSA signatures in the form of JOSE (r ‖ s, RFC 7518 §3.4) and in DER (RFC 3279 §2.2.3: SEQUENCE of two INTEGERs), which
 * is what node:crypto is fast with. Up to P-384 every length is one byte.
 */

export function rawOf(der: Uint8Array, bytes: number): Uint8Array {
  const raw = new Uint8Array(2 * bytes)
  const rEnd = 4 + (der[3] ?? 0)
  raw.set(...rightAligned(der.subarray(4, rEnd), bytes, bytes))
  raw.set(...rightAligned(der.subarray(rEnd + 2), bytes, 2 * bytes))
  return raw
}

/** What to set where, so that the integer ends at `end`; DER puts a zero before a first bit that is set. */
function rightAligned(integer: Uint8Array, bytes: number, end: number): [Uint8Array, number] {
  const digits = integer.subarray(Math.max(0, integer.length - bytes))
  return [digits, end - digits.length]
}

export function derOf(raw: Uint8Array, bytes: number): Uint8Array {
  const r = integerOf(raw.subarray(0, bytes))
  const s = integerOf(raw.subarray(bytes))
  const der = new Uint8Array(6 + r.length + s.length)
  der.set([0x30, 4 + r.length + s.length, 0x02, r.length])
  der.set(r, 4)
  der.set([0x02, s.length], 4 + r.length)
  der.set(s, 6 + r.length)
  return der
}

/** Shortest two's complement of a number that is not negative (X.690 §8.3). */
function integerOf(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  return (digits[0] ?? 0) < 0x80 ? digits : Uint8Array.of(0, ...digits)
}
