/** Garde without what it does beside answering (sequencing its log, following its journal): for counting what a request asks. */

import { getRequestListener } from '@hono/node-server'
import { createServer } from 'node:http'
import { createApp } from '../../../src/app.ts'
import type { Config } from '../../../src/config.ts'
import { randomBytes } from '../../../src/core/bytes.ts'
import type { Log } from '../../../src/core/ports.ts'
import { systemClock as clock } from '../../../src/core/time.ts'
import { compose } from '../../../src/runtime/compose.ts'
import type { Garde } from '../../../src/runtime/node.ts'
import { openPostgres } from '../../../src/runtime/postgres.ts'

export async function startAlone(config: Config, log: Log): Promise<Pick<Garde, 'services' | 'stop'>> {
  const database = openPostgres(config.databaseUrl ?? '')
  const assets = { find: async () => undefined }
  const throttle = { take: async () => ({ allowed: true as const }) }
  const keyEncryptionKey = randomBytes(32)
  const services = await compose({ config, database, keyEncryptionKey, log, clock, assets, throttle })
  const app = createApp(services)
  const answer = getRequestListener((request) => app.fetch(request, { remote: '127.0.0.1' }))
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(config.listen.port, '127.0.0.1', resolve))
  return {
    services,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database.close()
    },
  }
}
