/**
 * Cloudflare Workers: the same core on real workerd over a real PostgreSQL, through the main job without a browser. Node
 * migrated the database and made the keys, as a deployment does.
 */

import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lastEvents } from '../../src/audit/query-store.ts'
import { verifyLogs } from '../../src/audit/commands.ts'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { parseConfig } from '../../src/config.ts'
import { base64url, randomBytes } from '../../src/core/bytes.ts'
import { systemClock } from '../../src/core/time.ts'
import { loadPseudonymKeys } from '../../src/audit/pseudonym-store.ts'
import { saveResource } from '../../src/resources/store.ts'
import { fileAssets } from '../../src/runtime/assets-node.ts'
import { compose } from '../../src/runtime/compose.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { memoryThrottle } from '../../src/runtime/throttle.ts'
import type { Services } from '../../src/services.ts'
import {
  enrolOperator,
  enrolPractitioner,
  ok,
  openPractice,
  signIn,
  type Browser,
} from '../support/people.ts'
import { freshPostgres } from '../support/postgres.ts'
import { assertionIn, recordingUpstream, type RecordingUpstream } from '../support/upstream.ts'
import { startWorkerd, type Workerd } from '../support/workerd.ts'

const issuer = 'https://id.example'
const audience = `${issuer}/fhir`
const callback = 'http://127.0.0.1:51004/callback'
const client: oauth.Client = { client_id: 'records-app' }

let worker: Workerd
let services: Services
let upstream: RecordingUpstream

beforeAll(async () => {
  const { url } = await freshPostgres()
  const key = randomBytes(32)
  services = await setUp(url, key)
  upstream = await recordingUpstream()
  const head = { at: systemClock.now(), actor: { kind: 'system', id: 'test' } } as const
  await saveResource(services, head, {
    kind: 'fhir',
    name: 'records',
    audience,
    base: '/fhir',
    upstream: upstream.origin,
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
      scopes: ['openid', 'offline_access', 'user/*.rs'],
      resources: [audience],
    }),
  )
  worker = await startWorkerd(url, { GARDE_ISSUER: issuer, GARDE_KEY_ENCRYPTION_KEY: base64url(key) })
})
afterAll(async () => {
  await worker.stop()
  await services.database.close()
  await upstream.close()
})

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

/** What `openBrowser` calls, on workerd. */
const app = { request: (address: string, init?: RequestInit) => worker.fetch(address, init) } as never

const overWorkerd = { [oauth.customFetch]: (address: string, init: object) => worker.fetch(address, init) }

async function openApp(browser: Browser): Promise<string> {
  const discovered = await oauth.discoveryRequest(new URL(issuer), overWorkerd)
  const server = await oauth.processDiscoveryResponse(new URL(issuer), discovered)
  const verifier = oauth.generateRandomCodeVerifier()
  const address = new URL(server.authorization_endpoint ?? '')
  address.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: callback,
    scope: 'openid user/*.rs',
    resource: audience,
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

test('is alive, and ready with a journal it has just read', async () => {
  expect(await (await worker.fetch('/healthz')).json()).toEqual({ status: 'ok' })
  const ready = await worker.fetch('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({ status: 'ready', basis: { sequence: 0, tier: 'fresh' } })
})

test('serves its assets byte for byte with its own headers', async () => {
  const css = await worker.fetch('/assets/garde.css')
  expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(css.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(await css.text()).toContain(':root')
})

test('the main job: enrol, sign in, read through the gateway, be cut, be refused, and the log proves it', async () => {
  const practice = await openPractice(services, { recordsName: 'org-a' })
  const { browser, authenticator, practitioner } = await enrolPractitioner(app, services, { practice })
  await signIn(browser, authenticator)
  const token = await openApp(browser)
  upstream.on('GET /Patient/p1', {
    body: { resourceType: 'Patient', id: 'p1', managingOrganization: { reference: 'Organization/org-a' } },
  })
  const read = () =>
    worker.fetch('/fhir/Patient/p1', {
      headers: { authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
    })

  const served = await ok(await read())
  expect(await served.json()).toMatchObject({ resourceType: 'Patient', id: 'p1' })
  const forwarded = upstream.calls.at(-1)
  expect(forwarded?.headers.authorization).toBeUndefined()
  expect(assertionIn(forwarded?.headers ?? {})).toMatchObject({ sub: practitioner.id, iss: issuer })

  const { browser: desk } = await enrolOperator(app, services)
  const cut = await desk.json('/admin/v1/restrictions', {
    selector: { practitioner: practitioner.id },
    effect: { kind: 'deny' },
    endsSessions: true,
    reason: 'badge stolen',
  })
  await ok(cut, 201)
  const before = upstream.calls.length
  expect((await read()).status).toBe(423)
  expect(upstream.calls).toHaveLength(before)

  await worker.tick()
  const kinds = (await lastEvents(services.db, { limit: 100 })).map(({ event }) => event.kind)
  expect(kinds).toEqual(
    expect.arrayContaining([
      'session.started',
      'token.issued',
      'access.served',
      'restriction.made',
      'access.refused',
    ]),
  )
  const [log] = await verifyLogs(services)
  expect(log).toMatchObject({ log: 'server', faults: [] })
})

test('a token of another practice does not read the patient, and nothing of it reaches the records API', async () => {
  const practice = await openPractice(services, { recordsName: 'org-b' })
  const { browser, authenticator } = await enrolPractitioner(app, services, { practice })
  await signIn(browser, authenticator)
  const token = await openApp(browser)
  const answer = await worker.fetch('/fhir/Patient/p1', { headers: { authorization: `Bearer ${token}` } })
  expect(answer.status).toBe(403)
  expect(await answer.text()).not.toContain('org-a')
})
