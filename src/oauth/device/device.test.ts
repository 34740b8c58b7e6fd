/** A device let in by somebody elsewhere: RFC 8628 by openid-client, by hand, and by those who try something. */

import { openAsBlob } from 'node:fs'
import * as oidc from 'openid-client'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { audience, oauthHouse, type Changes, type OauthHouse } from '../../../test/support/oauth.ts'
import { freshPostgres } from '../../../test/support/postgres.ts'
import { proofMaker } from '../../../test/support/proofs.ts'
import { freshDatabase } from '../../../test/support/services.ts'
import { parseClient } from '../../clients/client.ts'
import { disableClient, saveClient } from '../../clients/store.ts'
import type { ClientId, GrantId } from '../../core/ids.ts'
import type { Reason } from '../../core/refusal.ts'
import type { Database } from '../../db/db.ts'
import { listNotices } from '../../people/notice-store.ts'
import { addMembership } from '../../people/memberships.ts'
import { createPractice } from '../../people/practices.ts'
import { createPractitioner } from '../../people/practitioners.ts'
import { beginSession } from '../../people/session.ts'
import type { Selector } from '../../restrictions/restriction.ts'
import { lift, restrict } from '../../restrictions/store.ts'
import { openPglite } from '../../runtime/pglite.ts'
import { openPostgres } from '../../runtime/postgres.ts'
import { memoryThrottle } from '../../runtime/throttle.ts'
import { waitingOf } from '../grant-device-code.ts'
import { decideDevice, insertDeviceRequest, takeApproved } from './store.ts'
import { mintUserCode, readUserCode } from './user-code.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const author = { kind: 'rule', rule: 'test' } as const

interface Asked {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval: number
  error?: string
}

/** A house with a device's client, and what a device and a person do there. */
async function deviceHouse(options: Parameters<typeof oauthHouse>[0] = {}) {
  const house = await oauthHouse(options)
  const registered = {
    name: 'Électrocardiographe',
    profile: 'smart-public',
    grantTypes: [deviceGrant, 'refresh_token'],
    scopes: [
      'openid',
      'profile',
      'offline_access',
      'launch/patient',
      'patient/Observation.r',
      'user/Observation.cruds',
    ],
    resources: [audience],
  }
  for (const id of ['ecg', 'scales'])
    await saveClient(house.services, house.head(), parseClient({ ...registered, id }))
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return {
    ...house,
    async ask(changes: Changes = {}, more: Record<string, string> = {}) {
      const fields = { client_id: 'ecg', scope: 'openid offline_access user/Observation.cruds', ...changes }
      const present = Object.entries(fields).filter(
        (field): field is [string, string] => field[1] !== undefined,
      )
      const answer = await fetch(`${house.issuer}/oauth/device-authorization`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: new URLSearchParams(present).toString(),
      })
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Asked }
    },
    poll: (code: string, changes: Changes = {}, more: Record<string, string> = {}) =>
      house.token({ client_id: 'ecg', grant_type: deviceGrant, device_code: code, ...changes }, more),
    async signedIn(holder?: Parameters<ReturnType<OauthHouse['browser']>['signIn']>[0]) {
      const browser = house.browser()
      await browser.signIn(holder)
      const post = async (form: Record<string, string>) => {
        const answer = await browser.open('/device', { form })
        return { status: answer.status, headers: answer.headers, page: await answer.text() }
      }
      return { browser, post, approve: (user_code: string) => post({ user_code, answer: 'given' }) }
    },
    kinds: async () =>
      (await house.services.db.query.auditQueue.findMany()).map(({ event }) => event.kind as string),
    requests: () => house.services.db.query.deviceRequests.findMany(),
  }
}
type DeviceHouse = Awaited<ReturnType<typeof deviceHouse>>

let house: DeviceHouse
beforeAll(async () => {
  house = await deviceHouse()
})
afterAll(() => house.close())

const refused = async (answer: Promise<{ status: number; body: { error?: string } }>) => {
  const { status, body } = await answer
  return [status, body.error, house.reason()]
}

test('openid-client lets a device in while somebody approves it on the page', async () => {
  const client = await oidc.discovery(new URL(house.issuer), 'ecg', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
  const begun = await oidc.initiateDeviceAuthorization(client, { scope: 'openid user/Observation.cruds' })
  expect(begun).toMatchObject({ expires_in: 600, interval: 5 })
  expect(begun.verification_uri).toBe(`${house.issuer}/device`)
  expect(begun.verification_uri_complete).toBe(`${house.issuer}/device?user_code=${begun.user_code}`)
  const { post } = await house.signedIn()
  expect((await post({ user_code: begun.user_code })).page).toContain('Connecter Électrocardiographe')
  expect((await post({ user_code: begun.user_code, answer: 'given' })).page).toContain('Appareil connecté')
  // What it would wait for has happened: it asks at once.
  const tokens = await oidc.pollDeviceAuthorizationGrant(client, { ...begun, interval: 0 })
  expect(tokens.claims()).toMatchObject({ sub: house.person.id, aud: 'ecg', acr: 'garde:passkey' })
  const claims = await house.services.keys.verify(tokens.access_token, audience, house.clock.now())
  expect(claims).toMatchObject({
    sub: house.person.id,
    practice: house.practice.id,
    client_id: 'ecg',
    scope: 'openid user/Observation.cruds',
  })
})

describe('RFC 8628 §3.1, §3.2: asking for codes', () => {
  test('256 bits for the device, eight letters for the person, hashes for us', async () => {
    const { status, headers, body } = await house.ask()
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body.device_code).toMatch(/^[\w-]{43}$/)
    expect(body.user_code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    const kept = JSON.stringify(await house.requests())
    expect(kept).not.toContain(body.device_code)
    expect(kept).not.toContain(body.user_code)
  })

  test.each<[string, Changes, number, string, Reason]>([
    ['no client', { client_id: undefined }, 400, 'invalid_request', 'malformed_id'],
    ['an unknown client', { client_id: 'nobody' }, 400, 'invalid_client', 'client_unknown'],
    [
      'a client of another grant',
      { client_id: 'records-app' },
      400,
      'unauthorized_client',
      'grant_type_not_allowed',
    ],
    ['no scope', { scope: undefined }, 400, 'invalid_scope', 'scope_not_allowed'],
    ['another scope', { scope: 'openid user/Patient.r' }, 400, 'invalid_scope', 'scope_not_allowed'],
    ['one patient’s', { scope: 'patient/Observation.r' }, 400, 'invalid_scope', 'scope_not_allowed'],
    ['a launch', { scope: 'openid launch/patient' }, 400, 'invalid_scope', 'scope_not_allowed'],
    ['another resource', { resource: 'https://other.example/' }, 400, 'invalid_target', 'resource_unknown'],
    ['a NUL', { scope: 'openid\0' }, 400, 'invalid_request', 'malformed_request'],
    ['a huge scope', { scope: `openid ${'x'.repeat(70_000)}` }, 413, 'invalid_request', 'too_large'],
  ])('%s is refused and leaves nothing', async (_name, changes, ...expected) => {
    const before = (await house.requests()).length
    expect(await refused(house.ask(changes))).toEqual(expected)
    expect(await house.requests()).toHaveLength(before)
  })

  test('a parameter given twice, another media type', async () => {
    const send = async (type: string, body: string) => {
      const answer = await fetch(`${house.issuer}/oauth/device-authorization`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      })
      return [answer.status, ((await answer.json()) as Asked).error, house.reason()]
    }
    const form = 'application/x-www-form-urlencoded'
    expect(await send(form, 'client_id=ecg&scope=openid&scope=openid')).toEqual([
      400,
      'invalid_request',
      'repeated_parameter',
    ])
    expect(await send('application/json', '{"client_id":"ecg"}')).toEqual([
      415,
      'invalid_request',
      'unsupported_media_type',
    ])
  })
})

describe('RFC 8628 §3.5: the device asks', () => {
  test('authorization_pending, then slow_down and five seconds more each time', async () => {
    const { body } = await house.ask()
    const ask = () => refused(house.poll(body.device_code))
    const pending = [400, 'authorization_pending', 'authorization_pending']
    const slow = [400, 'slow_down', 'slow_down']
    expect(await ask()).toEqual(pending)
    house.clock.advance(5)
    expect(await ask()).toEqual(pending)
    house.clock.advance(4)
    expect(await ask()).toEqual(slow)
    house.clock.advance(9)
    expect(await ask()).toEqual(slow)
    house.clock.advance(14)
    expect(await ask()).toEqual(slow)
    house.clock.advance(20)
    expect(await ask()).toEqual(pending)
  })

  test('waiting stands in no log, asking too often does', async () => {
    const secret = await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'kiosk',
        name: 'Borne',
        profile: 'web-confidential',
        grantTypes: [deviceGrant],
        scopes: ['openid'],
        resources: [audience],
      }),
    )
    const own = { client_id: 'kiosk', client_secret: secret.secret }
    const { body } = await house.ask({ ...own, scope: 'openid' })
    const refusals = async () => (await house.kinds()).filter((kind) => kind === 'refused').length
    const before = await refusals()
    expect((await house.poll(body.device_code, own)).body.error).toBe('authorization_pending')
    expect(await refusals()).toBe(before)
    expect((await house.poll(body.device_code, own)).body.error).toBe('slow_down')
    expect(await refusals()).toBe(before + 1)
  })

  test('approved between two questions, it need not wait its turn', async () => {
    const { body } = await house.ask()
    await house.poll(body.device_code)
    await (await house.signedIn()).approve(body.user_code)
    expect((await house.poll(body.device_code)).status).toBe(200)
  })

  test('expired_token: after ten minutes, approved or not', async () => {
    const first = await house.ask()
    const second = await house.ask()
    const { approve } = await house.signedIn()
    await approve(second.body.user_code)
    house.clock.advance(600)
    const expired = [400, 'expired_token', 'device_code_expired']
    expect(await refused(house.poll(first.body.device_code))).toEqual(expired)
    expect(await refused(house.poll(second.body.device_code))).toEqual(expired)
    expect((await (await house.signedIn()).approve(first.body.user_code)).page).toContain('n’est pas valable')
  })

  test('access_denied, and the refusal is in the log', async () => {
    const { body } = await house.ask()
    const { post } = await house.signedIn()
    expect((await post({ user_code: body.user_code, answer: 'denied' })).page).toContain('Demande refusée')
    expect(await refused(house.poll(body.device_code))).toEqual([400, 'access_denied', 'device_denied'])
    expect(await house.kinds()).toContain('device.denied')
  })

  test('invalid_grant for no code of ours, and for another client’s', async () => {
    const { body } = await house.ask()
    await (await house.signedIn()).approve(body.user_code)
    const unknown = [400, 'invalid_grant', 'device_code_invalid']
    expect(await refused(house.poll('nothing'))).toEqual(unknown)
    expect(await refused(house.poll(body.device_code, { client_id: 'scales' }))).toEqual(unknown)
    expect((await house.poll(body.device_code)).status).toBe(200)
    expect(await refused(house.poll(''))).toEqual([400, 'invalid_request', 'malformed_request'])
  })

  test('a second use of the device code ends what the first one gave', async () => {
    const { body } = await house.ask()
    await (await house.signedIn()).approve(body.user_code)
    const given = await house.poll(body.device_code)
    expect(await refused(house.poll(body.device_code))).toEqual([400, 'invalid_grant', 'device_code_reused'])
    const again = house.refresh(given.body.refresh_token, { client_id: 'ecg' })
    expect((await again).body.error).toBe('invalid_grant')
  })

  test.each([
    [undefined, 'device_code_invalid'],
    [{ expiresAt: 10 }, 'device_code_expired'],
    [{ decision: 'denied' as const }, 'device_denied'],
    [{ decision: 'approved' as const }, 'authorization_pending'],
    [{ askedAt: 8 }, 'slow_down'],
    [{ askedAt: 5 }, 'authorization_pending'],
  ])('%j at 10 s: %s', (row, reason) => {
    const asked = row && { expiresAt: 600, decision: null, askedAt: null, intervalSeconds: 5, ...row }
    expect(waitingOf(asked, 10).reason).toBe(reason)
  })
})

describe('RFC 8628 §3.3: the page', () => {
  test('whoever is signed out signs in first and finds the code again', async () => {
    const answer = await house.browser().open('/device?user_code=WDJB-MJHT')
    expect(answer.headers.get('location')).toBe('/signin?continue=%2Fdevice%3Fuser_code%3DWDJB-MJHT')
  })

  test('§3.3.1, §5.4: the complete address only types the code; it is shown to be compared before anything happens', async () => {
    const { body } = await house.ask()
    const { browser, post } = await house.signedIn()
    const entered = await (await browser.open(body.verification_uri_complete)).text()
    expect(entered).toContain(`value="${body.user_code}"`)
    expect(entered).not.toContain('Électrocardiographe')
    const { page } = await post({ user_code: body.user_code })
    expect(page).toContain(`<code>${body.user_code}</code>`)
    expect(page).toContain('L’appareil doit afficher exactement ce code')
    expect(page).toContain('Cabinet des Tilleuls')
    expect(page).toContain('créer, lire, modifier, supprimer, rechercher les mesures et observations')
    expect(page).toContain('refusez')
    expect(await refused(house.poll(body.device_code))).toContain('authorization_pending')
  })

  test('§6.1: small letters, spaces and dashes of any kind mean nothing', async () => {
    const { body } = await house.ask()
    const { post } = await house.signedIn()
    const typed = ` ${body.user_code.toLowerCase().replace('-', ' — ')} `
    expect((await post({ user_code: typed })).page).toContain(body.user_code)
    expect(readUserCode('wdjbmjht')).toBe('WDJB-MJHT')
    for (const other of ['WDJB-MJH', 'WDJB-MJHTT', 'ADJB-MJHT', '', '\0WDJBMJHT', 'WDJB_MJHT'])
      expect(readUserCode(other)).toBeUndefined()
    const letters = new Set(Array.from({ length: 200 }, mintUserCode).join(''))
    expect([...letters].toSorted().join('')).toBe('-BCDFGHJKLMNPQRSTVWXZ')
  })

  test('several practices: the person chooses, and only their own', async () => {
    const { services, person, head } = house
    const port = await createPractice(
      services,
      { name: 'Port', recordsName: 'port', secretSignIn: true },
      head(),
    )
    const second = await addMembership(
      services,
      person.id,
      port.id,
      { role: 'clinician', doctors: 1 },
      head(),
    )
    const { body } = await house.ask()
    const { post, approve } = await house.signedIn()
    expect((await approve(body.user_code)).page).toContain('Port')
    const other = await post({ user_code: body.user_code, answer: 'given', membership: 'mbr_other' })
    expect([other.status, house.reason()]).toEqual([403, 'no_membership'])
    const its = await post({ user_code: body.user_code, answer: 'given', membership: second.id })
    expect(its.page).toContain('Appareil connecté')
    const { access_token: token = '' } = (await house.poll(body.device_code)).body
    const claims = await services.keys.verify(token, audience, house.clock.now())
    expect(claims.practice).toBe(port.id)
    await services.db.execute(`update memberships set end_at = start_at where id = '${second.id}'`)
  })

  test('it says in the account that a device was let in', async () => {
    const { body } = await house.ask()
    await (await house.signedIn()).approve(body.user_code)
    const [newest] = await listNotices(house.services.db, { kind: 'practitioner', id: house.person.id })
    expect(newest).toMatchObject({ kind: 'device-connected', fields: { client: 'Électrocardiographe' } })
  })

  test('another origin’s page cannot answer it', async () => {
    const { body } = await house.ask()
    const { browser } = await house.signedIn()
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(`${house.issuer}/device`, {
      method: 'POST',
      headers: {
        cookie,
        'sec-fetch-site': 'cross-site',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ user_code: body.user_code, answer: 'given' }).toString(),
    })
    expect([answer.status, house.reason()]).toEqual([403, 'cross_site'])
    expect(await refused(house.poll(body.device_code))).toContain('authorization_pending')
  })
})

describe('who may let a device in', () => {
  const another = async () => {
    const person = await createPractitioner(
      house.services,
      {
        givenName: 'Luc',
        familyName: 'Petit',
        email: `luc.${crypto.randomUUID()}@example.org`,
        language: 'fr',
      },
      house.head(),
    )
    const role = { role: 'clinician', doctors: 1 } as const
    await addMembership(house.services, person.id, house.practice.id, role, house.head())
    return { kind: 'practitioner', id: person.id } as const
  }

  test('one person, once: the second answer finds nothing to decide', async () => {
    const { body } = await house.ask()
    const first = await house.signedIn()
    const second = await house.signedIn(await another())
    const answers = await Promise.all([
      first.approve(body.user_code),
      second.approve(body.user_code),
      first.approve(body.user_code),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(house.reason()).toBe('user_code_unknown')
    expect((await second.post({ user_code: body.user_code, answer: 'denied' })).status).toBe(400)
    expect((await house.poll(body.device_code)).status).toBe(200)
  })

  test('not by secret and code alone: a passkey is asked for, then it is refused', async () => {
    const { body } = await house.ask()
    const weak = async () => {
      const { browser, approve } = await house.signedIn()
      const begun = await beginSession(house.services, {
        holder: { kind: 'practitioner', id: house.person.id },
        acr: 'garde:secret-otp',
        amr: ['pwd', 'otp', 'mfa'],
        network: '192.0.2.0/24',
        userAgent: 'test',
        sharedDesk: false,
      })
      browser.cookies.set('__Host-garde-session', begun.cookie)
      return approve
    }
    const before = await weak()
    const asked = await before(body.user_code)
    expect(asked.headers.get('location')).toBe(
      `/signin/confirm?continue=${encodeURIComponent(`/device?user_code=${body.user_code}`)}`,
    )
    house.clock.advance(1)
    expect((await (await weak())(body.user_code)).status).toBe(403)
    expect(house.reason()).toBe('authentication_unmet')
    expect(await refused(house.poll(body.device_code))).toContain('authorization_pending')
  })

  test.each<[string, (its: DeviceHouse) => Selector]>([
    ['the person', ({ person }) => ({ practitioner: person.id })],
    ['the client', () => ({ client: 'ecg' as ClientId })],
    ['the practice', ({ practice }) => ({ practice: practice.id })],
  ])('%s restricted: not approved, and not given what was approved before', async (_name, selector) => {
    const first = await house.ask()
    const second = await house.ask()
    const { approve } = await house.signedIn()
    await approve(first.body.user_code)
    const cut = await restrict(
      house.services,
      author,
      { selector: selector(house), effect: { kind: 'deny' }, endsSessions: false, reason: 'r' },
      {},
    )
    await approve(second.body.user_code)
    expect(house.reason()).toBe('restricted')
    expect(await refused(house.poll(first.body.device_code))).toEqual([400, 'invalid_grant', 'restricted'])
    await lift(house.services, author, { restriction: cut.restriction.id, reason: 'r' }, {})
    expect((await house.poll(first.body.device_code)).status).toBe(200)
  })

  test('a client disabled meanwhile has no code any more', async () => {
    await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'gone',
        name: 'Parti',
        profile: 'smart-public',
        grantTypes: [deviceGrant],
        scopes: ['openid'],
        resources: [audience],
      }),
    )
    const { body } = await house.ask({ client_id: 'gone', scope: 'openid' })
    await disableClient(house.services, house.head(), 'gone' as ClientId)
    expect((await (await house.signedIn()).approve(body.user_code)).status).toBe(400)
    expect(house.reason()).toBe('user_code_unknown')
  })

  test('guessing codes is slowed for who guesses, and for nobody else', async () => {
    const throttled = await deviceHouse()
    throttled.services.throttle = memoryThrottle()
    const guesser = await throttled.signedIn(
      await (async () => {
        const person = await createPractitioner(
          throttled.services,
          { givenName: 'Luc', familyName: 'Petit', email: 'luc@example.org', language: 'fr' },
          throttled.head(),
        )
        return { kind: 'practitioner', id: person.id } as const
      })(),
    )
    const { body } = await throttled.ask()
    for (let tries = 0; tries < 10; tries++) await guesser.post({ user_code: mintUserCode() })
    expect(throttled.reason()).toBe('user_code_unknown')
    // Also a guess that would hit.
    expect((await guesser.approve(body.user_code)).status).toBe(429)
    expect(throttled.reason()).toBe('slowed')
    // A page of a stranger's that opens the address in the doctor's browser spends none of the doctor's tries.
    const doctor = await throttled.signedIn()
    for (let tries = 0; tries < 12; tries++) await doctor.browser.open('/device?user_code=WDJB-MJHT')
    expect((await doctor.approve(body.user_code)).page).toContain('Appareil connecté')
    await throttled.close()
  })
})

describe('RFC 9449: bound to the key it was asked for with', () => {
  const target = (path: string) => `${house.issuer}${path}`
  async function prover() {
    const maker = await proofMaker()
    const at = () => house.clock.now()
    const proof = (path: string) =>
      maker.prove({
        method: 'POST',
        target: target(path),
        at: at(),
        nonce: house.services.proofs.nonce(at()),
      })
    return { jkt: maker.jkt, proof }
  }

  test('another key gets nothing, and the device still does', async () => {
    const own = await prover()
    const thief = await prover()
    const { body } = await house.ask({}, { dpop: await own.proof('/oauth/device-authorization') })
    await (await house.signedIn()).approve(body.user_code)
    const other = [400, 'invalid_grant', 'proof_other_key']
    expect(await refused(house.poll(body.device_code))).toEqual(other)
    const stolen = house.poll(body.device_code, {}, { dpop: await thief.proof('/oauth/token') })
    expect(await refused(stolen)).toEqual(other)
    const given = await house.poll(body.device_code, {}, { dpop: await own.proof('/oauth/token') })
    const claims = await house.services.keys.verify(
      given.body.access_token ?? '',
      audience,
      house.clock.now(),
    )
    expect(claims.cnf).toEqual({ jkt: own.jkt })
    expect(await refused(house.refresh(given.body.refresh_token, { client_id: 'ecg' }))).toEqual(other)
  })

  test('a client that must prove a key is asked for it at once, with a nonce', async () => {
    await saveClient(
      house.services,
      house.head(),
      parseClient({
        id: 'bound',
        name: 'Lié',
        profile: 'smart-public',
        grantTypes: [deviceGrant],
        scopes: ['openid'],
        resources: [audience],
        options: { dpopRequired: true },
      }),
    )
    const asked = await house.ask({ client_id: 'bound', scope: 'openid' })
    expect([asked.body.error, house.reason()]).toEqual(['invalid_dpop_proof', 'proof_required'])
    expect(asked.headers.get('dpop-nonce')).toBeTruthy()
  })
})

/** Both databases: an embedded one is a single session, a server is not. */
describe.each<[string, () => Promise<Database>]>([
  ['embedded', freshDatabase],
  ['PostgreSQL', async () => openPostgres((await freshPostgres()).url)],
])('50 parallel takers (%s)', (_name, open) => {
  let its: DeviceHouse
  beforeAll(async () => {
    its = await deviceHouse({ database: await open() })
  })
  afterAll(() => its.close())
  const many = <T>(act: () => Promise<T>) => Promise.all(Array.from({ length: 50 }, act))

  test('of one device code: one wins', async () => {
    const { body } = await its.ask()
    await (await its.signedIn()).approve(body.user_code)
    const answers = await many(() => its.poll(body.device_code))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await its.kinds()).filter((kind) => kind === 'grant.ended')).toHaveLength(1)
  })

  test('of one approval: one grant is made', async () => {
    const { body } = await its.ask()
    const { approve } = await its.signedIn()
    const before = (await its.kinds()).filter((kind) => kind === 'grant.made').length
    const answers = await many(() => approve(body.user_code))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await its.kinds()).filter((kind) => kind === 'grant.made')).toHaveLength(before + 1)
  })
})

/** A server that stops between the approval and the next question. */
describe.each<[string, () => Promise<() => Promise<Database>>]>([
  [
    'embedded',
    async () => {
      let image = await openAsBlob(inject('pgliteImage'))
      return async () => {
        const database = await openPglite({ image })
        const close = async () => {
          image = await database.dump()
          await database.close()
        }
        return { ...database, close }
      }
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const { url } = await freshPostgres()
      return async () => openPostgres(url)
    },
  ],
])('across a restart (%s)', (_name, open) => {
  test('what was approved is taken once, before or after', async () => {
    const start = await open()
    const during = async <T>(act: (database: Database) => Promise<T>): Promise<T> => {
      const database = await start()
      const result = await act(database)
      await database.close()
      return result
    }
    const client = 'ecg' as ClientId
    const code = {
      deviceCodeHash: 'one',
      userCodeHash: 'typed',
      client,
      scope: 's',
      resource: 'r',
      jkt: null,
    }
    await during(async ({ db }) => {
      const times = { createdAt: 1, expiresAt: 100, intervalSeconds: 5 }
      expect(await insertDeviceRequest(db, { ...code, ...times, network: 'n' })).toBe(true)
      expect(await insertDeviceRequest(db, { ...code, ...times, network: 'n', deviceCodeHash: 'two' })).toBe(
        false,
      )
      expect(await takeApproved(db, 'one', client, 2)).toBeUndefined()
      const grant = 'grt_one' as GrantId
      expect(await decideDevice(db, 'typed', { decision: 'approved', grant }, 2)).toBe(true)
    })
    const won = await during(({ db }) =>
      Promise.all(Array.from({ length: 50 }, () => takeApproved(db, 'one', client, 3))),
    )
    expect(won.filter((each) => each !== undefined)).toEqual([{ grant: 'grt_one', jkt: null }])
    expect(await during(({ db }) => takeApproved(db, 'one', client, 4))).toBeUndefined()
    expect(await during(({ db }) => decideDevice(db, 'typed', { decision: 'denied' }, 4))).toBe(false)
  })
})
