/** The account page through the front door. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { mintId } from '../core/ids.ts'
import { auditQueue } from '../db/schema.ts'
import { listNotices } from '../people/notice-store.ts'
import { insertPasskey } from '../people/passkey-store.ts'
import { totpCode, totpStep } from '../people/totp.ts'
import { restrict } from '../restrictions/store.ts'
import { listFindings } from '../risk/finding-store.ts'
import { seat, seatPractitioner, type Seat } from '../../test/support/seated.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'

let services: TestServices
beforeAll(async () => {
  services = await testServices()
})
afterAll(() => services.close())

const giveKey = async ({ holder }: Seat, label: string) => {
  const id = mintId('credential')
  await insertPasskey(services.db, {
    id,
    holder,
    credential: id,
    publicKey: new Uint8Array([1]),
    thumbprint: 't',
    counter: 0,
    aaguid: '00000000-0000-0000-0000-000000000000',
    transports: [],
    backupEligible: true,
    backedUp: true,
    label,
    createdAt: services.clock.now(),
  })
  return id
}

test('without a session a page sends to sign-in and back; a write is refused', async () => {
  const app = createApp(services)
  const page = await app.request(
    '/account?done=not-me',
    { headers: { accept: 'text/html' } },
    { remote: '::1' },
  )
  expect(page.headers.get('location')).toBe('/signin?continue=%2Faccount%3Fdone%3Dnot-me')
  const write = await app.request(
    '/account/not-me',
    { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } },
    { remote: '::1' },
  )
  expect(write.status).toBe(401)
})

test('another site cannot end anything', async () => {
  const claire = await seatPractitioner(services)
  const cookie = { cookie: '', 'sec-fetch-site': 'cross-site' }
  const answer = await createApp(services).request(
    '/account/not-me',
    { method: 'POST', headers: cookie },
    { remote: '::1' },
  )
  expect(answer.status).toBe(403)
  expect((await claire.get('/account')).status).toBe(200)
})

test('the page shows passkeys, this session and notices', async () => {
  const claire = await seatPractitioner(services)
  await giveKey(claire, 'Clé du bureau')
  const page = await (await claire.get('/account')).text()
  expect(page).toContain('Clé du bureau')
  expect(page).toContain('C’est votre seule clé d’accès')
  expect(page).toContain('Cette session')
  expect(page).toContain('Connexion depuis un nouvel appareil')
  expect(page).not.toContain('/remove"')
})

test('a passkey is renamed, and nobody renames somebody else’s', async () => {
  const claire = await seatPractitioner(services)
  const other = await seatPractitioner(services, 'Autre')
  const id = await giveKey(claire, 'Ancien')
  expect((await other.post(`/account/passkeys/${id}/rename`, { label: 'volée' })).status).toBe(404)
  expect((await claire.post(`/account/passkeys/${id}/rename`, { label: '<b>Nouveau</b>' })).status).toBe(303)
  expect(await (await claire.get('/account')).text()).toContain('&lt;b&gt;Nouveau&lt;/b&gt;')
  const renamed = { kind: 'credential.renamed', holder: claire.holder, credential: id }
  const events = (await services.db.select().from(auditQueue)).map(({ event }) => event)
  expect(events.filter(({ kind }) => kind === renamed.kind)).toEqual([expect.objectContaining(renamed)])
  expect((await claire.post(`/account/passkeys/${id}/rename`, { label: ' ' })).status).toBe(400)
})

test('the last passkey stays; one of two goes, with a fresh proof only', async () => {
  const claire = await seatPractitioner(services)
  const first = await giveKey(claire, 'Premier')
  expect((await claire.post(`/account/passkeys/${first}/remove`)).status).toBe(409)
  expect(services.lines.at(-1)?.fields['reason']).toBe('last_credential')
  const second = await giveKey(claire, 'Second')
  services.clock.advance(301)
  expect((await claire.post(`/account/passkeys/${second}/remove`)).status).toBe(403)
  const page = await (await claire.get(`/account/passkeys/${second}/remove`)).text()
  expect(page).toContain('/signin/confirm?continue=')
  const fresh = await seat(services, claire.holder)
  expect((await fresh.post(`/account/passkeys/${second}/remove`)).status).toBe(303)
  expect(await (await fresh.get('/account')).text()).not.toContain(`label-${second}`)
})

test('a thief asked for a new proof does not add or remove a passkey on the old one', async () => {
  const claire = await seatPractitioner(services)
  const id = await giveKey(claire, 'Premier')
  await giveKey(claire, 'Second')
  services.clock.advance(1)
  await restrict(
    services,
    { kind: 'rule', rule: 'test' },
    {
      selector: { practitioner: claire.session.holder.id as never },
      effect: { kind: 'step-up' },
      endsSessions: false,
      reason: 'test',
    },
  )
  expect((await claire.post(`/account/passkeys/${id}/remove`)).status).toBe(403)
  expect((await claire.post('/account/passkeys/options')).status).toBe(403)
  expect(services.lines.at(-1)?.fields['reason']).toBe('fresh_passkey_required')
  services.clock.advance(1)
  const again = await seat(services, claire.holder)
  expect((await again.post(`/account/passkeys/${id}/remove`)).status).toBe(303)
})

test('one session is ended, for its tokens too, and only by its owner', async () => {
  const claire = await seatPractitioner(services)
  const phone = await seat(services, claire.holder)
  const other = await seatPractitioner(services, 'Autre')
  expect((await other.post(`/account/sessions/${phone.session.id}/end`)).status).toBe(404)
  expect((await claire.post(`/account/sessions/${phone.session.id}/end`)).status).toBe(303)
  const { id, facts } = phone.session
  const verdict = services.restrictions.decide(
    { session: id, sessionSequence: facts.session_sequence, safe: true },
    services.clock.now(),
  )
  expect(verdict.allow).toBe(false)
  expect((await phone.get('/account')).headers.get('location')).toContain('/signin')
  expect((await claire.get('/account')).status).toBe(200)
})

test('“this was not me” ends everything elsewhere, keeps this session and tells the desk', async () => {
  const claire = await seatPractitioner(services)
  const thief = await seat(services, claire.holder)
  const stranger = await seatPractitioner(services, 'Autre')
  const answer = await claire.post('/account/not-me')
  expect(answer.headers.get('location')).toBe('/account?done=not-me')
  expect((await thief.get('/account')).status).toBe(303)
  expect((await stranger.get('/account')).status).toBe(200)
  const page = await (await claire.get('/account?done=not-me')).text()
  expect(page).toContain('C’est fait : plus rien n’est ouvert ailleurs.')
  const [finding] = await listFindings(services.db, { since: 0, limit: 1 })
  expect(finding).toMatchObject({ rule: 'not-me', practitioner: claire.holder.id, value: 1 })
  expect((await listNotices(services.db, claire.holder))[0]?.kind).toBe('not-me')
})

test('notices that were seen are new no more', async () => {
  const claire = await seatPractitioner(services)
  expect(await (await claire.get('/account')).text()).toContain('Nouveau depuis votre dernière visite')
  await claire.post('/account/notices/seen')
  expect(await (await claire.get('/account')).text()).not.toContain('Nouveau depuis votre dernière visite')
})

test('password and code: offered under a fresh proof, kept with the first code, gone when removed', async () => {
  const claire = await seatPractitioner(services)
  await giveKey(claire, 'Clé')
  const page = await (await claire.get('/account/secret')).text()
  const sealed = /name="sealed" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const key = /<code>([A-Z2-7 ]+)<\/code>/.exec(page)?.[1]?.replaceAll(' ', '') ?? ''
  const secret = 'les pommes du verger'
  const code = totpCode(key, totpStep(services.clock.now()))
  const wrong = await claire.post('/account/secret', {
    secret,
    sealed,
    code: code === '000000' ? '1' : '000000',
  })
  expect(wrong.status).toBe(400)
  expect(await wrong.text()).toContain(key.slice(0, 4))
  expect((await claire.post('/account/secret', { secret, sealed, code })).status).toBe(303)
  expect(await (await claire.get('/account')).text()).toContain('Supprimer cette façon')
  expect((await claire.post('/account/secret/remove')).status).toBe(303)
  expect(await (await claire.get('/account')).text()).toContain('Ajouter cette façon')
  services.clock.advance(301)
  expect((await claire.get('/account/secret')).headers.get('location')).toBe(
    '/signin/confirm?continue=%2Faccount%2Fsecret',
  )
})
