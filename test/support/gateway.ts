/** The gateway on node:http in front of a recording upstream, with everything it borrows in plain sight. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet } from 'jose'
import type { AuditEvent } from '../../src/audit/event.ts'
import { Refusal } from '../../src/core/refusal.ts'
import type { Reason } from '../../src/core/refusal.ts'
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts'
import type { Forwarder, GatewayServices, QuotaVerdict } from '../../src/gateway/ports.ts'
import { resourceShape, type Resource } from '../../src/resources/resource.ts'
import type { Facts, Verdict } from '../../src/restrictions/facts.ts'
import { gatewayProofs } from '../../src/runtime/proofs.ts'
import { nodeGateway } from '../../src/runtime/proxy.ts'
import { openUpstreams, type UpstreamLimits } from '../../src/runtime/upstreams.ts'
import type { AccessClaims, PersonClaims, ServiceClaims } from '../../src/tokens/claims.ts'
import type { Proofs } from '../../src/tokens/dpop.ts'
import { manualClock, type ManualClock } from './clock.ts'
import { recordingUpstream, type RecordingUpstream } from './upstream.ts'

export const issuer = 'https://id.example'
const audience = `${issuer}/fhir`
export const basis = { sequence: 7, ageMs: 3, tier: 'fresh' as const }

export interface GatewayWorld {
  url: string
  port: number
  upstream: RecordingUpstream
  clock: ManualClock
  gateway: Gateway
  /** Everything in the log, in order. */
  events: AuditEvent[]
  strangers: { source: string; reason: Reason }[]
  lines: { message: string; fields: Record<string, unknown> }[]
  keys: JSONWebKeySet
  proofs: Proofs
  /** Set to change what they say. */
  verdict: (facts: Facts) => Verdict
  quota: (patient: string, access: string) => QuotaVerdict
  /** `full`: no place is given; `failing`: appending fails. */
  spool: 'working' | 'full' | 'failing'
  onAppend: ((events: readonly AuditEvent[]) => Promise<void>) | undefined
  resources: Resource[]
  /** Tells the gateway that the snapshot was swapped. */
  swapSnapshot(): void
  token(name: string, claims: Partial<PersonClaims>): void
  /** A token of a service of practice A. */
  service(name: string, claims: Partial<ServiceClaims>): void
  get(path: string, init?: RequestInit): Promise<Response>
  /** Reasons of refusals recorded, of people we know. */
  refusals(): Reason[]
  served(): string[]
  reset(): void
  close(): Promise<void>
}

/** Practices A and B are called `org-a` and `org-b` by the records API; token `a` and `b` are of one clinician of each. */
export async function gatewayWorld(
  limits: Partial<UpstreamLimits> = {},
  forwarder?: Forwarder,
): Promise<GatewayWorld> {
  const upstream = await recordingUpstream()
  const clock = manualClock()
  const pair = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'test', alg: 'ES256' }
  const upstreams = openUpstreams(limits)
  const listeners = new Set<() => void>()
  const tokens = new Map<string, AccessClaims>()
  const server = createServer()

  const world: GatewayWorld = {
    url: '',
    port: 0,
    upstream,
    clock,
    gateway: undefined as unknown as Gateway,
    events: [],
    strangers: [],
    lines: [],
    keys: { keys: [jwk] },
    proofs: gatewayProofs(),
    verdict: () => ({ allow: true, basis }),
    quota: () => ({ allow: true }),
    spool: 'working',
    onAppend: undefined,
    resources: usualResources(upstream.origin),
    swapSnapshot: () => listeners.forEach((listener) => listener()),
    token: (name, claims) => tokens.set(name, { ...usualClaims(clock.now()), jti: name, ...claims }),
    service: (name, claims) => tokens.set(name, { ...serviceClaims(clock.now()), jti: name, ...claims }),
    get: (path, init = {}) =>
      fetch(`${world.url}${path}`, {
        redirect: 'manual',
        ...init,
        headers: { authorization: 'Bearer a', ...(init.headers as Record<string, string>) },
      }),
    refusals: () => world.events.flatMap((event) => (event.kind === 'access.refused' ? [event.reason] : [])),
    served: () => world.events.flatMap((event) => (event.kind === 'access.served' ? [event.patient] : [])),
    reset() {
      upstream.reset()
      world.events.length = 0
      world.strangers.length = 0
      world.lines.length = 0
      world.verdict = () => ({ allow: true, basis })
      world.quota = () => ({ allow: true })
      world.spool = 'working'
      world.onAppend = undefined
      // What a lookup said lives a minute.
      clock.advance(120)
      world.token('a', {})
      world.token('b', { practice: 'prc_b' as PersonClaims['practice'], sub: 'prt_b' as PersonClaims['sub'] })
    },
    async close() {
      world.gateway.close()
      await upstreams.close()
      await closeServer(server)
      await upstream.close()
    },
  }

  const services: GatewayServices = {
    issuer,
    trustedProxies: [],
    clock,
    log: (_level, message, fields = {}) => world.lines.push({ message, fields }),
    tokens: {
      verifyCached: () => undefined,
      verify: async (token, wanted, now) => {
        const claims = tokens.get(token)
        if (!claims) throw new Refusal('token_signature')
        if (claims.exp <= now) throw new Refusal('token_expired')
        if (claims.aud !== wanted && !wanted.startsWith(`${issuer}/records`))
          throw new Refusal('token_audience')
        return claims
      },
    },
    proofs: {
      nonce: (now) => world.proofs.nonce(now),
      judge: (asked, now) => world.proofs.judge(asked, now),
    },
    keys: {
      sign: (_use, typ, payload) =>
        new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'test', typ }).sign(pair.privateKey),
      jwks: () => world.keys,
    },
    restrictions: {
      decide: (facts) => world.verdict(facts),
      basis: () => basis,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    quotas: {
      admit: (_claims, patients, access) =>
        patients.map((patient) => world.quota(patient, access)).find(({ allow }) => !allow) ?? {
          allow: true,
        },
    },
    practiceNames: { recordsName: (practice) => ({ prc_a: 'org-a', prc_b: 'org-b' })[practice as string] },
    pseudonyms: {
      epoch: 1,
      pseudonymOf: (reference) => `1.${reference}`,
      sealIfNew: () => undefined,
      keptSeal: () => {},
      remember: () => {},
    },
    spool: {
      reserve: () => {
        if (world.spool === 'full') throw new Refusal('audit_unavailable')
        return {
          append: async (events) => {
            if (world.spool === 'failing') throw new Refusal('audit_unavailable')
            await world.onAppend?.(events)
            world.events.push(...events)
          },
          release: () => {},
        }
      },
      close: async () => {},
    },
    strangers: { count: (source, reason) => world.strangers.push({ source, reason }) },
    resources: {
      all: () => world.resources,
      findByAudience: (wanted) => world.resources.find((resource) => resource.audience === wanted),
      reload: async () => {},
    },
    forwarder: forwarder ?? upstreams,
    smartConfiguration: () => ({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
    }),
  }
  world.gateway = createGateway(services)
  const handle = nodeGateway(world.gateway, upstreams)
  server.on('request', (request, response) => {
    if (!handle(request, response)) response.writeHead(418).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  world.port = (server.address() as AddressInfo).port
  world.url = `http://127.0.0.1:${world.port}`
  world.reset()
  return world
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

const usualClaims = (now: number): PersonClaims =>
  ({
    iss: issuer,
    sub: 'prt_a',
    aud: audience,
    exp: now + 300,
    iat: now,
    jti: 'a',
    client_id: 'records-app',
    scope: 'openid user/*.cruds records.read records.write',
    sid: 'ses_a',
    acr: 'garde:passkey',
    amr: ['hwk', 'user'],
    auth_time: now,
    practice: 'prc_a',
    role: 'clinician',
    grant_id: 'grt_a',
    session_started_at: now,
    session_sequence: 5,
  }) as unknown as PersonClaims

const serviceClaims = (now: number): ServiceClaims =>
  ({
    iss: issuer,
    sub: 'archiver',
    aud: audience,
    exp: now + 300,
    iat: now,
    jti: 'service',
    client_id: 'archiver',
    scope: 'system/*.rs records.read',
    practice: 'prc_a',
    session_started_at: now,
    session_sequence: 5,
  }) as unknown as ServiceClaims

const usualResources = (origin: string): Resource[] =>
  [
    { kind: 'fhir', name: 'fhir', audience, base: '/fhir', upstream: `${origin}/r4` },
    {
      kind: 'rest',
      name: 'records',
      audience: `${issuer}/records`,
      base: '/records',
      upstream: `${origin}/api`,
      lookup: { path: '/patients/:patient/owner', practice: '/practice' },
      routes: [
        {
          name: 'patient',
          methods: ['GET', 'HEAD', 'PUT'],
          path: '/patients/:patient',
          query: ['view'],
          patient: { from: 'path', parameter: 'patient' },
        },
        {
          name: 'notes',
          methods: ['GET', 'POST'],
          path: '/patients/:patient/notes',
          scopes: ['records.write'],
          patient: { from: 'path', parameter: 'patient' },
          assertion: 'request',
        },
        {
          name: 'letter',
          methods: ['GET'],
          path: '/letters/:letter',
          patient: { from: 'answer', pointer: '/patient' },
        },
        { name: 'agenda', methods: ['GET', 'POST'], path: '/agenda', patient: 'none' },
      ],
    },
  ].map((input) => resourceShape.parse(input))
