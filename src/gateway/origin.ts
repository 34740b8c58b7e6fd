/** Where a call comes from: the peer, unless it is a configured proxy. What the upstream hears of it is always rebuilt. */

import { clientAddress, networkOf } from '../core/network.ts'

export interface Origin {
  /** IPv4 /24, IPv6 /48. */
  network: string
  /** Forwarded (RFC 7239) and its X- forms. */
  headers: readonly string[]
}

const remembered = 10_000

/** Worked out once per address. */
export function createOrigins(
  publicOrigin: string,
  trusted: readonly string[],
): (peer: string, forwardedFor: string | undefined) => Origin {
  const { protocol, host } = new URL(publicOrigin)
  const proto = protocol.slice(0, -1)
  let known = new Map<string, Origin>()

  function describe(address: string): Origin {
    const node = address.includes(':') ? `"[${address}]"` : address
    return {
      network: networkOf(address),
      headers: [
        'forwarded',
        `for=${node};proto=${proto};host="${host}"`,
        'x-forwarded-for',
        address,
        'x-forwarded-proto',
        proto,
        'x-forwarded-host',
        host,
      ],
    }
  }

  /** Only a configured proxy is believed, so only its word makes a second key. */
  function addressOf(peer: string, forwardedFor: string | undefined): string {
    const claimed = clientAddress(peer, forwardedFor, trusted)
    // A proxy of ours passed on something that is no address: the proxy is all we know.
    return claimed === peer || networkOf(claimed) === 'unknown' ? peer : claimed
  }

  return (peer, forwardedFor) => {
    const address = forwardedFor === undefined ? peer : addressOf(peer, forwardedFor)
    const origin = known.get(address)
    if (origin) return origin
    if (known.size >= remembered) known = new Map()
    const described = describe(address)
    known.set(address, described)
    return described
  }
}
