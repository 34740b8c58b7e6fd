import { expect, test } from 'vitest'
import { testServices } from '../../test/support/services.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import { announcement } from './announce.ts'
import type { Garde } from './node.ts'

test('protocols 1: a client that may do without PKCE is said aloud at every start', async () => {
  const services = await testServices()
  const head = { at: services.clock.now(), actor: { kind: 'system', id: 'test' } } as const
  const app = {
    id: 'old-app',
    name: 'Ancien',
    profile: 'web-confidential',
    redirectUris: ['https://app.example/cb'],
    scopes: ['openid'],
  }
  const garde = { address: { host: '127.0.0.1', port: 4800 }, services } as unknown as Garde
  const dangers = async () => (await announcement(garde)).filter((line) => line.startsWith('DANGEROUS'))
  await saveClient(services, head, parseClient(app))
  expect(await dangers()).toEqual([])
  await saveClient(services, head, parseClient({ ...app, options: { allowMissingPkce: true } }))
  expect(await dangers()).toEqual([
    'DANGEROUS: old-app may have people sign in without PKCE: a code stolen on its way is worth a login (allowMissingPkce).',
  ])
  await services.close()
})
