/** A wire between a program and a PostgreSQL that counts what is asked over it: the proof of how often a request asks. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CountedPostgres {
  url: string
  /** Statements run since the last call, as text. */
  take(): string[]
  close(): Promise<void>
}

export async function countedPostgres(url: string): Promise<CountedPostgres> {
  const { hostname, port } = new URL(url)
  let statements: string[] = []
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const database = connect(Number(port), hostname)
    const prepared = new Map<string, string>()
    const unrun = new Set<string>()
    const count = messages((type, body) => {
      const [first = '', second = ''] = body.toString('utf8').split('\0')
      if (type === 'Q') statements.push(first)
      // Parse names a statement, each Bind runs one: a prepared one is sent once and run often.
      if (type === 'P') {
        prepared.set(first, second)
        unrun.add(first)
        statements.push(second)
      }
      if (type === 'B' && !unrun.delete(second)) statements.push(prepared.get(second) ?? '')
    })
    client.on('data', count)
    client.pipe(database).pipe(client)
    for (const socket of [client, database]) {
      open.add(socket)
      socket.on('error', () => [client, database].forEach((each) => each.destroy()))
      socket.on('close', () => open.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const counted = new URL(url)
  counted.port = String((server.address() as AddressInfo).port)
  return {
    url: counted.href,
    take: () => {
      const taken = statements
      statements = []
      return taken
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** Frontend messages by their type byte; what comes before the start-up message is over (it has none). */
function messages(saw: (type: string, body: Buffer) => void): (chunk: Buffer) => void {
  let waiting = Buffer.alloc(0)
  let started = false
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk])
    for (;;) {
      const typed = started ? 1 : 0
      if (waiting.length < typed + 4) return
      const length = typed + waiting.readUInt32BE(typed)
      if (waiting.length < length) return
      if (started) saw(String.fromCharCode(waiting[0] ?? 0), waiting.subarray(5, length))
      // An SSLRequest is 8 bytes; the start-up message proper is longer.
      else started = length > 8
      waiting = waiting.subarray(length)
    }
  }
}
