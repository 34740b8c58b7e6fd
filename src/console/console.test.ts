/** The security desk through the front door. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { parseClient } from '../clients/client.ts'
import { findClient, saveClient } from '../clients/store.ts'
import { deliveries } from '../db/schema.ts'
import { hashSecret } from '../core/secret.ts'
import { record } from '../audit/store.ts'
import { mintId, type ClientId, type OperatorId, type PractitionerId } from '../core/ids.ts'
import { sequenceOnce } from '../audit/sequencer.ts'
import { mintAdminToken } from '../operators/admin-token-store.ts'
import { findApproval, requestApproval, requestLift } from '../operators/approval-store.ts'
import { addMembership } from '../people/memberships.ts'
import { createPractice } from '../people/practices.ts'
import { listRestrictions } from '../restrictions/listing-store.ts'
import { restrict } from '../restrictions/store.ts'
import { enrolOperator } from '../../test/support/operators.ts'
import { confirmAct, enrolOperator as enrolWithKey, ok, type Browser } from '../../test/support/people.ts'
import { served } from '../../test/support/audit-events.ts'
import { seat, seatOperator, seatPractitioner, type Seat } from '../../test/support/seated.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'

let services: TestServices
let ada: Seat
beforeAll(async () => {
  services = await testServices()
  ada = await seatOperator(services)
})
afterAll(() => services.close())

const text = async (answer: Response | Promise<Response>) => (await answer).text()
const cutOf = (claire: Seat, more: Record<string, string> = {}) => ({
  scope: 'practitioner',
  target: claire.holder.id,
  effect: 'deny',
  expiry: '4',
  reason: 'Compte d’un médecin parti.',
  ...more,
})

test('a practitioner is refused every screen of the desk', async () => {
  const claire = await seatPractitioner(services)
  for (const path of [
    '/console',
    '/console/events',
    '/console/events/stream',
    '/console/cut',
    '/console/audit',
    '/console/deliveries',
  ]) {
    const answer = await claire.get(path)
    expect(answer.status, path).toBe(403)
    expect(services.lines.at(-1)?.fields['reason']).toBe('operator_required')
  }
  expect((await claire.post('/console/cut', cutOf(ada))).status).toBe(403)
})

test('without a session a screen sends to sign-in, and the stream is refused', async () => {
  const ask = (path: string, accept: string) =>
    createApp(services).request(path, { headers: { accept } }, { remote: '::1' })
  expect((await ask('/console/cut?scope=everything', 'text/html')).headers.get('location')).toBe(
    '/signin?continue=%2Fconsole%2Fcut%3Fscope%3Deverything',
  )
  expect((await ask('/console/events/stream', 'text/event-stream')).status).toBe(401)
})

test('the thief of an operator’s session sees and cuts nothing once a new proof is asked for', async () => {
  await enrolOperator(services)
  const stolen = await seatOperator(services, 'Grace')
  const { id } = stolen.holder
  services.clock.advance(1)
  await restrict(
    services,
    { kind: 'rule', rule: 'test' },
    {
      selector: { operator: id as never },
      effect: { kind: 'step-up' },
      endsSessions: false,
      reason: 'laptop left open',
      expiresAt: services.clock.now() + 60,
    },
  )
  const claire = await seatPractitioner(services)
  expect((await stolen.get('/console/cut?scope=everything')).headers.get('location')).toBe(
    '/signin/confirm?continue=%2Fconsole%2Fcut%3Fscope%3Deverything',
  )
  expect((await stolen.post('/console/cut', cutOf(claire))).status).toBe(401)
  expect(services.lines.at(-1)?.fields['reason']).toBe('step_up_required')
  services.clock.advance(1)
  expect((await (await seat(services, stolen.holder)).get('/console')).status).toBe(200)
})

test('who is signed in, with practice and role, and found by name without its accent', async () => {
  const claire = await seatPractitioner(services, 'Lévêque')
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } } as const
  const practice = await createPractice(
    services,
    { name: 'Cabinet des Tilleuls', recordsName: 'tilleuls', secretSignIn: true },
    head,
  )
  if (claire.holder.kind !== 'practitioner') throw new Error('expected a practitioner')
  await addMembership(services, claire.holder.id, practice.id, { role: 'secretary', doctors: 1 }, head)
  const page = await text(ada.get('/console?q=leveque'))
  expect(page).toContain('Claire Lévêque')
  expect(page).toContain('Cabinet des Tilleuls')
  expect(page).toContain('secrétaire')
  expect(page).not.toContain('Claire Martin')
  expect(await text(ada.get('/console?q=%25'))).toContain('Personne ne correspond')
})

test('a cut is done once, answers with place and measure, and the next page of the person is refused', async () => {
  const claire = await seatPractitioner(services)
  const before = await text(ada.get(`/console/cut?scope=practitioner&target=${claire.holder.id}`))
  expect(before).toContain('1 personne')
  expect(before).toContain('Vous n’êtes pas touché.')
  const done = await ada.post('/console/cut', cutOf(claire))
  expect(done.status).toBe(303)
  const kept = (done.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const page = await createApp(services).request(
    done.headers.get('location') ?? '',
    { headers: { cookie: `${kept}; ${ada.cookie}`, accept: 'text/html', 'accept-language': 'fr' } },
    { remote: '::1' },
  )
  const words = await page.text()
  expect(words).toContain('C’est coupé.')
  expect(words).toMatch(/Appliqué sur http:\/\/localhost:4800 à \d\d:\d\d:\d\d/)
  expect(words).toMatch(/Mesuré : \d+ ms/)
  const refused = await claire.get('/account')
  expect(refused.status).toBe(423)
})

test('a cut needs a reason, and keeps what was typed', async () => {
  const claire = await seatPractitioner(services)
  const answer = await ada.post(
    '/console/cut',
    cutOf(claire, { reason: '  ', effect: 'read-only', expiry: '168' }),
  )
  expect(answer.status).toBe(400)
  const page = await answer.text()
  expect(page).toContain('Écrivez le motif')
  expect(page).toMatch(/value="168" selected/)
  expect(page).toMatch(/value="read-only"[^>]* checked/)
  expect((await claire.get('/account')).status).toBe(200)
})

test('cutting many is not done before it was said who is touched', async () => {
  await seatPractitioner(services)
  await seatPractitioner(services)
  const everything = {
    scope: 'everything',
    target: '',
    effect: 'read-only',
    expiry: '1',
    reason: 'Exercice.',
  }
  const before = (await listRestrictions(services.db, { now: services.clock.now() })).length
  expect((await ada.post('/console/cut', everything)).status).toBe(400)
  expect((await ada.post('/console/cut', { ...everything, understood: 'yes' })).status).toBe(303)
  const after = await listRestrictions(services.db, { now: services.clock.now() })
  expect(after).toHaveLength(before + 1)
  expect((await ada.get('/console')).status).toBe(200)
})

test('an operator’s own session is cut only knowingly', async () => {
  const theo = await seatOperator(services, 'Théo Marchand')
  const page = await text(theo.get(`/console/cut?scope=session&target=${theo.session.id}`))
  expect(page).toContain('Vous aussi')
  const own = { ...cutOf(theo), scope: 'session', target: theo.session.id }
  expect((await theo.post('/console/cut', own)).status).toBe(400)
})

test.each([
  ['scope=practitioner&target=prt_nobody', 404],
  ['scope=practitioner&target=%3Cscript%3E', 400],
  ['scope=planet&target=x', 400],
])('%s cannot be cut', async (query, status) => {
  expect((await ada.get(`/console/cut?${query}`)).status).toBe(status)
})

const digestIn = (page: string): string => /data-confirm-act="([\w-]{43})"/.exec(page)?.[1] ?? ''
const reason = () => services.lines.at(-1)?.fields['reason']

test('a lift is one touch for that very restriction, however young the session', async () => {
  const claire = await seatPractitioner(services)
  const { browser, authenticator } = await enrolWithKey(createApp(services), services)
  const address = (await ada.post('/console/cut', cutOf(claire))).headers.get('location') ?? ''
  const other = (await ada.post('/console/cut', cutOf(claire))).headers.get('location') ?? ''
  const [act, otherAct] = [await digestOf(browser, address), await digestOf(browser, other)]
  expect((await browser.form(`${address}/lift`, { reason: 'Vérifié.' })).status).toBe(403)
  expect(reason()).toBe('fresh_passkey_required')
  const forOther = await confirmAct(browser, authenticator, otherAct)
  const moved = await browser.form(`${address}/lift`, { reason: 'Vérifié.', assertion: forOther })
  expect(moved.status).toBe(400)
  expect(reason()).toBe('challenge_invalid')
  const assertion = await confirmAct(browser, authenticator, act)
  expect((await browser.form(`${address}/lift`, { reason: ' ', assertion })).status).toBe(400)
  await ok(await browser.form(`${address}/lift`, { reason: 'Vérifié par téléphone.', assertion }), 303)
  expect(await text(ada.get(address))).toContain('Vérifié par téléphone.')
  expect((await browser.form(`${address}/lift`, { reason: 'Encore.', assertion })).status).toBe(400)
  const again = await confirmAct(browser, authenticator, act)
  expect((await browser.form(`${address}/lift`, { reason: 'Encore.', assertion: again })).status).toBe(409)
})

const digestOf = async (browser: Browser, address: string) => digestIn(await text(browser.get(address)))

test('another operator’s touch, and a stale session without one, approve nothing', async () => {
  const app = createApp(services)
  const theo = await enrolWithKey(app, services, 'Théo Marchand')
  const mine = await enrolWithKey(app, services)
  const asked = {
    kind: 'create-operator',
    operator: { name: 'M', email: 'm@x.example', language: 'fr' },
  } as const
  const approval = await requestApproval(services, asked, { at: services.clock.now(), actor: ada.holder })
  const address = `/console/approvals/${approval.id}`
  const assertion = await confirmAct(theo.browser, theo.authenticator, await digestOf(theo.browser, address))
  await ok(await mine.browser.form(`${address}/approve`, { assertion }), 400)
  await ok(await mine.browser.form(`${address}/approve`, {}), 403)
  expect(await text(theo.browser.get(address))).toContain('m@x.example')
  expect(await findApproval(services.db, approval.id, services.clock.now())).toMatchObject({ state: 'open' })
})

test('a lift a script asked for is on the desk, and done once by a person', async () => {
  const claire = await seatPractitioner(services)
  if (claire.holder.kind !== 'practitioner') throw new Error('expected a practitioner')
  const { restriction } = await restrict(
    services,
    { kind: 'rule', rule: 'patients-24h' },
    {
      selector: { practitioner: claire.holder.id },
      effect: { kind: 'deny' },
      endsSessions: false,
      reason: 'seuil',
    },
  )
  const asked = { restriction: restriction.id, reason: 'Tournée de vaccination' }
  const head = { at: services.clock.now(), actor: ada.holder }
  const approval = await requestLift(services, asked, head)
  const { browser, authenticator } = await enrolWithKey(createApp(services), services, 'Théo Marchand')
  const address = `/console/approvals/${approval.id}`
  expect(await text(browser.get('/console'))).toContain(address)
  expect(await text(browser.get(address))).toContain('Ada Renard')
  const again = await requestLift(services, asked, head)
  await ok(await browser.form(`/console/approvals/${again.id}/decline`, {}), 303)
  const declined = await text(browser.get(`/console/approvals/${again.id}`))
  expect(declined).toContain('Refusée')
  expect(declined).toContain('par Théo Marchand')
  const assertion = await confirmAct(browser, authenticator, await digestOf(browser, address))
  const done = await ok(await browser.form(`${address}/approve`, { assertion }), 303)
  expect(done.headers.get('location')).toBe(`/console/restrictions/${restriction.id}`)
  expect(await text(browser.get(address))).toContain('Approuvée')
  expect((await claire.get('/account')).status).toBe(200)
})

test('an approval shows what would change, and hands its secret over once, to the person', async () => {
  const { browser, authenticator } = await enrolWithKey(createApp(services), services)
  const head = { at: services.clock.now(), actor: ada.holder }
  const fields = {
    id: 'dossiers',
    name: 'Dossiers',
    profile: 'web-confidential',
    redirectUris: ['https://dossiers.example/retour'],
    scopes: ['openid'],
  }
  await saveClient(services, head, parseClient(fields))
  const wider = { ...fields, firstParty: true, renewSecret: true }
  const act = { kind: 'save-client', client: parseClient(wider) } as const
  const approval = await requestApproval(services, act, head)
  const address = `/console/approvals/${approval.id}`
  const page = await text(browser.get(address))
  expect(page).toMatch(/client\.firstParty<\/dt>\s*<dd>true<br \/><span class="hint">aujourd’hui\s: false/)
  const assertion = await confirmAct(browser, authenticator, digestIn(page))
  const told = await text(await ok(await browser.form(`${address}/approve`, { assertion })))
  const secret = /<code>([\w-]{43})<\/code>/.exec(told)?.[1] ?? ''
  expect(await findClient(services.db, 'dossiers' as ClientId)).toMatchObject({
    firstParty: true,
    secretHash: hashSecret(services.primitives, secret),
  })
  expect(await text(browser.get(address))).not.toContain(secret)
  expect(JSON.stringify(await findApproval(services.db, approval.id, head.at))).not.toContain(secret)
})

test('what the log says of a practitioner: fourteen days, last events, restrictions', async () => {
  const claire = await seatPractitioner(services, 'Dupont')
  await sequenceOnce(services)
  const page = await text(ada.get(`/console/practitioners/${claire.holder.id}`))
  expect(page).toContain('Claire Dupont')
  expect(page).toContain('Connexion')
  expect(page.match(/data-label="Ouverts"/g)).toHaveLength(14)
  expect((await ada.get(`/console/practitioners/${mintId('practitioner')}`)).status).toBe(404)
})

test('the audit page counts, and verifies what it counts', async () => {
  await sequenceOnce(services)
  expect(await text(ada.get('/console/audit'))).toContain('<code>server</code>')
  const verified = await text(ada.post('/console/audit/verify'))
  expect(verified).toMatch(/Vérifié : \d+ entrées, rien n’a changé/)
})

test('events come as a page, and go on as a stream from the place the page ends', async () => {
  await sequenceOnce(services)
  const page = await text(ada.get('/console/events'))
  expect(page).toContain('Connexion')
  const place = (/data-events="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&amp;', '&')
  const claire = await seatPractitioner(services, 'Nouvelle')
  await sequenceOnce(services)
  const stream = await ada.get(place)
  expect(stream.headers.get('content-type')).toContain('text/event-stream')
  const reader = stream.body?.getReader()
  let sent = ''
  while (!sent.includes('"label":"Connexion"')) {
    const { value, done } = (await reader?.read()) ?? { done: true }
    if (done) break
    sent += new TextDecoder().decode(value)
  }
  await reader?.cancel()
  expect(sent).toContain('event: row')
  expect(sent).toContain('Claire Nouvelle')
  expect(sent).toMatch(/id: server:\d+/)
  expect(claire.session.id).toBeTruthy()
})

test('a stream ends with the session it was begun with', async () => {
  const theo = await seatOperator(services, 'Théo Marchand')
  const stream = await theo.get('/console/events/stream')
  await theo.post('/signin/out')
  const reader = stream.body?.getReader()
  let ended = false
  while (!ended) ended = (await reader?.read())?.done ?? true
  expect(ended).toBe(true)
})

test('a view narrowed to a person shows theirs, its stream stays narrowed, and a wrong view is refused', async () => {
  const [anne, boris] = [
    await seatPractitioner(services, 'Aubépine'),
    await seatPractitioner(services, 'Bouleau'),
  ]
  await sequenceOnce(services)
  const page = await text(ada.get(`/console/events?show=sign-ins&practitioner=${anne.holder.id}`))
  expect(page).toContain('Claire Aubépine')
  expect(page).not.toContain('Claire Bouleau')
  expect(page).toContain(`/console/events/stream?show=sign-ins&amp;practitioner=${anne.holder.id}&amp;after=`)
  expect((await ada.get('/console/events?show=whatever')).status).toBe(400)
  const found = await ada.get('/console/events?show=cuts&person=Bouleau')
  expect(found.headers.get('location')).toBe(`/console/events?show=cuts&practitioner=${boris.holder.id}`)
  expect(await text(ada.get('/console/events?person=personne-de-ce-nom'))).toContain('Personne ne correspond')
})

test('a summary says what was read in one line that opens, and everything says it line by line', async () => {
  const reader = await seatPractitioner(services, 'Lectrice')
  const at = services.clock.now()
  const read = (n: number, access: 'opened' | 'listed') =>
    served(String(n), {
      at,
      patient: `1.patient${n}`,
      access,
      practitioner: reader.holder.id as PractitionerId,
      session: reader.session.id,
    })
  await record(
    services.db,
    ...[1, 2, 3].map((n) => read(n, 'opened')),
    ...[4, 5].map((n) => read(n, 'listed')),
  )
  await sequenceOnce(services)
  const of = `practitioner=${reader.holder.id}`
  const summary = await text(ada.get(`/console/events?${of}`))
  expect(summary).toContain('3 dossiers ouverts, 2 patients listés')
  expect(summary).not.toContain('1.patient3')
  const [, href = ''] = /href="([^"]*show=reads[^"]*)"/.exec(summary) ?? []
  const opened = await text(ada.get(href.replaceAll('&amp;', '&')))
  expect(opened.match(/Dossier servi/g)).toHaveLength(5)
  expect(opened).not.toContain('data-events')
  expect((await text(ada.get(`/console/events?show=everything&${of}`))).match(/Dossier servi/g)).toHaveLength(
    5,
  )
})

test('a sum of reads that grows is told anew under the same key', async () => {
  const reader = await seatPractitioner(services, 'Rapide')
  const read = (n: number) =>
    served(String(n), {
      at: services.clock.now(),
      patient: `1.p${n}`,
      practitioner: reader.holder.id as PractitionerId,
      session: reader.session.id,
    })
  await record(services.db, read(1))
  await sequenceOnce(services)
  const page = await text(ada.get(`/console/events?practitioner=${reader.holder.id}`))
  const key = /data-run="([^"]+)"/.exec(page)?.[1]
  const stream = await ada.get((/data-events="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&amp;', '&'))
  await record(services.db, read(2))
  await sequenceOnce(services)
  const body = stream.body?.getReader()
  let sent = ''
  while (!sent.includes('2 dossiers ouverts')) {
    const { value, done } = (await body?.read()) ?? { done: true }
    if (done) break
    sent += new TextDecoder().decode(value)
  }
  await body?.cancel()
  expect(sent).toContain(`"key":"${key}"`)
})

test('a cut is among the events of whom it touches, and of nobody else', async () => {
  const [cut, other] = [await seatPractitioner(services, 'Coupée'), await seatPractitioner(services, 'Autre')]
  await ada.post('/console/cut', cutOf(cut, { reason: 'Badge perdu au parking.' }))
  await sequenceOnce(services)
  const cuts = (seated: Seat) => text(ada.get(`/console/events?show=cuts&practitioner=${seated.holder.id}`))
  expect(await cuts(cut)).toContain('Badge perdu au parking.')
  expect(await cuts(other)).not.toContain('Badge perdu au parking.')
})

test('sign-outs that could not be told of are sent again or set aside with a reason', async () => {
  const row = {
    kind: 'backchannel-logout' as const,
    client: 'records-app' as ClientId,
    address: 'https://app.example/out',
    fields: { sub: 'prt_a', sid: 'ses_a' },
    createdAt: services.clock.now(),
    nextAt: services.clock.now(),
    deadAt: services.clock.now(),
    attempts: 3,
    fault: 'status 400',
  }
  const [again, aside] = await services.db.insert(deliveries).values([row, row]).returning()
  expect(await text(ada.get('/console/deliveries'))).toContain('status 400')
  await ada.post('/console/deliveries/retry', { delivery: String(again?.id) })
  expect((await ada.post('/console/deliveries/dismiss', { delivery: String(aside?.id) })).status).toBe(400)
  await ada.post('/console/deliveries/dismiss', { delivery: String(aside?.id), reason: 'Vu au téléphone.' })
  const rows = await services.db.query.deliveries.findMany()
  expect(rows.map(({ id, deadAt }) => [id, deadAt])).toEqual([[again?.id, null]])
})

test('the desk shows admin tokens at work and patients to name, and takes a token away', async () => {
  const grace = await seatOperator(services, 'Grace')
  const actor = { kind: 'operator', id: ada.holder.id as OperatorId, via: 'cli' } as const
  const { token, id } = await mintAdminToken(services, actor.id, 3600, actor)
  const address = `/console/admin-tokens/${id}/revoke`
  expect(await text(ada.get('/console'))).toContain(address)
  expect(await text(ada.get('/console'))).not.toContain(token)
  const api = () =>
    createApp(services).request(
      '/admin/v1/practices',
      { headers: { authorization: `Bearer ${token}` } },
      { remote: '::1' },
    )
  expect((await api()).status).toBe(200)
  const claire = await seatPractitioner(services)
  expect((await claire.post(address, {})).status).toBe(403)
  expect((await grace.post(address, {})).headers.get('location')).toBe('/console')
  expect((await api()).status).toBe(401)
  expect(await text(ada.get('/console'))).not.toContain(address)
  expect((await grace.post(address, {})).status).toBe(404)

  const asked = { patient: `1.${'p'.repeat(43)}`, reason: 'Plainte nommée.', share: 's'.repeat(43) }
  expect((await ada.post('/console/patients', asked)).status).toBe(303)
  // Who asked can do nothing more until another operator has opened it.
  expect(await text(ada.get('/console'))).not.toContain('Plainte nommée.')
  expect(await text(grace.get('/console'))).toContain('Plainte nommée.')
})
