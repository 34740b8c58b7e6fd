/** Cloudflare Workers: the same core on real workerd over a real PostgreSQL, through the main job without a browser. */

import type { ServerResponse } from 'node:http'
import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { verifyLogs } from '../../src/audit/commands.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import { lastEvents } from '../../src/audit/query-store.ts'
import { base64url, randomBytes } from '../../src/core/bytes.ts'
import { days } from '../../src/core/time.ts'
import { auditQueue, findings, practices, sessions } from '../../src/db/schema.ts'
import type { Practice } from '../../src/people/practices.ts'
import { findKeys, revokeKey } from '../../src/tokens/keys-store.ts'
import { edge, filesAudience, issuer, type Edge } from '../support/edge.ts'
import { ok, openPractice } from '../support/people.ts'
import { hiddenIn } from '../support/smart.ts'
import { assertionIn } from '../support/upstream.ts'
import { startWorkerd } from '../support/workerd.ts'

let house: Edge
beforeAll(async () => {
  house = await edge()
})
afterAll(() => house.close())

const patientOf = (practice: Practice, id: string) => ({
  resourceType: 'Patient',
  id,
  managingOrganization: { reference: `Organization/${practice.recordsName}` },
})

/** As the records API has it. */
const has = (practice: Practice, ...ids: string[]) =>
  ids.forEach((id) => house.upstream.on(`GET /Patient/${id}`, { body: patientOf(practice, id) }))

/** What waits for its place in the log, in order. */
const queued = async (): Promise<AuditEvent[]> =>
  (await house.services.db.select({ event: auditQueue.event }).from(auditQueue).orderBy(auditQueue.id)).map(
    ({ event }) => event,
  )

const cut = async (practitioner: string, effect: object) => {
  const { browser } = await house.operator()
  const act = { selector: { practitioner }, effect, endsSessions: false, reason: 'badge stolen' }
  await ok(await browser.json('/admin/v1/restrictions', act), 201)
}

test('is alive, and ready with a journal it has just read', async () => {
  expect(await (await house.worker.fetch('/healthz')).json()).toEqual({ status: 'ok' })
  const ready = await house.worker.fetch('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toMatchObject({ status: 'ready', basis: { sequence: 0, tier: 'fresh' } })
})

test('serves its assets byte for byte with its own headers', async () => {
  const css = await house.worker.fetch('/assets/garde.css')
  expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8')
  expect(css.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(await css.text()).toContain(':root')
})

test('the main job: enrol, sign in, read through the gateway, be cut, be refused, and the log proves it', async () => {
  const { worker, upstream, services } = house
  const practice = await openPractice(services)
  has(practice, 'p1')
  const clinician = await house.clinician(practice)
  const call = await clinician.openApp()

  const served = await ok(await call('/fhir/Patient/p1'))
  expect(await served.json()).toMatchObject({ resourceType: 'Patient', id: 'p1' })
  const forwarded = upstream.calls.at(-1)
  expect(forwarded?.headers.authorization).toBeUndefined()
  expect(assertionIn(forwarded?.headers ?? {})).toMatchObject({
    sub: clinician.practitioner.id,
    iss: issuer,
  })

  await cut(clinician.practitioner.id, { kind: 'deny' })
  const before = upstream.calls.length
  expect((await call('/fhir/Patient/p1')).status).toBe(423)
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

test('a token of another practice reads no patient, and writes none: nothing of it reaches the records API', async () => {
  const [here, there] = [await openPractice(house.services), await openPractice(house.services)]
  has(there, 'b1')
  const call = await (await house.clinician(here)).openApp()
  const read = await call('/fhir/Patient/b1')
  expect(read.status).toBe(403)
  expect(await read.text()).not.toContain(there.recordsName)
  const body = JSON.stringify(patientOf(there, 'b1'))
  expect((await call('/fhir/Patient/b1', { method: 'PUT', body })).status).toBe(403)
  expect(house.upstream.forwarded().filter((each) => each.startsWith('PUT'))).toEqual([])
})

test('a search serves what is of the practice, and the log names each patient listed', async () => {
  const [here, there] = [await openPractice(house.services), await openPractice(house.services)]
  has(here, 's1', 's2')
  const entry = [patientOf(here, 's1'), patientOf(here, 's2'), patientOf(there, 's3')].map((resource) => ({
    resource,
  }))
  house.upstream.on('GET /Patient', { body: { resourceType: 'Bundle', type: 'searchset', entry } })
  const call = await (await house.clinician(here)).openApp()
  const found = (await (await ok(await call('/fhir/Patient?name=a'))).json()) as {
    entry: { resource: { id: string } }[]
  }
  expect(found.entry.map(({ resource }) => resource.id)).toEqual(['s1', 's2'])
  const listed = (await queued()).filter(
    (event) => event.kind === 'access.served' && event.access === 'listed',
  )
  expect(listed).toHaveLength(2)
})

test('a record is created after its intent is durable, and a batch answers entry by entry', async () => {
  const practice = await openPractice(house.services)
  has(practice, 'c1')
  const seen: string[] = []
  const pulse = { resourceType: 'Observation', status: 'final', code: { text: 'pulse' } }
  const observation = { ...pulse, subject: { reference: 'Patient/c1' } }
  const created = async (response: ServerResponse) => {
    seen.push(...(await queued()).map(({ kind }) => kind))
    response.writeHead(201, { 'content-type': 'application/fhir+json', location: '/Observation/o1' })
    response.end(JSON.stringify({ ...observation, id: 'o1' }))
  }
  house.upstream.on('POST /Observation', {
    handle: (response) => void created(response),
  })
  const call = await (await house.clinician(practice)).openApp()
  await ok(await call('/fhir/Observation', { method: 'POST', body: JSON.stringify(observation) }), 201)
  expect(seen).toContain('access.intent')
  expect(seen).not.toContain('access.settled')
  expect((await queued()).map(({ kind }) => kind)).toContain('access.settled')

  const entry = ['c1', 'nobody'].map((id) => ({ request: { method: 'GET', url: `Patient/${id}` } }))
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
  const answered = (await (await ok(await call('/fhir', { method: 'POST', body }))).json()) as {
    entry: { response: { status: string } }[]
  }
  expect(answered.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(['200', '403'])
})

test('a practitioner who may only read reads, and does not write', async () => {
  const practice = await openPractice(house.services)
  has(practice, 'r1')
  const clinician = await house.clinician(practice)
  const call = await clinician.openApp()
  await cut(clinician.practitioner.id, { kind: 'read-only' })
  await ok(await call('/fhir/Patient/r1'))
  const body = JSON.stringify(patientOf(practice, 'r1'))
  expect((await call('/fhir/Patient/r1', { method: 'PUT', body })).status).toBe(423)
})

test('what the log cannot take is not answered', async () => {
  const practice = await openPractice(house.services)
  has(practice, 'l1')
  const call = await (await house.clinician(practice)).openApp()
  const { db } = house.services
  await db.execute(sql`alter table audit_queue rename to audit_queue_away`)
  const refused = await call('/fhir/Patient/l1')
  await db.execute(sql`alter table audit_queue_away rename to audit_queue`)
  expect(refused.status).toBe(503)
  expect(await refused.text()).not.toMatch(/managingOrganization|audit_queue/)
  await ok(await call('/fhir/Patient/l1'))
})

test('the caps hold over isolates: of 24 patients asked for at once in two places, 10 are opened', async () => {
  const { services } = house
  const practice = await openPractice(services)
  const long = { createdAt: services.clock.now() - days(100) }
  await services.db.update(practices).set(long).where(eq(practices.id, practice.id))
  const ids = Array.from({ length: 24 }, (_, n) => `q${n}`)
  has(practice, ...ids)
  const elsewhere = await house.another()
  const clinician = await house.clinician(practice)
  // Whoever proved who they are in this very second has done what the cap would ask for.
  const proven = { authTime: services.clock.now() - 60 }
  await services.db.update(sessions).set(proven).where(eq(sessions.holder, clinician.practitioner.id))
  const call = await clinician.openApp()
  const answers = await Promise.all(
    ids.map((id, n) => call(`/fhir/Patient/${id}`, {}, n % 2 === 0 ? house.worker : elsewhere)),
  )
  const opened = ids.filter((_, n) => answers[n]?.status === 200)
  expect(opened).toHaveLength(10)

  // What was found is one finding, however many asked.
  const found = () => services.db.select().from(findings).where(eq(findings.practice, practice.id))
  await vi.waitFor(async () => expect(await found()).toHaveLength(1))
  expect(await found()).toMatchObject([{ rule: 'patients-5min', action: 'step-up' }])
})

test('an open download ends when its reader is cut', async () => {
  const practice = await openPractice(house.services)
  house.upstream.on('GET /owner/d1', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ practice: practice.recordsName }),
  })
  let gone: (() => void) | undefined
  const upstreamLeft = new Promise<void>((resolve) => (gone = resolve))
  house.upstream.on('GET /patients/d1/report', {
    handle: (response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.write('the first page')
      response.on('close', () => gone?.())
    },
  })
  const clinician = await house.clinician(practice)
  const call = await clinician.openApp(filesAudience)
  const answer = await ok(await call('/files/patients/d1/report'))
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('the first page')
  await cut(clinician.practitioner.id, { kind: 'deny' })
  const end = await reader.read().catch(() => ({ done: true, value: undefined }))
  expect(end).toEqual({ done: true, value: undefined })
  await upstreamLeft
  await vi.waitFor(async () => expect((await queued()).map(({ kind }) => kind)).toContain('access.cut'))
})

test('a read asks the database four things, and a fifth where the patient is new', async () => {
  const practice = await openPractice(house.services)
  has(practice, 'n1', 'n2')
  const call = await (await house.clinician(practice)).openApp()
  const countedRead = async (id: string) => {
    house.asked.take()
    await (await ok(await call(`/fhir/Patient/${id}`))).text()
    // A stream of an earlier story may still look at the journal: each table is named once.
    const tables = house.asked.take().map((text) => /(?:from|into|update) "(\w+)"/.exec(text)?.[1] ?? text)
    return [...new Set(tables)].toSorted()
  }
  await countedRead('n1')
  const again = await countedRead('n1')
  const next = await countedRead('n2')
  const always = ['audit_queue', 'resources', 'restriction_journal', 'signing_keys']
  expect(again).toEqual(always)
  expect(next).toEqual([...always, 'quota_states'].toSorted())
})

test('a token of a revoked key counts no more, from the very next request on', async () => {
  const practice = await openPractice(house.services)
  has(practice, 'k1')
  const call = await (await house.clinician(practice)).openApp()
  await ok(await call('/fhir/Patient/k1'))
  const key = (await findKeys(house.services.db)).find(({ use, alg }) => use === 'token' && alg === 'ES256')
  await revokeKey(house.services, key?.kid ?? '', { kind: 'system', id: 'test' })
  expect((await call('/fhir/Patient/k1')).status).toBe(401)
})

test('SMART: its configuration is for everybody, and a patient is chosen through the gateway beside', async () => {
  const { worker, upstream } = house
  const said = await ok(await worker.fetch('/fhir/.well-known/smart-configuration'))
  expect(said.headers.get('access-control-allow-origin')).toBe('*')
  expect(await said.json()).toMatchObject({ issuer, code_challenge_methods_supported: ['S256'] })

  const practice = await openPractice(house.services)
  const patient = {
    ...patientOf(practice, 's1'),
    identifier: [{ value: 'N-s1' }],
    name: [{ family: 'Durand' }],
  }
  upstream.on('GET /Patient/s1', { body: patient })
  const entry = [{ resource: patient, search: { mode: 'match' } }]
  upstream.on('GET /Patient', { body: { resourceType: 'Bundle', type: 'searchset', entry } })
  const { browser } = await house.clinician(practice)
  const asked = new URLSearchParams({
    client_id: 'records-app',
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:51004/callback',
    scope: 'launch/patient patient/*.rs',
    aud: `${issuer}/fhir`,
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  const waiting = await ok(await browser.get(`/oauth/authorize?${asked.toString()}`), 303)
  const hidden = hiddenIn(await (await browser.get(waiting.headers.get('location') ?? '')).text())
  const sought = { ...hidden, search: 'yes', identifier: 'N-s1' }
  expect(await (await browser.form('/oauth/resume', sought)).text()).toContain('value="s1"')
  const back = await ok(await browser.form('/oauth/resume', { ...hidden, patient: 's1' }))
  expect(back.headers.get('refresh')).toContain('code=')
  const served = (await queued()).filter(({ kind }) => kind === 'access.served')
  expect(served.slice(-2)).toMatchObject([{ access: 'listed' }, { access: 'opened' }])
})

test('without a database it says so, and nothing else', async () => {
  const settings = { GARDE_ISSUER: issuer, GARDE_KEY_ENCRYPTION_KEY: base64url(randomBytes(32)) }
  const alone = await startWorkerd('postgres://garde@127.0.0.1:1/none', settings)
  const answer = await alone.fetch('/fhir/Patient/p1')
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({
    error: 'server_error',
    request: expect.stringMatching(/^req_/) as unknown,
  })
  await alone.stop()
})
