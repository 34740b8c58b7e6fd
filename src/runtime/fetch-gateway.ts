/** The gateway on web standards, for Workers: a Request comes in, a Response streams out as far as the passage allows. */

import { concat } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { Passage } from '../gateway/passage.ts'
import type { Answer } from '../gateway/refuse.ts'
import type { RequestView } from '../gateway/request-view.ts'
import { fetchUpstream, headersOf } from './fetch-forwarder.ts'

export interface Sent {
  response: Response
  /** Resolves when the last byte has left or the answer was cut: until then something may still be recorded. */
  done: Promise<unknown>
}

/** Undefined: not the gateway's address. */
export async function answerByGateway(
  gateway: Gateway,
  request: Request,
  remote: string,
): Promise<Sent | undefined> {
  const view = viewOf(request, remote)
  if (!gateway.owns(view.target)) return undefined
  const outcome = await gateway.handle(view)
  if (outcome.kind === 'answer') return whole(outcome)
  return passThrough(gateway, outcome, view, request)
}

function viewOf(request: Request, remote: string): RequestView {
  const { pathname, search } = new URL(request.url)
  return {
    method: request.method,
    target: `${pathname}${search}`,
    headers: [...request.headers].flat(),
    remote,
    body: (limit) => readBody(request, limit),
    // The connection is the platform's, which frames messages itself.
    distrust: () => {},
  }
}

async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body ?? []) {
    size += part.length
    if (size > limit) throw new Refusal('too_large', { limit })
    parts.push(part)
  }
  return concat(...parts)
}

async function passThrough(
  gateway: Gateway,
  passage: Passage,
  view: RequestView,
  request: Request,
): Promise<Sent> {
  const cut = new AbortController()
  passage.onCut = () => cut.abort()
  const { upstreamCall } = passage
  try {
    // Here the platform knows whether there is a body, whatever the headers say of its length.
    const upstream = await fetchUpstream(upstreamCall, request.body, cut.signal)
    const head = await passage.answered(upstream.status, headersOf(upstream))
    return stream(passage, upstream, head, cut.signal)
  } catch (error) {
    cut.abort()
    return whole(await gateway.failed(passage, view, error))
  }
}

/** The status of a response that has no body (RFC 9110 §15.3.5, §15.4.5). */
const bodiless = [204, 205, 304]

function stream(passage: Passage, upstream: Response, head: string[], cut: AbortSignal): Sent {
  const init = { status: upstream.status, headers: pairs(head) }
  if (!upstream.body || bodiless.includes(upstream.status)) {
    passage.close()
    return { response: new Response(null, init), done: Promise.resolve() }
  }
  const through = new TransformStream<Uint8Array, Uint8Array>()
  const done = upstream.body
    .pipeTo(through.writable, { signal: cut })
    .catch(() => undefined) // cut, or the caller went away: the broken answer says so
    .finally(() => passage.close())
  return { response: new Response(through.readable, init), done }
}

const whole = ({ status, headers, body }: Answer): Sent => ({
  response: new Response(bodiless.includes(status) ? null : (body as string | Uint8Array<ArrayBuffer>), {
    status,
    headers: pairs(headers),
  }),
  done: Promise.resolve(),
})

function pairs(flat: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < flat.length; i += 2) headers.append(flat[i] ?? '', flat[i + 1] ?? '')
  return headers
}
