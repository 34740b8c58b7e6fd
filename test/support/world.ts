/**
 * The whole product, started as `npm start` starts it, on a real port over a real database, in front of a records API
 * that remembers what reached it. Stories go through the front door only; the world sets the scene.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import { expect } from 'vitest'
import type { EventHead } from '../../src/audit/event.ts'
import { parseClient } from '../../src/clients/client.ts'
import { saveClient } from '../../src/clients/store.ts'
import { parseConfig } from '../../src/config.ts'
import type { Reason } from '../../src/core/refusal.ts'
import { assertionVerifier, publishedKeys } from '../../src/demo/records-api/assertion.ts'
import { createRecordsApi, type RecordsApi } from '../../src/demo/records-api/records-api.ts'
import { inviteHolder } from '../../src/people/enrolment.ts'
import { addMembership } from '../../src/people/memberships.ts'
import type { Practice } from '../../src/people/practices.ts'
import type { Practitioner } from '../../src/people/practitioners.ts'
import { hours } from '../../src/core/time.ts'
import { saveResource } from '../../src/resources/store.ts'
import { startGarde } from '../../src/runtime/node.ts'
import type { Services } from '../../src/services.ts'
import { manualClock, type ManualClock } from './clock.ts'
import {
  enrolOperator,
  enrolPractitioner,
  newPerson,
  ok,
  type openBrowser,
  openPractice,
  signIn,
  type Browser,
  type Enrolled,
} from './people.ts'
import { startProcess } from './process.ts'
import { freePort, freshPostgres } from './postgres.ts'

export type Store = 'PGlite' | 'PostgreSQL'

export interface World {
  issuer: string
  services: Services
  clock: ManualClock
  records: RecordsApi
  /** Calls that reached the records API for somebody, `GET /Patient/p1`; the gateway's own look-ups left out. */
  forwarded(): string[]
  practice(name: string): Promise<Practice>
  clinician(practice: Practice): Promise<Clinician>
  operator(): Promise<OperatorAtWork>
  /** Somebody who has only an invitation yet. */
  invited(practice: Practice): Promise<{ practitioner: Practitioner; link: string }>
  /** Why the product last said no, from its log: the reason never goes out. */
  lastReason(): Reason | undefined
  lines: { message: string; fields: Record<string, unknown> }[]
  /** The command line, as a process of its own against this server. */
  garde(...words: string[]): Promise<{ exitCode: number | null; answer: unknown }>
  close(): Promise<void>
}

export interface Clinician extends Enrolled {
  /** The records app's authorization code flow in this person's browser. Fails with the answer that stopped it. */
  openApp(): Promise<Tokens>
  signIn(): Promise<void>
}

export interface Tokens {
  accessToken: string
  refreshToken: string
  /** Through the gateway. */
  get(path: string): Promise<Response>
  send(method: string, path: string, body: unknown): Promise<Response>
  refresh(): Promise<Tokens>
}

export interface OperatorAtWork {
  browser: Browser
  restrict(act: Record<string, unknown>): Promise<{ id: string; appliedOn: unknown[] }>
  lift(id: string): Promise<Response>
}

export const audienceOf = (issuer: string): string => `${issuer}/fhir`
const redirectUri = 'http://127.0.0.1:51004/callback'

export async function world(store: Store = 'PGlite'): Promise<World> {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), 'garde-world-'))
  const issuer = `http://localhost:${port}`
  // oauth4webapi compares with the clock of this machine.
  const clock = manualClock(Math.floor(Date.now() / 1000))
  const lines: World['lines'] = []
  const config = parseConfig(
    {
      GARDE_PORT: String(port),
      GARDE_DATA: directory,
      ...(store === 'PostgreSQL' && { DATABASE_URL: (await freshPostgres()).url }),
    },
    () => '',
  )
  const garde = await startGarde(config, {
    clock,
    log: (_level, message, fields = {}) => lines.push({ message, fields }),
  })
  const { services } = garde
  const api = await startRecords(issuer, clock)
  const head: EventHead = { at: clock.now(), actor: { kind: 'system', id: 'test' } }
  await saveResource(services, head, {
    kind: 'fhir',
    name: 'records',
    audience: audienceOf(issuer),
    base: '/fhir',
    upstream: api.origin,
  })
  await saveClient(
    services,
    head,
    parseClient({
      id: 'records-app',
      name: 'Dossier',
      profile: 'smart-public',
      firstParty: true,
      redirectUris: [redirectUri],
      postLogoutRedirectUris: [],
      scopes: ['openid', 'profile', 'offline_access', 'fhirUser', 'user/*.cruds'],
      resources: [audienceOf(issuer)],
    }),
  )
  const app = overHttp()
  return {
    issuer,
    services,
    clock,
    records: api.records,
    forwarded: () =>
      api.records.received
        .filter(({ assertion }) => assertion?.sub !== undefined && assertion.sub.startsWith('prt_'))
        .map(({ method, url }) => `${method} ${url}`),
    practice: (name) => openPractice(services, { name, recordsName: name.toLowerCase() }),
    clinician: async (practice) => {
      const enrolled = await enrolPractitioner(app, services, { practice })
      return {
        ...enrolled,
        signIn: async () => void (await signIn(enrolled.browser, enrolled.authenticator)),
        openApp: () => openApp(issuer, enrolled.browser),
      }
    },
    operator: async () => atWork(await enrolOperator(app, services)),
    invited: async (practice) => {
      const practitioner = await newPerson(services)
      await addMembership(services, practitioner.id, practice.id, { role: 'clinician', doctors: 1 }, head)
      const holder = { kind: 'practitioner', id: practitioner.id } as const
      const invitation = { holder, purpose: 'enrol', lifetimeSeconds: hours(1) } as const
      return { practitioner, link: (await inviteHolder(services, invitation, head)).url }
    },
    lastReason: () =>
      lines.findLast(({ message }) => message === 'refused')?.fields['reason'] as Reason | undefined,
    lines,
    garde: async (...words) => {
      const command = startProcess('bin/garde.js', [...words, '--json'], { GARDE_DATA: directory })
      const exitCode = await command.exitCode
      if (command.stdout() === '') throw new Error(command.stderr())
      return { exitCode, answer: JSON.parse(command.stdout()) }
    },
    close: async () => {
      await garde.stop()
      await new Promise((resolve) => api.server.close(resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** What `openBrowser` calls, over real HTTP. */
const overHttp = (): Parameters<typeof openBrowser>[0] =>
  ({
    request: (address: string, init: RequestInit) => fetch(address, { ...init, redirect: 'manual' }),
  }) as never

async function startRecords(
  issuer: string,
  clock: ManualClock,
): Promise<{ records: RecordsApi; origin: string; server: Server }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const records = createRecordsApi({
    publicBase: audienceOf(issuer),
    remember: true,
    verifyAssertion: assertionVerifier({
      issuer,
      audience: origin,
      keys: publishedKeys(issuer),
      now: () => clock.now(),
    }),
  })
  server.on('request', records.handler)
  return { records, origin, server }
}

async function openApp(issuer: string, browser: Browser): Promise<Tokens> {
  const server = await discover(issuer)
  const client: oauth.Client = { client_id: 'records-app' }
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const address = new URL(server.authorization_endpoint ?? '')
  address.search = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid offline_access user/*.cruds',
    resource: audienceOf(issuer),
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }).toString()
  const answer = await ok(await browser.get(address.pathname + address.search), 303)
  const returned = oauth.validateAuthResponse(
    server,
    client,
    new URL(answer.headers.get('location') ?? '', issuer),
    state,
  )
  const token = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    returned,
    redirectUri,
    verifier,
    insecure,
  )
  return tokensOf(issuer, await oauth.processAuthorizationCodeResponse(server, client, token))
}

const insecure = { [oauth.allowInsecureRequests]: true }

async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  const answer = await oauth.discoveryRequest(new URL(issuer), insecure)
  return oauth.processDiscoveryResponse(new URL(issuer), answer)
}

function tokensOf(issuer: string, { access_token, refresh_token = '' }: oauth.TokenEndpointResponse): Tokens {
  const send = (method: string, path: string, body?: unknown) =>
    fetch(`${audienceOf(issuer)}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${access_token}`,
        accept: 'application/fhir+json',
        ...(body !== undefined && { 'content-type': 'application/fhir+json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    get: (path) => send('GET', path),
    send,
    refresh: async () => {
      const server = await discover(issuer)
      const client: oauth.Client = { client_id: 'records-app' }
      const answer = await oauth.refreshTokenGrantRequest(
        server,
        client,
        oauth.None(),
        refresh_token,
        insecure,
      )
      return tokensOf(issuer, await oauth.processRefreshTokenResponse(server, client, answer))
    },
  }
}

function atWork({ browser }: Awaited<ReturnType<typeof enrolOperator>>): OperatorAtWork {
  return {
    browser,
    restrict: async (act) => {
      const answer = await ok(await browser.json('/admin/v1/restrictions', act), 201)
      const { restriction, appliedOn } = (await answer.json()) as {
        restriction: { id: string }
        appliedOn: unknown[]
      }
      return { id: restriction.id, appliedOn }
    },
    lift: (id) => browser.json(`/admin/v1/restrictions/${id}/lift`, { reason: 'badge found' }),
  }
}

/** Two patients of two practices, as the records API keeps them. */
export function twoPatients(a: Practice, b: Practice) {
  const patient = (id: string, practice: Practice) => ({
    resource: {
      resourceType: 'Patient',
      id,
      name: [{ family: 'Durand', given: [id] }],
      managingOrganization: { reference: `Organization/${practice.recordsName}` },
    },
  })
  const observation = (id: string, subject: string) => ({
    resource: {
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { text: 'pulse' },
      subject: { reference: `Patient/${subject}` },
    },
  })
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      patient('a1', a),
      patient('a2', a),
      patient('b1', b),
      observation('oa1', 'a1'),
      observation('ob1', 'b1'),
    ],
  }
}

export const expectStatus = async (answer: Response, status: number): Promise<void> => {
  expect({ status: answer.status, ...(answer.status !== status && { body: await answer.text() }) }).toEqual({
    status,
  })
}
