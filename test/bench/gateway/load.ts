/** A keep-alive client over plain sockets: one request in flight per connection, nothing parsed but length and status. */

import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

export interface Load {
  requests: number
  seconds: number
}

/** Each connection asks again as soon as it was answered, until the time is up. Throws on anything but 200. */
export async function load(port: number, requests: readonly Buffer[], seconds: number): Promise<Load> {
  const begun = performance.now()
  const until = begun + seconds * 1000
  const counts = await Promise.all(requests.map((request) => drive(port, request, until)))
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - begun) / 1000,
  }
}

async function drive(port: number, request: Buffer, until: number): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  try {
    return await new Promise<number>((resolve, reject) => ask(socket, request, until, resolve, reject))
  } finally {
    socket.destroy()
  }
}

function ask(
  socket: Socket,
  request: Buffer,
  until: number,
  resolve: (count: number) => void,
  reject: (error: Error) => void,
): void {
  let count = 0
  let have = 0
  let want = 0
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('the connection closed')))
  socket.on('data', (chunk: Buffer) => {
    if (want === 0) want = lengthOf(chunk, reject)
    have += chunk.length
    if (have < want) return
    have = 0
    want = 0
    count += 1
    if (performance.now() >= until) resolve(count)
    else socket.write(request)
  })
  socket.write(request)
}

/** Of the whole answer: the head comes in one piece on loopback, and says how long the body is. */
function lengthOf(chunk: Buffer, reject: (error: Error) => void): number {
  const text = chunk.toString('latin1', 0, Math.min(chunk.length, 2048))
  const head = text.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)/i.exec(text)
  if (!text.startsWith('HTTP/1.1 200') || head < 0 || !length) {
    reject(new Error(`not the answer that was asked for: ${text.slice(0, 200)}`))
    return Number.POSITIVE_INFINITY
  }
  return head + 4 + Number(length[1])
}
