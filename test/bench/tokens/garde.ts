/**
 * Garde as it serves for real: the whole program, its log on a disk, its followers running. `argv`: a directory, the
 * database's address or nothing for the embedded one, and `alone` where nothing is to go on beside the requests. Tells its
 * client's secret and its people's passkeys.
 */

import { createAuthenticator, type StoredCredential } from '../../../src/demo/authenticator.ts'
import { parseClient } from '../../../src/clients/client.ts'
import { saveClient } from '../../../src/clients/store.ts'
import { parseConfig } from '../../../src/config.ts'
import type { Log } from '../../../src/core/ports.ts'
import { systemClock as clock } from '../../../src/core/time.ts'
import { saveResource } from '../../../src/resources/store.ts'
import { startGarde } from '../../../src/runtime/node.ts'
import { enrolPractitioner, openPractice } from '../../support/people.ts'
import { freePort } from '../../support/postgres.ts'
import { startAlone } from './alone.ts'
import { audience, clientId, people, redirectUri, type GardeTold } from './subject.ts'

const [, , directory = '', databaseUrl = '', manner = 'whole'] = process.argv
const port = await freePort()
const config = parseConfig(
  {
    GARDE_PORT: String(port),
    GARDE_DATA: directory,
    GARDE_TRUSTED_PROXIES: '127.0.0.1',
    ...(databaseUrl !== '' && { DATABASE_URL: databaseUrl }),
  },
  () => '',
)
const log: Log = (level, message, fields) => {
  if (level === 'error') console.error(message, fields)
}
const running = await (manner === 'alone' ? startAlone(config, log) : startGarde(config, { log }))
const { services } = running
const head = { at: clock.now(), actor: { kind: 'system' as const, id: 'bench' } }
const practice = await openPractice(services)
await saveResource(services, head, {
  kind: 'rest',
  name: 'records',
  audience,
  base: '/records',
  upstream: 'http://127.0.0.1:9',
  lookup: { path: '/patients/:patient/owner', practice: '/practice' },
  routes: [
    {
      name: 'patient',
      methods: ['GET'],
      path: '/patients/:patient',
      scopes: ['records.read'],
      patient: { from: 'path', parameter: 'patient' },
    },
  ],
})
const { secret = '' } = await saveClient(
  services,
  head,
  parseClient({
    id: clientId,
    name: 'Bench',
    profile: 'web-confidential',
    firstParty: true,
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    practice: practice.id,
    redirectUris: [redirectUri],
    scopes: ['openid', 'offline_access', 'records.read'],
    resources: [audience],
    options: { idTokenAlgorithm: 'ES256' },
  }),
)

/** Each comes from a network of their own: enrolling is slowed by network. */
const over = (person: number) =>
  ({
    request: (address: string, init: RequestInit) => {
      const headers = new Headers(init.headers)
      headers.set('X-Forwarded-For', `10.200.${person}.1`)
      return fetch(address, { ...init, redirect: 'manual', headers })
    },
  }) as never

const credentials: StoredCredential[] = []
for (let person = 0; person < people; person++) {
  const authenticator = createAuthenticator({ origin: config.issuer })
  await enrolPractitioner(over(person), services, { practice, authenticator })
  credentials.push(...authenticator.credentials())
}

const told: GardeTold = { secret, issuer: config.issuer, credentials }
process.on('disconnect', () => void running.stop().then(() => process.exit(0)))
process.send?.({ port, ...told })
