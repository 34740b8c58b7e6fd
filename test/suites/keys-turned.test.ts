/** Signing keys moved on by several nodes at once, on each store: the same keys, no token lost, nothing revoked alive. */

import { and, eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { days, minutes } from '../../src/core/time.ts'
import type { Database } from '../../src/db/db.ts'
import { signingKeys } from '../../src/db/schema.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { openKeys } from '../../src/tokens/key-ring.ts'
import { findKeys, revokeKey, rotateKeys, turnKeys } from '../../src/tokens/keys-store.ts'
import { freshPostgres } from '../support/postgres.ts'
import { freshDatabase, lentKeys, testServices, type TestServices } from '../support/services.ts'

const adapters: Record<string, () => Promise<Database>> = {
  'embedded database': freshDatabase,
  PostgreSQL: async () => openPostgres((await freshPostgres()).url, { connections: 4 }),
}
const actor = { kind: 'system', id: 'test' } as const
const audience = 'https://records.example/fhir'

describe.each(Object.entries(adapters))('%s', (_, open) => {
  let services: TestServices
  beforeEach(async () => {
    services = await testServices({ database: await open() })
  })
  afterEach(() => services.close())

  /** Another node: its own copy of the keys. RSA keys are lent, beginning with one that nobody has used yet. */
  async function node(used = 1) {
    const { db, keyEncryptionKey, clock, primitives, config } = services
    const lent = lentKeys()
    for (let n = 0; n < used; n++) await lent('RS256')
    const holder = { db, keyEncryptionKey, clock, mintPrivateKey: lent }
    const keys = await openKeys({ ...holder, primitives, issuer: config.issuer })
    return {
      keys,
      turn: () => turnKeys(holder, days(3), actor),
      rotate: () => rotateKeys(holder, {}, actor),
      holder,
    }
  }

  const sign = (keys: TestServices['keys']) => {
    const now = services.clock.now()
    return keys.sign('token', 'at+jwt', {
      iss: services.config.issuer,
      sub: 'prt_ada',
      aud: audience,
      exp: now + minutes(5),
      iat: now,
      jti: crypto.randomUUID(),
      client_id: 'records-app',
      scope: 'openid',
      sid: 'ses_1',
      acr: 'garde:passkey',
      amr: ['hwk'],
      auth_time: now,
      practice: 'prc_1',
      role: 'clinician',
      grant_id: 'grt_1',
      session_started_at: now,
      session_sequence: 7,
    })
  }
  const states = async () =>
    (await findKeys(services.db)).map(({ use, alg, state }) => `${use} ${alg} ${state}`).toSorted()

  test('two nodes that turn at once end with the same keys, and each believes the other throughout', async () => {
    const [a, b] = [await node(), await node()]
    services.clock.advance(days(2))
    await Promise.all([a.turn(), b.turn()])
    const overlapping = ['assertion ES256', 'token ES256', 'token EdDSA', 'token RS256']
    expect(await states()).toEqual(
      [
        ...overlapping.flatMap((slot) => [`${slot} current`, `${slot} next`]),
        'checkpoint EdDSA current',
      ].toSorted(),
    )
    await a.keys.reload()
    const published = a.keys.jwks('token').keys.map(({ kid }) => kid)
    expect(published.length).toBe(6)

    services.clock.advance(days(1))
    await b.keys.reload()
    await Promise.all([a.turn(), b.turn()])
    await a.keys.reload() // and b has not heard
    const [byNew, byOld] = [await sign(a.keys), await sign(b.keys)]
    const now = services.clock.now()
    expect((await b.keys.verify(byNew, audience, now)).sub).toBe('prt_ada')
    expect((await a.keys.verify(byOld, audience, now)).sub).toBe('prt_ada')
    // Whoever keeps the key set of a day ago knows it.
    expect(published).toContain(headerOf(byNew).kid)
    await b.keys.reload()
    expect(b.keys.jwks('token')).toEqual(a.keys.jwks('token'))

    services.clock.advance(days(2))
    await Promise.all([a.turn(), b.turn()])
    expect((await states()).filter((state) => state.endsWith('retained'))).toEqual([])
  })

  test('what signs no more is not kept', async () => {
    const a = await node()
    await a.rotate()
    const rows = await services.db.select().from(signingKeys)
    const kept = rows.map(({ state, privateSealed }) => `${state} ${privateSealed.length > 0}`)
    expect(new Set(kept)).toEqual(new Set(['current true', 'retained false']))
  })

  test('rotated now, the other node believes the new key before it heard of it, and the old one goes on', async () => {
    const [a, b] = [await node(), await node()]
    const before = await sign(b.keys)
    await a.rotate()
    await a.keys.reload()
    services.clock.advance(2)
    const now = services.clock.now()
    expect((await b.keys.verify(await sign(a.keys), audience, now)).sub).toBe('prt_ada')
    expect((await a.keys.verify(before, audience, now)).sub).toBe('prt_ada')
  })

  test('two nodes that rotate at once leave one current key for each use and algorithm', async () => {
    const [a, b] = [await node(), await node(2)]
    await Promise.all([a.rotate(), b.rotate()])
    const current = (await states()).filter((state) => state.endsWith('current'))
    expect(current).toEqual([
      'assertion ES256 current',
      'checkpoint EdDSA current',
      'token ES256 current',
      'token EdDSA current',
      'token RS256 current',
    ])
    await Promise.all([a.keys.reload(), b.keys.reload()])
    expect(headerOf(await sign(a.keys)).kid).toBe(headerOf(await sign(b.keys)).kid)
  })

  test('a second current key of the same use and algorithm is refused by the database itself', async () => {
    const a = await node()
    await a.rotate()
    const second = services.db
      .update(signingKeys)
      .set({ state: 'current' })
      .where(and(eq(signingKeys.use, 'token'), eq(signingKeys.state, 'retained')))
    await expect(second).rejects.toMatchObject({ cause: { code: '23505' } })
  })

  test('revoked, a key verifies nothing anywhere, and the one that waited takes its place', async () => {
    const [a, b] = [await node(), await node()]
    services.clock.advance(days(2))
    await a.turn()
    await Promise.all([a.keys.reload(), b.keys.reload()])
    const token = await sign(a.keys)
    await b.keys.verify(token, audience, services.clock.now())
    const { kid } = headerOf(token)
    expect(await revokeKey(a.holder, kid, actor)).toBe(true)
    await Promise.all([a.keys.reload(), b.keys.reload()])
    for (const { keys } of [a, b]) {
      expect(keys.verifyCached(token, audience, services.clock.now())).toBeUndefined()
      await expect(keys.verify(token, audience, services.clock.now())).rejects.toMatchObject({
        reason: 'token_signature',
      })
    }
    expect((await states()).filter((state) => state.startsWith('token ES256'))).toEqual([
      'token ES256 current',
    ])
    expect(headerOf(await sign(b.keys)).kid).toBe(headerOf(await sign(a.keys)).kid)
  })
})

const headerOf = (token: string): { kid: string } =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
