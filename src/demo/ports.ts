/** Ports of this machine for the demonstration: the usual ones where they are free, any others where not. */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export const host = '127.0.0.1'
export const usualPorts = { garde: 4800, recordsApi: 4801, recordsApp: 4802 } as const

export interface Listening {
  /** `http://127.0.0.1:4802`. */
  address: string
  serve(listener: RequestListener): void
  stop(): Promise<void>
}

/** Holds its port from now on; until it is told what to serve it answers 503. */
export async function listen(usual: number): Promise<Listening> {
  let listener: RequestListener = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => listener(request, response))
  const bind = (port: number) =>
    new Promise<boolean>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) =>
        port !== 0 && error.code === 'EADDRINUSE' ? resolve(false) : reject(error)
      server.once('error', failed)
      server.listen(port, host, () => {
        server.removeListener('error', failed)
        resolve(true)
      })
    })
  if (!(await bind(usual))) await bind(0)
  return {
    address: `http://${host}:${(server.address() as AddressInfo).port}`,
    serve: (next) => {
      listener = next
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A port that is free now, for whoever listens on it himself. */
export async function freePort(usual: number): Promise<number> {
  const probe = await listen(usual)
  await probe.stop()
  return Number(new URL(probe.address).port)
}
