/** One node:http server: listens before anything is opened, answers 503 until it is told what to serve, and drains. */

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StartFault, systemCode } from './start-fault.ts'

export interface HttpServer {
  /** With the port that was really taken. */
  address: { host: string; port: number }
  serve(listener: RequestListener): void
  /** No new request; those begun may end within `graceMs`, then they are cut. */
  drain(graceMs: number): Promise<void>
}

/** Throws StartFault when the port cannot be had, before anything was written. */
export async function listen({ host, port }: { host: string; port: number }): Promise<HttpServer> {
  let listener: RequestListener = notYet
  const server = createServer({ headersTimeout: 20_000, requestTimeout: 300_000 }, (request, response) =>
    listener(request, response),
  )
  await bind(server, host, port)
  return {
    address: { host, port: (server.address() as AddressInfo).port },
    serve: (next) => {
      listener = next
    },
    drain: (graceMs) => drain(server, graceMs),
  }
}

const notYet: RequestListener = (_request, response) => {
  response.writeHead(503, { 'Retry-After': '1', 'Cache-Control': 'no-store' }).end()
}

const bind = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(host, port, error)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })

const listenAdvice: Record<string, string> = {
  EADDRINUSE: 'something else is using it: stop that, or set GARDE_PORT to another port',
  EACCES: 'this user may not use it: set GARDE_PORT to 1024 or above, or allow it',
  EADDRNOTAVAIL: 'this machine has no such address: correct GARDE_HOST',
  ENOTFOUND: 'this name has no address: correct GARDE_HOST',
}

function cannotListen(host: string, port: number, error: Error): StartFault {
  const code = systemCode(error) ?? 'unknown'
  const advice = listenAdvice[code] ?? `it cannot be used (${code}): correct GARDE_HOST and GARDE_PORT`
  const kind = code === 'EADDRINUSE' ? 'unavailable' : 'configuration'
  return new StartFault(kind, `Port ${port} on ${host}: ${advice}.`, { cause: error })
}

async function drain(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  try {
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeIdleConnections()
    })
  } finally {
    clearTimeout(cut)
  }
}
