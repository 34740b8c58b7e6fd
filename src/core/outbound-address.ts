/**
 * Which addresses may be called because somebody wrote them down: the public ones (IANA special-purpose registries, RFC
 * 6890), so that nobody reaches through us what only we can reach.
 */

import { inBlocks } from './network.ts'

const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
] as const

/** All else is unicast that is assigned to nobody, local, or IPv4 in disguise (mapped, NAT64). */
const global6 = ['2000::/3'] as const

/** Teredo and other protocol assignments, documentation, 6to4. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const

/** Is this, an address and no name, one that anybody on the internet can reach? */
export const isPublicAddress = (address: string): boolean =>
  address.includes(':')
    ? inBlocks(address, global6) && !inBlocks(address, special6)
    : inBlocks(address, ['0.0.0.0/0']) && !inBlocks(address, special4)

/** The host when it is an address by itself: such a one is never resolved. A URL writes 0x7f.1 and 2130706433 as 127.0.0.1. */
export const literalOf = ({ hostname }: URL): string | undefined => {
  if (hostname.startsWith('[')) return hostname.slice(1, -1)
  return /^[\d.]+$/.test(hostname) ? hostname : undefined
}

/**
 * The address, parsed, if it may be called; its name is not resolved yet. `exceptions`: origins that may be anywhere, and
 * without TLS.
 */
export function outboundAddress(
  address: string,
  exceptions: readonly string[],
): { url: URL; excepted: boolean } | undefined {
  if (address.length > 2000 || !URL.canParse(address)) return undefined
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') return undefined
  if (exceptions.includes(url.origin)) return { url, excepted: true }
  const literal = literalOf(url)
  if (url.protocol !== 'https:' || (literal !== undefined && !isPublicAddress(literal))) return undefined
  return { url, excepted: false }
}
