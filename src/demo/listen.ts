/** A plain server on this machine only, that can be stopped at once. */

import { createServer, type RequestListener } from 'node:http'
import { host } from './ports.ts'

/** Answers how to stop it. */
export async function listen(port: number, listener: RequestListener): Promise<() => Promise<void>> {
  const server = createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
}
