/** The yardstick: node:http → undici dispatch, no check, no log. `argv[2]`: the upstream's origin. */

import type { ServerResponse } from 'node:http'
import { Pool, type Dispatcher } from 'undici'
import { serveToParent } from './child.ts'

const pool = new Pool(process.argv[2] ?? '', { connections: 256, pipelining: 1, allowH2: false })

class Forward implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  constructor(response: ServerResponse) {
    this.#response = response
  }
  onRequestStart(): void {}
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#response.writeHead(status, headers)
  }
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#response.write(chunk)
  }
  onResponseEnd(): void {
    this.#response.end()
  }
  onResponseError(): void {
    this.#response.destroy()
  }
}

await serveToParent((request, response) => {
  const { url = '', method = '', rawHeaders } = request
  const headers: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i] !== 'Connection') headers.push(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '')
  pool.dispatch(
    { path: `/api${url.slice('/records'.length)}`, method, headers, body: null },
    new Forward(response),
  )
})
