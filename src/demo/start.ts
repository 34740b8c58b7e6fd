/**
 * The whole demonstration on this machine: Garde as `npm start` runs it, a records API behind it, a records app in front.
 * Only the authenticator and the invented past are the demonstration's own.
 */

import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { saveClient } from '../clients/store.ts'
import { clientShape } from '../clients/client.ts'
import type { Config } from '../config.ts'
import type { ClientId } from '../core/ids.ts'
import type { Log } from '../core/ports.ts'
import { days } from '../core/time.ts'
import { saveResource } from '../resources/store.ts'
import { startGarde, type Garde } from '../runtime/node.ts'
import type { Services } from '../services.ts'
import { openDesk, type Desk } from './authenticator-desk/desk.ts'
import { aroundGarde } from './authenticator-desk/routes.ts'
import { ensureCast } from './cast-in-garde.ts'
import { practices, type PracticeName } from './data/cast.ts'
import { demoRecords, patientsIn } from './data/records.ts'
import { livePast } from './past.ts'
import { demoHead } from './past-clock.ts'
import { freePort, host, listen, usualPorts } from './ports.ts'
import { assertionVerifier, publishedKeys } from './records-api/assertion.ts'
import { createRecordsApi } from './records-api/records-api.ts'
import { createRecordsApp } from './records-app/records-app.ts'

export interface DemoLinks {
  recordsApp: string
  console: string
  account: string
  apiDocumentation: string
}

export interface Demo {
  links: DemoLinks
  desk: Desk
  /** What an application needs to sign in as the records app does. */
  client: {
    issuer: string
    audience: string
    clientId: string
    clientSecret: string
    redirectUri: string
    scope: string
  }
  /** Patients' ids by practice. */
  patients: Record<PracticeName, string[]>
  stop(): Promise<void>
}

const clientId = 'dossier-demo'
const scope = 'openid profile offline_access user/*.cruds'
const recordsName = 'records'

/** `directory` must exist; everything the demonstration keeps is in it. */
export async function startDemo(directory: string, log: Log): Promise<Demo> {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each()
  }
  try {
    const apiServer = await listen(usualPorts.recordsApi)
    stops.push(() => apiServer.stop())
    const appServer = await listen(usualPorts.recordsApp)
    stops.push(() => appServer.stop())
    const port = await freePort(usualPorts.garde)
    const issuer = `http://localhost:${port}`
    const audience = `${issuer}/fhir`
    const upstream = apiServer.address
    const { address } = appServer

    const records = demoRecords(new Date())
    const verifyAssertion = assertionVerifier({ issuer, audience: upstream, keys: publishedKeys(issuer) })
    const api = createRecordsApi({ publicBase: audience, verifyAssertion })
    api.load(records)
    apiServer.serve(api.handler)

    const desk = openDesk({ origin: issuer, file: join(directory, 'demo-passkeys.json') })
    const config = configOf(issuer, port, directory)
    const garde = await startGarde(config, { log, around: (app) => aroundGarde(app, desk) })
    stops.push(() => garde.stop())

    const patients = Object.fromEntries(
      practices.map((practice) => [practice.recordsName, patientsIn(records, practice.recordsName)]),
    ) as Record<PracticeName, string[]>
    const clientSecret = await setUp(garde, { desk, audience, upstream, address, patients })
    const client = { issuer, audience, clientId, clientSecret, scope, redirectUri: `${address}/callback` }
    const answer = getRequestListener(createRecordsApp({ ...client, address }).fetch)
    appServer.serve((request, response) => void answer(request, response))
    return { links: linksOf(issuer, address), desk, client, patients, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const linksOf = (issuer: string, address: string): DemoLinks => ({
  recordsApp: `${address}/`,
  console: `${issuer}/console`,
  account: `${issuer}/account`,
  apiDocumentation: `${issuer}/admin/v1/docs`,
})

const configOf = (issuer: string, port: number, directory: string): Config => ({
  issuer,
  listen: { host, port },
  dataDirectory: join(directory, 'garde'),
  rpId: 'localhost',
  trustedProxies: [],
  dynamicRegistration: false,
  dangerouslyAllowedOutbound: [],
  keyPeriodSeconds: days(90),
  signInsPerSecond: 30,
  logLevel: 'warn',
})

interface SetUp {
  desk: Desk
  audience: string
  upstream: string
  address: string
  patients: Record<PracticeName, string[]>
}

/** The resource and the client are saved at each start, since ports may differ; the cast and its past only once. */
async function setUp(
  { services }: Garde,
  { desk, audience, upstream, address, patients }: SetUp,
): Promise<string> {
  const head = demoHead(services)
  const resource = { kind: 'fhir', name: recordsName, audience, base: '/fhir', upstream }
  await saveResource(services, head, resource)
  const secret = await saveRecordsApp(services, audience, address)
  const { cast, isNew } = await ensureCast(services, desk)
  if (isNew)
    await livePast(services, {
      cast,
      client: clientId as ClientId,
      resource: { name: recordsName, audience },
      patients,
    })
  return secret
}

/** A new secret each time: it is nowhere but in this process. */
async function saveRecordsApp(services: Services, audience: string, address: string): Promise<string> {
  const input = clientShape.parse({
    id: clientId,
    name: 'Dossier Démo',
    profile: 'web-confidential',
    firstParty: true,
    redirectUris: [`${address}/callback`],
    postLogoutRedirectUris: [`${address}/`],
    scopes: scope.split(' '),
    resources: [audience],
    renewSecret: true,
  })
  const { secret } = await saveClient(services, demoHead(services), input)
  if (secret === undefined) throw new Error('the records app was given no secret')
  return secret
}
