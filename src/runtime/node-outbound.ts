/**
 * Calls to addresses that others wrote down, over sockets of our own: a name is resolved once, every address it has is
 * checked, and the connection goes to one of those. A name that leads inside with one of its addresses leads nowhere.
 */

import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import Pool from 'undici/lib/dispatcher/pool.js'
import { isPublicAddress, outboundAddress } from '../core/outbound-address.ts'
import {
  outboundBytes,
  outboundSeconds,
  type Outbound,
  type OutboundAnswer,
  type OutboundCall,
  type OutboundFault,
} from '../core/ports.ts'
import { Refusal, type Reason } from '../core/refusal.ts'
import type { UpstreamAnswer } from '../gateway/ports.ts'
import { WholeAnswer } from './upstreams.ts'

/** Resolves a name to all its addresses, as `node:dns` does. */
export type Resolve = (
  name: string,
  options: { all: true },
  callback: (error: Error | null, found: { address: string; family: number }[]) => void,
) => void

export const nodeOutbound = (
  exceptions: readonly string[],
  { resolve = lookup, seconds = outboundSeconds }: { resolve?: Resolve; seconds?: number } = {},
): Outbound => ({
  async call(call) {
    const target = outboundAddress(call.url, exceptions)
    if (!target) return { fault: 'address' }
    let hit: OutboundFault | undefined
    const pool = openPool(
      target.url,
      target.excepted ? undefined : publicLookup(resolve, () => (hit = 'address')),
    )
    const patience = setTimeout(() => {
      hit ??= 'time'
      void pool.destroy()
    }, seconds * 1000)
    try {
      return settled(await dispatched(pool, target.url, call))
    } catch (error) {
      return { fault: hit ?? faultOf(error) }
    } finally {
      clearTimeout(patience)
      void pool.destroy()
    }
  },
})

function openPool({ origin }: URL, resolved: LookupFunction | undefined): Pool {
  const timeout = outboundSeconds * 1000
  return new Pool(origin, {
    connections: 1,
    allowH2: false,
    connect: { timeout, ...(resolved && { lookup: resolved }) },
    headersTimeout: timeout,
    bodyTimeout: timeout,
  })
}

/** What `node:net` asks for a name. It is answered with what was checked, so nothing is resolved a second time. */
const publicLookup =
  (resolve: Resolve, refused: () => void): LookupFunction =>
  (name, options, callback) =>
    resolve(name, { all: true }, (error, found) => {
      const [first] = found ?? []
      if (error || !first) return callback(error ?? new Error('no such name'), [])
      if (!found.every(({ address }) => isPublicAddress(address))) {
        refused()
        return callback(new Error('not a public address'), [])
      }
      return options.all ? callback(null, found) : callback(null, first.address, first.family)
    })

const dispatched = (pool: Pool, url: URL, { method, headers, body }: OutboundCall): Promise<UpstreamAnswer> =>
  new Promise((resolve, reject) => {
    pool.dispatch(
      {
        path: `${url.pathname}${url.search}`,
        method,
        headers: { ...headers, 'accept-encoding': 'identity' },
        body: body ?? null,
      },
      new WholeAnswer(outboundBytes, undefined, resolve, reject),
    )
  })

/** A redirect is where somebody else leads; what is encoded may unfold beyond every bound. */
function settled(answer: UpstreamAnswer): OutboundAnswer {
  if (answer.status >= 300 && answer.status < 400) return { fault: 'redirect' }
  if ((answer.headers['content-encoding'] ?? 'identity') !== 'identity') return { fault: 'encoding' }
  return answer
}

const faults: Partial<Record<Reason, OutboundFault>> = {
  answer_uninspectable: 'size',
  upstream_timeout: 'time',
}

function faultOf(error: unknown): OutboundFault {
  if (!(error instanceof Refusal)) throw error
  return faults[error.reason] ?? 'unreachable'
}
