/**
 * Upstreams over `fetch`, where there is no socket of one's own (Workers). Nothing is followed. The platform decodes what
 * is encoded without saying so, hence nothing encoded is asked for, and an answer that is encoded anyway is refused.
 */

import { concat } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import type { Forwarder, UpstreamAnswer, UpstreamCall } from '../gateway/ports.ts'

const headMs = 30_000

export const fetchForwarder = (): Forwarder => ({
  async call(call, limit, signal) {
    const response = await fetchUpstream(call, call.body ?? null, signal)
    return {
      status: response.status,
      headers: headersOf(response),
      body: await readWhole(response, limit).catch(upstreamFault),
    }
  },
})

/** Resolves with the head. Refuses `upstream_timeout`, `upstream_unreachable`, `answer_uninspectable`. */
export async function fetchUpstream(
  { method, origin, path, headers }: UpstreamCall,
  body: ReadableStream<Uint8Array> | Uint8Array | null,
  signal?: AbortSignal,
): Promise<Response> {
  const patience = AbortSignal.timeout(headMs)
  const sent = new Headers()
  for (let i = 0; i + 1 < headers.length; i += 2) sent.append(headers[i] ?? '', headers[i + 1] ?? '')
  sent.set('accept-encoding', 'identity')
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: sent,
    body: body as ReadableStream<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> | null,
    redirect: 'manual',
    signal: signal ? AbortSignal.any([signal, patience]) : patience,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  }).catch(upstreamFault)
  const encoding = response.headers.get('content-encoding') ?? 'identity'
  if (encoding === 'identity') return response
  await response.body?.cancel()
  throw new Refusal('answer_uninspectable', { encoding })
}

export function headersOf(response: Response): UpstreamAnswer['headers'] {
  const headers: UpstreamAnswer['headers'] = {}
  for (const [name, value] of response.headers) headers[name] = value
  return headers
}

/** Refuses `answer_uninspectable`. */
export async function readWhole(response: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > limit) throw new Refusal('answer_uninspectable', { limit })
    parts.push(part)
  }
  return concat(...parts)
}

function upstreamFault(error: unknown): never {
  if (error instanceof Refusal) throw error
  const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
  throw new Refusal(timedOut ? 'upstream_timeout' : 'upstream_unreachable', { cause: String(error) })
}
