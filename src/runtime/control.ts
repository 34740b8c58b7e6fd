/**
 * The control socket: a unix socket in the data directory through which the person who owns that directory asks the
 * running server for local acts. Whoever can open it could read the database as well; nobody else can (mode 0600 in a
 * directory of mode 0700). HTTP, so that any tool can speak it: `POST /<act>` with JSON, answered with JSON or JSON lines.
 */

import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal, refusalRow } from '../core/refusal.ts'
import type { Log } from '../core/ports.ts'
import { StartFault, systemCode } from './start-fault.ts'

/**
 * Answers one object, or lines that are sent as they come. Throws Refusal to say no, with a sentence in
 * `detail.message` where the table's text is not enough.
 */
export type ControlAct = (input: Record<string, unknown>) => Promise<object | AsyncIterable<string>>
export type ControlActs = Readonly<Record<string, ControlAct>>

const largestBody = 64 * 1024

/** MUST be called by the holder of the data lock: a socket file that is there already is a dead one. */
export async function openControl(
  path: string,
  acts: ControlActs,
  log: Log,
): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true })
  const server = createServer((request, response) => {
    void answer(acts, log, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotOpen(path, error)))
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const cannotOpen = (path: string, error: Error): StartFault =>
  new StartFault(
    'configuration',
    `The control socket ${path} cannot be opened (${systemCode(error) ?? 'unknown'}): set GARDE_DATA to a shorter path on a local disk.`,
    { cause: error },
  )

async function answer(
  acts: ControlActs,
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [status, body] = await run(acts, log, request)
  if (!(Symbol.asyncIterator in body)) {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    return
  }
  response.writeHead(status, { 'Content-Type': 'application/jsonl' })
  try {
    await pipeline(Readable.from(withNewlines(body)), response)
  } catch (error) {
    // The caller sees that the answer was cut off.
    log('error', 'control answer not sent', { error })
  }
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}

async function run(
  acts: ControlActs,
  log: Log,
  request: IncomingMessage,
): Promise<[number, object | AsyncIterable<string>]> {
  const name = (request.url ?? '').slice(1)
  const act = Object.hasOwn(acts, name) ? acts[name] : undefined
  if (!act || request.method !== 'POST') return [404, { error: 'not_found', message: 'No such act.' }]
  try {
    return [200, await act(await readInput(request))]
  } catch (error) {
    if (error instanceof Refusal)
      return [400, { error: error.reason, message: error.detail['message'] ?? refusalRow(error.reason).en }]
    log('error', 'bug', { act: name, error })
    return [500, { error: 'server_error', message: 'The server could not do it; its log says why.' }]
  }
}

/** Refuses `too_large` and `malformed_request`. */
async function readInput(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > largestBody) throw new Refusal('too_large')
  }
  let input: unknown
  try {
    input = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new Refusal('malformed_request')
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new Refusal('malformed_request')
  return input as Record<string, unknown>
}
