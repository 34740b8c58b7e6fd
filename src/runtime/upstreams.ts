/** Connections to upstreams: kept alive, bounded, timed; one pool per origin. */

import type { Dispatcher } from 'undici'
import errors from 'undici/lib/core/errors.js'
import Pool from 'undici/lib/dispatcher/pool.js'
import { Refusal } from '../core/refusal.ts'
import type { Forwarder, UpstreamAnswer, UpstreamCall } from '../gateway/ports.ts'

export interface Upstreams extends Forwarder {
  /** undici's dispatch on the pool of that origin. Never follows a redirect, never decodes. */
  dispatch(
    call: UpstreamCall,
    body: Dispatcher.DispatchOptions['body'],
    handler: Dispatcher.DispatchHandler,
  ): void
  close(): Promise<void>
}

export interface UpstreamLimits {
  connections: number
  /** To connect, and until the answer's head. */
  headSeconds: number
  /** Between two parts of a body. */
  bodySeconds: number
}

const usual: UpstreamLimits = { connections: 256, headSeconds: 30, bodySeconds: 60 }

export function openUpstreams(limits: Partial<UpstreamLimits> = {}): Upstreams {
  const { connections, headSeconds, bodySeconds } = { ...usual, ...limits }
  const pools = new Map<string, Pool>()

  function poolOf(origin: string): Pool {
    const known = pools.get(origin)
    if (known) return known
    const pool = new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: Math.min(headSeconds, 5) * 1000 },
      headersTimeout: headSeconds * 1000,
      bodyTimeout: bodySeconds * 1000,
      keepAliveTimeout: 30_000,
    })
    pools.set(origin, pool)
    return pool
  }

  const dispatch: Upstreams['dispatch'] = ({ origin, path, method, headers }, body, handler) => {
    poolOf(origin).dispatch({ path, method, headers, body: body ?? null }, handler)
  }
  return {
    dispatch,
    call: (call, limit, signal) =>
      new Promise((resolve, reject) => {
        dispatch(call, call.body ?? null, new WholeAnswer(limit, signal, resolve, reject))
      }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

/** An answer held in memory, within its limit. */
export class WholeAnswer implements Dispatcher.DispatchHandler {
  readonly #chunks: Buffer[] = []
  readonly #limit: number
  readonly #signal: AbortSignal | undefined
  readonly #resolve: (answer: UpstreamAnswer) => void
  readonly #reject: (error: Error) => void
  #size = 0
  #status = 0
  #headers: UpstreamAnswer['headers'] = {}

  constructor(
    limit: number,
    signal: AbortSignal | undefined,
    resolve: (answer: UpstreamAnswer) => void,
    reject: (error: Error) => void,
  ) {
    this.#limit = limit
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#signal?.addEventListener('abort', () => controller.abort(new Error('the caller is gone')), {
      once: true,
    })
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    for (const name in headers) this.#headers[name] = String(headers[name])
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size <= this.#limit) this.#chunks.push(chunk)
    else controller.abort(new Refusal('answer_uninspectable', { fault: 'size', limit: this.#limit }))
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(upstreamFault(error))
  }
}

const timeouts = [errors.HeadersTimeoutError, errors.BodyTimeoutError, errors.ConnectTimeoutError]

/** undici's errors in our words. */
export function upstreamFault(error: Error): Refusal {
  if (error instanceof Refusal) return error
  const reason = timeouts.some((kind) => error instanceof kind) ? 'upstream_timeout' : 'upstream_unreachable'
  return new Refusal(reason, { cause: error.message })
}
