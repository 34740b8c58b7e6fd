/**
 * The gateway on node:http: each request is one object that is both what the pipeline reads and what undici's dispatch
 * answers to. Bodies stream both ways with backpressure; nothing of an answer leaves before the passage allows it.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import { Refusal } from '../core/refusal.ts'
import type { Gateway, Outcome } from '../gateway/gateway.ts'
import type { Passage } from '../gateway/passage.ts'
import type { Answer } from '../gateway/refuse.ts'
import type { RequestView } from '../gateway/request-view.ts'
import { upstreamFault, type Upstreams } from './upstreams.ts'

/** True when the request was the gateway's and is being answered; false: somebody else's. */
export type NodeGateway = (request: IncomingMessage, response: ServerResponse) => boolean

export function nodeGateway(gateway: Gateway, upstreams: Upstreams): NodeGateway {
  const distrusted = new WeakSet<Socket>()
  return (request, response) => {
    // The connection closes with the answer to what came before.
    if (distrusted.has(request.socket)) return true
    if (!gateway.owns(request.url ?? '')) return false
    new Exchange(gateway, upstreams, distrusted, request, response).begin()
    return true
  }
}

/** Held back of an answer while the log makes its entry durable. */
const heldBytes = 256 * 1024

class Exchange implements RequestView, Dispatcher.DispatchHandler {
  readonly #gateway: Gateway
  readonly #upstreams: Upstreams
  readonly #distrusted: WeakSet<Socket>
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #passage: Passage | undefined
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #head: string[] | undefined
  #held: Buffer[] = []
  #heldSize = 0
  #ended = false
  /** The caller is being told of a fault: the first one, and nothing else. */
  #failing = false
  /** Answered, cut or abandoned: whatever still arrives is dropped. */
  #over = false

  constructor(
    gateway: Gateway,
    upstreams: Upstreams,
    distrusted: WeakSet<Socket>,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.#gateway = gateway
    this.#upstreams = upstreams
    this.#distrusted = distrusted
    this.#request = request
    this.#response = response
  }

  get method(): string {
    return this.#request.method ?? ''
  }
  get target(): string {
    return this.#request.url ?? ''
  }
  get headers(): readonly string[] {
    return this.#request.rawHeaders
  }
  get remote(): string {
    return this.#request.socket.remoteAddress ?? ''
  }

  async body(limit: number): Promise<Uint8Array> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of this.#request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > limit) throw new Refusal('too_large', { limit })
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }

  distrust(): void {
    this.#distrusted.add(this.#request.socket)
  }

  begin(): void {
    this.#response.on('close', this.#onClose)
    this.#gateway.handle(this).then(this.#deliver, this.#onBug)
  }

  #deliver = (outcome: Outcome): void => {
    if (outcome.kind === 'answer') {
      this.#send(outcome)
      return
    }
    this.#passage = outcome
    if (this.#over) {
      outcome.close()
      return
    }
    outcome.onCut = this.#onCut
    this.#upstreams.dispatch(outcome.upstreamCall, outcome.streamsBody ? this.#request : null, this)
  }

  /** Only what is thrown while refusing comes here; there is nothing left to say. */
  #onBug = (): void => {
    this.#over = true
    this.#response.destroy()
  }

  #send(answer: Answer): void {
    if (this.#over) return
    this.#over = true
    const { status, headers, body } = answer
    if (status !== 204) headers.push('content-length', String(Buffer.byteLength(body)))
    // A body nobody will read must not be taken for the next request.
    if (answer.close || !this.#request.complete) headers.push('connection', 'close')
    this.#response.writeHead(status, headers)
    this.#response.end(body)
  }

  // undici's dispatch

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('the caller is gone'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return
    this.#status = status
    this.#passage?.answered(status, headers).then(this.#onDurable, this.#onFault)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return
    if (this.#head) {
      if (!this.#response.write(chunk)) this.#waitForDrain(controller)
      return
    }
    this.#held.push(chunk)
    this.#heldSize += chunk.length
    if (this.#heldSize > heldBytes) controller.pause()
  }

  onResponseEnd(): void {
    this.#ended = true
    if (this.#head) this.#finish()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#onFault(upstreamFault(error))
  }

  /** Recorded and still allowed: now the first byte may leave. An answer that is whole by now leaves in one piece. */
  #onDurable = (head: string[]): void => {
    if (this.#over || this.#failing) return
    this.#head = head
    const held = this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held)
    this.#held = []
    if (
      this.#ended &&
      this.method !== 'HEAD' &&
      this.#status !== 204 &&
      this.#status !== 304 &&
      !hasLength(head)
    )
      head.push('content-length', String(held?.length ?? 0))
    this.#response.writeHead(this.#status, head)
    if (this.#ended) {
      this.#finish(held)
      return
    }
    const flowing = held === undefined || held.length === 0 || this.#response.write(held)
    if (!this.#controller) return
    if (flowing) this.#controller.resume()
    else this.#waitForDrain(this.#controller)
  }

  #waitForDrain(controller: Dispatcher.DispatchController): void {
    controller.pause()
    this.#response.once('drain', () => controller.resume())
  }

  #finish(last?: Buffer): void {
    if (this.#over) return
    this.#over = true
    this.#response.end(last)
    this.#passage?.close()
  }

  /** Before the head: the caller is told. After it, only a broken connection says that the answer is not whole. */
  #onFault = (fault: unknown): void => {
    if (this.#over || this.#failing) return
    this.#failing = true
    this.#controller?.abort(new Error('the call is over'))
    const passage = this.#passage
    if (this.#head || !passage) {
      this.#over = true
      this.#response.destroy()
      passage?.close()
      return
    }
    this.#gateway.failed(passage, this, fault).then((answer) => this.#send(answer), this.#onBug)
  }

  #onCut = (): void => {
    if (this.#over) return
    this.#over = true
    this.#controller?.abort(new Error('restricted'))
    this.#response.destroy()
  }

  /** The caller went away, or all was sent. */
  #onClose = (): void => {
    if (this.#over) return
    this.#over = true
    this.#controller?.abort(new Error('the caller is gone'))
    this.#passage?.close()
  }
}

function hasLength(head: readonly string[]): boolean {
  for (let i = 0; i < head.length; i += 2) if (head[i] === 'content-length') return true
  return false
}
