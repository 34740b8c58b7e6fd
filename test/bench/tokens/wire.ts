/** A keep-alive HTTP/1.1 client of one connection, one request in flight: what it costs is not to be measured. */

import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface Answer {
  status: number
  /** Status line and header lines as they came. */
  head: string
  body: string
}

export class Wire {
  readonly #socket: Socket
  #received = ''
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  /** When set, told of each answer: the request's path, and milliseconds since it was asked, or since it was due. */
  observe: ((path: string, milliseconds: number) => void) | undefined
  /** When the next request should have been sent, where that is earlier than it is. */
  due: number | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#take(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the connection closed')))
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Wire(socket)
  }

  async ask(request: string): Promise<Answer> {
    const since = this.due ?? performance.now()
    this.due = undefined
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(request, 'latin1')
    })
    this.observe?.(pathOf(request), performance.now() - since)
    return answer
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(chunk: string): void {
    this.#received += chunk
    const answer = readAnswer(this.#received)
    if (!answer) return
    this.#received = ''
    this.#waiting?.resolve(answer)
  }
}

const pathOf = (request: string): string => /^\S+ ([^?\s]+)/.exec(request)?.[1] ?? ''

/** Undefined while some of it is still to come. */
function readAnswer(received: string): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = received.slice(0, end)
  const body = received.slice(end + 4)
  const status = Number(head.slice(9, 12))
  const length = headerOf(head, 'content-length')
  if (length !== undefined) return body.length < Number(length) ? undefined : { status, head, body }
  if (headerOf(head, 'transfer-encoding') !== 'chunked') return { status, head, body }
  return body.endsWith('0\r\n\r\n') ? { status, head, body: unchunked(body) } : undefined
}

export const headerOf = (head: string, name: string): string | undefined =>
  new RegExp(`\r\n${name}: ([^\r\n]*)`, 'i').exec(head)?.[1]

function unchunked(body: string): string {
  let text = ''
  for (let at = 0; ;) {
    const line = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.slice(at, line), 16)
    if (length === 0) return text
    text += body.slice(line + 2, line + 2 + length)
    at = line + 2 + length + 2
  }
}

/** The bytes of a request; `form` and `json` are posts. */
export function requestOf(
  path: string,
  {
    form,
    json,
    headers = {},
  }: { form?: Record<string, string>; json?: unknown; headers?: Record<string, string> },
): string {
  const body = form ? new URLSearchParams(form).toString() : json === undefined ? '' : JSON.stringify(json)
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
  return [
    `${body === '' ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    'Host: localhost',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`Content-Type: ${type}`, `Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n')
}

/** For what is asked once. */
export async function withWire<T>(port: number, use: (wire: Wire) => Promise<T>): Promise<T> {
  const wire = await Wire.open(port)
  try {
    return await use(wire)
  } finally {
    wire.close()
  }
}
