/** A records API that remembers every call that reached it: "not forwarded" means it saw nothing. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenCall {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  rawHeaders: string[]
  body: string
}

export interface Scripted {
  status?: number
  headers?: Record<string, string>
  /** An object is sent as JSON; a string or bytes as they are. */
  body?: unknown
  /** Writes the answer itself. */
  handle?: (response: ServerResponse, call: SeenCall) => void
}

export interface RecordingUpstream {
  origin: string
  calls: SeenCall[]
  /** `GET /Patient/p1` (without query) or with its exact query. */
  on(call: string, answer: Scripted): void
  /** Calls that were not the gateway asking whose patient one is. */
  forwarded(): string[]
  reset(): void
  close(): Promise<void>
}

export async function recordingUpstream(): Promise<RecordingUpstream> {
  const answers = new Map<string, Scripted>()
  const calls: SeenCall[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => response.destroy())
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request
      const call = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() }
      calls.push(call)
      const scripted = answers.get(`${method} ${url}`) ?? answers.get(`${method} ${url.split('?')[0]}`)
      answer(response, call, scripted ?? { status: 404, body: notFound })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    on: (call, scripted) => answers.set(call, scripted),
    forwarded: () =>
      calls.filter(({ headers }) => !isLookup(headers)).map(({ method, url }) => `${method} ${url}`),
    reset() {
      answers.clear()
      calls.length = 0
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const notFound = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] }

/** What the assertion says, unverified: its signature is another test's matter. */
export function assertionIn(headers: IncomingHttpHeaders): Record<string, unknown> {
  const payload = String(headers['garde-assertion']).split('.')[1] ?? ''
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

const isLookup = (headers: IncomingHttpHeaders): boolean =>
  headers['garde-assertion'] !== undefined && assertionIn(headers)['purpose'] === 'patient-lookup'

function answer(response: ServerResponse, call: SeenCall, scripted: Scripted): void {
  if (scripted.handle) {
    scripted.handle(response, call)
    return
  }
  const { status = 200, headers = {}, body } = scripted
  const json = typeof body === 'object' && !(body instanceof Uint8Array)
  response.writeHead(status, { ...(json && { 'content-type': 'application/fhir+json' }), ...headers })
  response.end(json ? JSON.stringify(body) : (body as string | Uint8Array | undefined))
}
