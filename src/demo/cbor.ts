/** As much CBOR (RFC 8949) as an attestation object needs: integers, byte and text strings, maps. */

export function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([head(3, bytes.length), bytes])
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (value instanceof Map)
    return Buffer.concat([
      head(5, value.size),
      ...[...value].flatMap(([key, item]: [unknown, unknown]) => [cbor(key), cbor(item)]),
    ])
  throw new TypeError(`not encodable here: ${typeof value}`)
}

/** Major type and argument, §3. */
function head(major: number, argument: number): Buffer {
  const type = major << 5
  if (argument < 24) return Buffer.from([type | argument])
  if (argument < 0x100) return Buffer.from([type | 24, argument])
  if (argument < 0x10000) return Buffer.from([type | 25, argument >> 8, argument & 255])
  throw new RangeError('longer than anything an attestation object holds')
}
