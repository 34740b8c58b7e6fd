/**
 * Calls to addresses that others wrote down, over `fetch` (Workers). Names are resolved by the platform, from whose network
 * nothing private is reachable; addresses by themselves are checked here.
 */

import { outboundAddress } from '../core/outbound-address.ts'
import {
  outboundBytes,
  outboundSeconds,
  type Outbound,
  type OutboundAnswer,
  type OutboundCall,
  type OutboundFault,
} from '../core/ports.ts'
import { Refusal } from '../core/refusal.ts'
import { headersOf, readWhole } from './fetch-forwarder.ts'

export const fetchOutbound = (exceptions: readonly string[], seconds = outboundSeconds): Outbound => ({
  async call(call) {
    const target = outboundAddress(call.url, exceptions)
    if (!target) return { fault: 'address' }
    try {
      return await fetched(target.url, call, seconds)
    } catch (error) {
      return { fault: faultOf(error) }
    }
  },
})

async function fetched(
  url: URL,
  { method, headers, body }: OutboundCall,
  seconds: number,
): Promise<OutboundAnswer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, 'accept-encoding': 'identity' },
    body: body ?? null,
    redirect: 'manual',
    signal: AbortSignal.timeout(seconds * 1000),
  })
  const fault = headFault(response)
  if (!fault)
    return {
      status: response.status,
      headers: headersOf(response),
      body: await readWhole(response, outboundBytes),
    }
  await response.body?.cancel()
  return { fault }
}

function headFault(response: Response): OutboundFault | undefined {
  if (response.status >= 300 && response.status < 400) return 'redirect'
  return (response.headers.get('content-encoding') ?? 'identity') === 'identity' ? undefined : 'encoding'
}

function faultOf(error: unknown): OutboundFault {
  if (error instanceof Refusal) return 'size'
  return error instanceof DOMException && error.name === 'TimeoutError' ? 'time' : 'unreachable'
}
