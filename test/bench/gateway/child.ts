/** What every process of the bench does: serve on loopback, tell its port, answer for its cpu time, end with its parent. */

import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Usage {
  /** User and system, microseconds. */
  cpuUs: number
}

/** `settle`: whatever the answered requests still leave to do, so that their cpu time is told whole. */
export async function serveToParent(
  listener: RequestListener,
  more: object = {},
  settle = async (): Promise<void> => {},
): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  process.on('disconnect', () => process.exit(0))
  const tell = async (): Promise<void> => {
    await settle()
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system } satisfies Usage)
  }
  process.on('message', () => void tell())
  process.send?.({ port: (server.address() as AddressInfo).port, ...more })
}
