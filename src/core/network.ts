/** Where a request comes from, as coarse as its purpose allows: IPv4 /24, IPv6 /48. */

const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** An address as 16 bytes (IPv4 mapped, RFC 4291 §2.5.5.2); undefined for anything that is not one. */
export function parseAddress(address: string): Uint8Array | undefined {
  const mapped = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  const four = ipv4.exec(mapped)
  if (four) {
    const octets = four.slice(1).map(Number)
    if (octets.some((octet) => octet > 255)) return undefined
    return Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...octets])
  }
  return parseIpv6(address.split('%')[0] ?? '')
}

function parseIpv6(address: string): Uint8Array | undefined {
  const halves = address.split('::')
  if (!address.includes(':') || halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (groups.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  )
}

/** `192.0.2.0/24`, `2001:db8:1::/48`, or `unknown`. */
export function networkOf(address: string): string {
  const bytes = parseAddress(address)
  if (!bytes) return 'unknown'
  if (bytes[10] === 255 && bytes[11] === 255) return `${bytes[12]}.${bytes[13]}.${bytes[14]}.0/24`
  const group = (i: number) => (((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16)
  return `${group(0)}:${group(2)}:${group(4)}::/48`
}

/** Is `address` inside one of the blocks (`10.0.0.0/8`, `::1`)? */
export function inBlocks(address: string, blocks: readonly string[]): boolean {
  const bytes = parseAddress(address)
  return bytes !== undefined && blocks.some((block) => inBlock(bytes, block))
}

function inBlock(bytes: Uint8Array, block: string): boolean {
  const [base = '', length] = block.split('/')
  const start = parseAddress(base)
  if (!start) return false
  const bits = length === undefined ? 128 : Number(length) + (base.includes(':') ? 0 : 96)
  for (let bit = 0; bit < bits; bit++) {
    const mask = 128 >> (bit & 7)
    if (((bytes[bit >> 3] ?? 0) & mask) !== ((start[bit >> 3] ?? 0) & mask)) return false
  }
  return true
}

/**
 * The client's address: the peer's, unless the peer is a configured proxy; then the right-most forwarded address that
 * is not itself a configured proxy.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | null | undefined,
  trusted: readonly string[],
): string {
  if (!forwardedFor || !inBlocks(peer, trusted)) return peer
  const hops = forwardedFor.split(',').map((hop) => hop.trim())
  return hops.findLast((hop) => !inBlocks(hop, trusted)) ?? peer
}
