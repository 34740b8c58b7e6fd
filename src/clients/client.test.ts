import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freshPostgres } from '../../test/support/postgres.ts'
import { freshDatabase, testServices } from '../../test/support/services.ts'
import type { EventHead } from '../audit/event.ts'
import type { ClientId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { primitives } from '../runtime/primitives.ts'
import { parseClient } from './client.ts'
import { faultOfRedirectUri, isRegistered } from './redirect-uri.ts'
import { coversScope, isScope } from './scope.ts'
import { disableClient, findClient, isPublicClientOrigin, saveClient } from './store.ts'

const records = {
  id: 'records-app',
  name: 'Dossier',
  profile: 'smart-public',
  redirectUris: ['https://app.example/callback'],
  scopes: ['openid', 'user/*.cruds'],
}

describe('what can be registered', () => {
  test.each([
    'https://app.example/callback',
    'https://app.example',
    'https://app.example/cb?tenant=7',
    'http://127.0.0.1/cb',
    'http://127.0.0.1:7000/cb',
    'http://[::1]/cb',
    'http://localhost:4900/callback',
    'com.example.app:/cb',
  ])('%s', (uri) => expect(faultOfRedirectUri(uri, 'device')).toBeUndefined())

  test.each([
    'http://app.example/callback',
    'http://127.0.0.1.evil.example/cb',
    'https://app.example/cb#x',
    'https://app.example/cb#',
    'https://*.example/cb',
    'https://user:pw@app.example/cb',
    'https://app.example/a/../b',
    'https://APP.example/cb',
    'https://app.example:443/cb',
    'https://app.example/c\tb',
    'https:\\\\app.example\\cb',
    'javascript:alert(1)',
    'data:text/html,x',
    'myapp:/cb',
    '/callback',
    '',
  ])('not %s', (uri) => expect(faultOfRedirectUri(uri, 'device')).toBeTypeOf('string'))

  test('a private scheme is not for a client on a server', () => {
    expect(faultOfRedirectUri('com.example.app:/cb', 'loopback')).toMatch(/https/)
  })

  test('a fault is a sentence that says what is wrong and where', () => {
    const input = { ...records, redirectUris: ['http://app.example/cb'], scopes: ['all'] }
    const faults = [
      'scopes.0: must be openid, profile, offline_access, fhirUser, launch, launch/patient, launch/encounter, a SMART scope such as user/Patient.rs, or a name such as notes.read',
      'redirectUris.0: must use https, or http on loopback',
    ]
    expect(() => parseClient(input)).toThrow(
      expect.objectContaining({ reason: 'malformed_request', detail: { faults } }),
    )
  })

  test.each(['openid', 'launch/patient', 'user/*.cruds', 'patient/*.rs', 'user/Observation.c', 'notes.read'])(
    'scope %s',
    (scope) => expect(isScope(scope)).toBe(true),
  )

  test.each(['user/Patient.sr', 'user/Patient.', 'launch/practice', 'a b', '*', ''])(
    'not scope %s',
    (scope) => expect(isScope(scope)).toBe(false),
  )

  test('scopes of SMART App Launch 1.0 are registered as those of 2.2', () =>
    expect(parseClient({ ...records, scopes: ['openid', 'patient/*.read'] }).scopes).toEqual([
      'openid',
      'patient/*.rs',
    ]))
})

describe('a service', () => {
  const service = {
    id: 'archiver',
    name: 'Archivage',
    profile: 'web-confidential',
    grantTypes: ['client_credentials'],
    practice: 'prc_tilleuls',
    scopes: ['system/Patient.rs'],
  }
  test('needs no return address', () => expect(parseClient(service)).toMatchObject({ redirectUris: [] }))

  test.each<[string, object, fault: string]>([
    [
      'no practice',
      { practice: undefined },
      'practice: must name the practice whose records it reaches when it acts for nobody (client_credentials)',
    ],
    [
      'nothing to do',
      { scopes: ['openid'] },
      'scopes: must name a scope for client_credentials, such as system/Patient.rs or notes.read',
    ],
    [
      'a public client',
      { profile: 'smart-public' },
      'grantTypes.0: must be a grant type of its profile: authorization_code, refresh_token, urn:ietf:params:oauth:grant-type:device_code',
    ],
    [
      'a practice without the grant type',
      { grantTypes: [], redirectUris: ['https://app.example/cb'], scopes: ['openid'] },
      'practice: is only for a client that may use client_credentials',
    ],
    [
      'a person’s way in without an address',
      { grantTypes: ['client_credentials', 'authorization_code'] },
      'redirectUris: must name at least one return address',
    ],
    [
      'a person’s id',
      { id: 'prt_K3Jf0aQ' },
      'id: must not begin as the ids of people and practices do (prt_, prc_, …)',
    ],
    ['no patients', { options: { patientsPerDay: 0 } }, 'options.patientsPerDay: must be 1 or more'],
  ])('not with %s', (_what, changes, fault) => {
    expect(() => parseClient({ ...service, ...changes })).toThrow(
      expect.objectContaining({ detail: { faults: expect.arrayContaining([fault]) as string[] } }),
    )
  })

  test.each([
    ['system/*.rs', 'system/Patient.r', true],
    ['system/Patient.rs', 'system/Patient.rs', true],
    ['system/Patient.rs', 'system/*.rs', false],
    ['system/Patient.rs', 'system/Patient.rsc', false],
    ['user/*.cruds', 'system/Patient.r', false],
    ['notes.read', 'notes.read', true],
    ['notes.read', 'notes.write', false],
  ])('%s covers %s: %s', (held, asked, covered) => expect(coversScope([held], asked)).toBe(covered))
})

describe('which return address is a registered one', () => {
  test.each<[requested: string, registered: string, portFree: boolean, expected: boolean]>([
    ['https://app.example/cb', 'https://app.example/cb', false, true],
    ['https://app.example/cb/', 'https://app.example/cb', false, false],
    ['https://app.example/cb?x=1', 'https://app.example/cb', false, false],
    ['https://app.example/CB', 'https://app.example/cb', false, false],
    ['https://app.example:444/cb', 'https://app.example/cb', true, false],
    ['http://127.0.0.1:51004/cb', 'http://127.0.0.1/cb', true, true],
    ['http://127.0.0.1:51004/cb', 'http://127.0.0.1:7000/cb', true, true],
    ['http://127.0.0.1:51004/cb', 'http://127.0.0.1/cb', false, false],
    ['http://[::1]:51004/cb?a=b', 'http://[::1]/cb?a=b', true, true],
    ['http://127.0.0.1:51004/other', 'http://127.0.0.1/cb', true, false],
    ['http://[::1]:51004/cb', 'http://127.0.0.1/cb', true, false],
    ['http://localhost:51004/cb', 'http://localhost/cb', true, false],
    ['http://127.0.0.1:80@evil.example/cb', 'http://127.0.0.1/cb', true, false],
    ['http://127.0.0.1:8000.evil.example/cb', 'http://127.0.0.1/cb', true, false],
    ['http://127.0.0.1.evil.example/cb', 'http://127.0.0.1/cb', true, false],
    ['https://127.0.0.1:8000/cb', 'http://127.0.0.1/cb', true, false],
    ['http://127.0.0.1:8000/cb#x', 'http://127.0.0.1/cb', true, false],
  ])('%s for %s (port free: %s): %s', (requested, registered, portFree, expected) => {
    expect(isRegistered(requested, [registered], portFree)).toBe(expected)
  })

  test('whatever is let through has the registered scheme, host, path and query', () => {
    const registered = ['https://app.example/cb', 'http://127.0.0.1/cb?a=1', 'http://[::1]:99/x']
    const piece = fc.oneof(
      fc.constantFrom(
        'http://',
        'https://',
        '127.0.0.1',
        '[::1]',
        'app.example',
        ':',
        '8080',
        '/',
        'cb',
        'x',
        '?',
        'a=1',
        '#',
        '@',
        '\\',
        '.',
        '%2f',
        'evil.example',
      ),
      fc.string({ maxLength: 3 }),
    )
    const mutated = fc
      .tuple(fc.constantFrom(...registered), fc.nat(40), fc.nat(4), fc.string({ maxLength: 6 }))
      .map(([uri, at, cut, put]) => uri.slice(0, at) + put + uri.slice(at + cut))
    const anything = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join('')),
      mutated,
    )
    fc.assert(
      fc.property(anything, (requested) => {
        if (!isRegistered(requested, registered, true)) return
        const asked = new URL(requested)
        expect(
          registered.some((uri) => {
            const { protocol, hostname, pathname, search } = new URL(uri)
            return (
              asked.protocol === protocol &&
              asked.hostname === hostname &&
              asked.pathname === pathname &&
              asked.search === search &&
              asked.hash === '' &&
              asked.username === ''
            )
          }),
        ).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('saving a client', () => {
  test('a secret is shown once, kept as a hash, stays until renewed, and goes with the profile', async () => {
    const services = await testServices()
    const head: EventHead = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } }
    const input = { ...records, profile: 'web-confidential' }
    const { secret = '' } = await saveClient(services, head, parseClient(input))
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const find = () => findClient(services.db, 'records-app' as ClientId)
    expect((await find())?.secretHash).toBe(hashSecret(services.primitives, secret))

    expect(await saveClient(services, head, parseClient({ ...input, name: 'Autre' }))).not.toHaveProperty(
      'secret',
    )
    expect((await find())?.secretHash).toBe(hashSecret(services.primitives, secret))
    const renewed = await saveClient(services, head, parseClient({ ...input, renewSecret: true }))
    expect((await find())?.secretHash).toBe(hashSecret(services.primitives, renewed.secret ?? ''))
    await saveClient(services, head, parseClient(records))
    expect(await find()).not.toHaveProperty('secretHash')

    await disableClient(services, head, 'records-app' as ClientId)
    expect(await find()).toBeUndefined()
    const recorded = (await services.db.query.auditQueue.findMany()).map(({ event }) => event)
    expect(recorded.flatMap((event) => (event.kind === 'client.saved' ? [event.change] : []))).toEqual([
      'registered',
      'changed',
      'changed, new secret',
      'changed',
      'disabled',
    ])
    await services.close()
  })

  test.each([
    ['PGlite', freshDatabase],
    ['PostgreSQL', async () => openPostgres((await freshPostgres()).url)],
  ])('what may not widen is weighed against what it replaces, on %s', async (_name, open) => {
    const { db, close } = await open()
    const head: EventHead = { at: 1, actor: { kind: 'system', id: 'test' } }
    const save = (n: number) => {
      const input = parseClient({ ...records, redirectUris: [`https://app${n}.example/callback`] })
      return saveClient({ db, primitives }, head, input, 'narrow').then(
        () => 'saved',
        (error: unknown) => (error instanceof Refusal ? error.reason : 'bug'),
      )
    }
    // Each saw no client of this id when it was weighed: only the first may be a new one.
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => save(n)))
    expect(outcomes.toSorted()).toEqual([...Array<string>(19).fill('conflict'), 'saved'])
    await close()
  })

  test('an origin counts when a public client returns there', async () => {
    const services = await testServices()
    const head: EventHead = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } }
    await saveClient(services, head, parseClient(records))
    await saveClient(
      services,
      head,
      parseClient({
        ...records,
        id: 'server',
        profile: 'web-confidential',
        redirectUris: ['https://server.example/cb'],
      }),
    )
    expect(await isPublicClientOrigin(services.db, 'https://app.example')).toBe(true)
    expect(await isPublicClientOrigin(services.db, 'https://app.exampl')).toBe(false)
    expect(await isPublicClientOrigin(services.db, 'https://server.example')).toBe(false)
    expect(await isPublicClientOrigin(services.db, '%')).toBe(false)
    await services.close()
  })
})
