/** The demonstration's records app on a port of its own, registered with a world. */

import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { clientShape } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { createRecordsApp } from '../../src/demo/records-app/records-app.ts'
import { freePort } from './postgres.ts'
import { audienceOf, type World } from './world.ts'

/** `host`: cookies know no ports, so two of them at once need two names of this machine. */
export async function startRecordsApp({ issuer, services }: World, id = 'dossier', host = '127.0.0.1') {
  const port = await freePort()
  const address = `http://${host}:${port}`
  const audience = audienceOf(issuer)
  const scope = 'openid profile offline_access user/*.cruds'
  const input = clientShape.parse({
    id,
    name: 'Dossier',
    profile: 'web-confidential',
    firstParty: true,
    redirectUris: [`${address}/callback`],
    postLogoutRedirectUris: [`${address}/`],
    scopes: scope.split(' '),
    resources: [audience],
  })
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } } as const
  const { secret = '' } = await saveClient(services, head, input)
  const records = createRecordsApp({
    issuer,
    audience,
    address,
    scope,
    clientId: id,
    clientSecret: secret,
  })
  const listener = getRequestListener(records.fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  return {
    address,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
