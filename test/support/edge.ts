/**
 * The product on real workerd over a real PostgreSQL, in front of a records API that remembers what reached it. Node
 * migrated the database and made the keys, as a deployment does.
 */

import * as oauth from 'oauth4webapi'
import { loadPseudonymKeys } from '../../src/audit/pseudonym-store.ts'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { parseConfig } from '../../src/config.ts'
import { base64url, randomBytes } from '../../src/core/bytes.ts'
import { systemClock } from '../../src/core/time.ts'
import type { Practice } from '../../src/people/practices.ts'
import { saveResource } from '../../src/resources/store.ts'
import { fileAssets } from '../../src/runtime/assets-node.ts'
import { compose } from '../../src/runtime/compose.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { memoryThrottle } from '../../src/runtime/throttle.ts'
import type { Services } from '../../src/services.ts'
import { countedPostgres, type CountedPostgres } from './counted-postgres.ts'
import { enrolOperator, enrolPractitioner, ok, signIn, type Browser, type Enrolled } from './people.ts'
import { freshPostgres } from './postgres.ts'
import { recordingUpstream, type RecordingUpstream } from './upstream.ts'
import { startWorkerd, type Workerd } from './workerd.ts'

export const issuer = 'https://id.example'
export const audience = `${issuer}/fhir`
export const filesAudience = `${issuer}/files`
const callback = 'http://127.0.0.1:51004/callback'
const client: oauth.Client = { client_id: 'records-app' }

export interface Edge {
  worker: Workerd
  services: Services
  upstream: RecordingUpstream
  /** What the worker asks of the database. */
  asked: CountedPostgres
  /** Another isolate over the same database. */
  another(): Promise<Workerd>
  clinician(practice: Practice): Promise<ClinicianAtEdge>
  /** The same one each time. */
  operator(): ReturnType<typeof enrolOperator>
  close(): Promise<void>
}

export interface ClinicianAtEdge extends Enrolled {
  /** The records app's authorization code flow; answers how to call the records API with its token. */
  openApp(resource?: string): Promise<CallRecords>
}

export type CallRecords = (path: string, init?: RequestInit, through?: Workerd) => Promise<Response>

export async function edge(): Promise<Edge> {
  const { url } = await freshPostgres()
  const key = randomBytes(32)
  const services = await setUp(url, key)
  const upstream = await recordingUpstream()
  await protect(services, upstream.origin)
  const asked = await countedPostgres(url)
  const settings = { GARDE_ISSUER: issuer, GARDE_KEY_ENCRYPTION_KEY: base64url(key) }
  const started = [await startWorkerd(asked.url, settings)]
  const [worker] = started as [Workerd]
  /** What `openBrowser` calls, on workerd. */
  const app = {
    request: (address: string, init: RequestInit, { remote }: { remote: string }) =>
      worker.fetch(address, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), 'cf-connecting-ip': remote },
      }),
  } as never
  let people = 0
  let operator: ReturnType<typeof enrolOperator> | undefined
  /** A source of its own for each, so that nobody is slowed by the others. */
  const remote = () => `192.0.${(people += 1)}.7`
  return {
    worker,
    services,
    upstream,
    asked,
    another: async () => {
      const one = await startWorkerd(url, settings)
      started.push(one)
      return one
    },
    clinician: async (practice) => {
      const enrolled = await enrolPractitioner(app, services, { practice, remote: remote() })
      await signIn(enrolled.browser, enrolled.authenticator)
      return {
        ...enrolled,
        openApp: async (resource = audience) => {
          const token = await tokenFor(worker, enrolled.browser, resource)
          return (path, init, through = worker) =>
            through.fetch(path, {
              ...init,
              headers: {
                authorization: `Bearer ${token}`,
                accept: 'application/fhir+json',
                ...(init?.body !== undefined && { 'content-type': 'application/fhir+json' }),
              },
            })
        },
      }
    },
    operator: () => (operator ??= enrolOperator(app, services)),
    close: async () => {
      for (const one of started) await one.stop()
      await asked.close()
      await services.database.close()
      await upstream.close()
    },
  }
}

/** What one start of Node leaves in the database. */
async function setUp(databaseUrl: string, keyEncryptionKey: Uint8Array<ArrayBuffer>): Promise<Services> {
  const database = openPostgres(databaseUrl)
  const made = await compose({
    config: parseConfig({ GARDE_ISSUER: issuer, DATABASE_URL: databaseUrl }, () => ''),
    database,
    keyEncryptionKey,
    log: () => {},
    clock: systemClock,
    assets: fileAssets(),
    throttle: memoryThrottle(),
  })
  await loadPseudonymKeys({
    db: database.db,
    keyEncryptionKey,
    clock: systemClock,
    keepShares: async () => {},
  })
  return made
}

async function protect(services: Services, upstream: string): Promise<void> {
  const head = { at: systemClock.now(), actor: { kind: 'system', id: 'test' } } as const
  await saveResource(services, head, { kind: 'fhir', name: 'records', audience, base: '/fhir', upstream })
  await saveResource(services, head, {
    kind: 'rest',
    name: 'files',
    audience: filesAudience,
    base: '/files',
    upstream,
    lookup: { path: '/owner/:patient', practice: '/practice' },
    routes: [
      {
        name: 'report',
        methods: ['GET'],
        path: '/patients/:patient/report',
        patient: { from: 'path', parameter: 'patient' },
      },
    ],
  })
  await saveClient(
    services,
    head,
    parseClient({
      id: client.client_id,
      name: 'Dossier',
      profile: 'smart-public',
      firstParty: true,
      redirectUris: [callback],
      postLogoutRedirectUris: [],
      scopes: ['openid', 'offline_access', 'user/*.cruds', 'launch/patient', 'patient/*.rs'],
      resources: [audience, filesAudience],
    }),
  )
}

async function tokenFor(worker: Workerd, browser: Browser, resource: string): Promise<string> {
  const overWorkerd = {
    [oauth.customFetch]: (address: string, init: object) => worker.fetch(address, init),
  }
  const discovered = await oauth.discoveryRequest(new URL(issuer), overWorkerd)
  const server = await oauth.processDiscoveryResponse(new URL(issuer), discovered)
  const verifier = oauth.generateRandomCodeVerifier()
  const address = new URL(server.authorization_endpoint ?? '')
  address.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid user/*.cruds',
    resource,
    state: 's1',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const answer = await ok(await browser.get(address.pathname + address.search), 303)
  const back = new URL(answer.headers.get('location') ?? '')
  const returned = oauth.validateAuthResponse(server, client, back, 's1')
  const asked = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    returned,
    callback,
    verifier,
    overWorkerd,
  )
  return (await oauth.processAuthorizationCodeResponse(server, client, asked)).access_token
}
