/** What an operator changes of a client on one node holds on the other from the next request on, however busy it is. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { audience, callback, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { freshPostgres } from '../../test/support/postgres.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { parseClient } from '../clients/client.ts'
import { disableClient, saveClient } from '../clients/store.ts'
import type { ClientId } from '../core/ids.ts'
import { openPostgres } from '../runtime/postgres.ts'

let one: OauthHouse
/** Another node's services over the same database; it never hears of `one`'s requests nor the other way. */
let two: TestServices
beforeAll(async () => {
  const { url } = await freshPostgres()
  one = await oauthHouse({ database: openPostgres(url) })
  const { keyEncryptionKey, keys } = one.services
  two = await testServices({ database: openPostgres(url), keyEncryptionKey, keys, clock: one.clock })
})
afterAll(async () => {
  await two.close()
  await one.close()
})

const service = (id: string, changes: object = {}) =>
  parseClient({
    id,
    name: 'Archivage',
    profile: 'web-confidential',
    grantTypes: ['client_credentials'],
    practice: one.practice.id,
    scopes: ['notes.read', 'notes.write'],
    resources: [audience],
    ...changes,
  })

const ask = async (client_id: string, client_secret: string, more = {}) => {
  const { body } = await one.token({ client_id, client_secret, grant_type: 'client_credentials', ...more })
  return body.error ?? body.scope
}

/** Requests that never cease, so that some question is always on its way when the change comes. */
async function busy<T>(client: string, secret: string, change: () => Promise<T>): Promise<T> {
  const until = new AbortController()
  const asking = Array.from({ length: 16 }, async () => {
    while (!until.signal.aborted) await ask(client, secret)
  })
  try {
    return await change()
  } finally {
    until.abort()
    await Promise.all(asking)
  }
}

test('a client disabled on another node gets nothing at the next request', async () => {
  const { secret = '' } = await saveClient(two, one.head(), service('gone'))
  expect(await ask('gone', secret)).toBe('notes.read notes.write')
  await busy('gone', secret, async () => {
    await disableClient(two, one.head(), 'gone' as ClientId)
    expect(await ask('gone', secret)).toBe('invalid_client')
  })
})

test('a secret renewed on another node: the old one is worth nothing at the next request, the new one works', async () => {
  const { secret: old = '' } = await saveClient(two, one.head(), service('renewed'))
  expect(await ask('renewed', old)).toBe('notes.read notes.write')
  await busy('renewed', old, async () => {
    const { secret = '' } = await saveClient(two, one.head(), service('renewed', { renewSecret: true }))
    expect(await ask('renewed', old)).toBe('invalid_client')
    expect(await ask('renewed', secret)).toBe('notes.read notes.write')
  })
})

test('a scope or a return address taken away on another node is gone at the next request', async () => {
  const { secret = '' } = await saveClient(two, one.head(), service('less'))
  await busy('less', secret, async () => {
    await saveClient(two, one.head(), service('less', { scopes: ['notes.read'] }))
    expect(await ask('less', secret, { scope: 'notes.write' })).toBe('invalid_scope')
  })
  const app = (redirectUris: string[]) =>
    service('app', {
      profile: 'smart-public',
      grantTypes: [],
      practice: undefined,
      scopes: ['openid'],
      redirectUris,
    })
  const open = async () =>
    (await one.browser().open(`/oauth/authorize?client_id=app&response_type=code&redirect_uri=${callback}`))
      .status
  await saveClient(two, one.head(), app([callback]))
  expect(await open()).toBe(303)
  await saveClient(two, one.head(), app(['https://elsewhere.example/cb']))
  expect(await open()).toBe(400)
})
