import { afterEach, beforeEach, expect, test } from 'vitest'
import { enrolOperator } from '../../test/support/operators.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { OperatorId } from '../core/ids.ts'
import { followKeys, keyActs } from './control-keys.ts'

let services: TestServices
let operator: OperatorId
beforeEach(async () => {
  services = await testServices()
  operator = await enrolOperator(services)
})
afterEach(() => services.close())

const kidOf = (use: 'token' | 'checkpoint') =>
  services.keys.jwks(use).keys.find(({ alg }) => use !== 'token' || alg === 'ES256')?.kid ?? ''
const revoke = async (kid: string) => keyActs(services)['keys-revoke']?.({ kid })

test('a stolen signing key counts no more, here and on every node that follows', async () => {
  const kid = kidOf('token')
  const heard = Promise.withResolvers<void>()
  const other = { ...services.keys, reload: async () => heard.resolve() }
  const stop = await followKeys({ ...services, keys: other })
  expect(await revoke(kid)).toEqual({ revoked: kid, use: 'token' })
  await heard.promise
  await stop()
  const { keys } = services.keys.jwks('token')
  expect(new Set(keys.map(({ alg }) => alg))).toEqual(new Set(['ES256', 'EdDSA', 'RS256']))
  expect(keys.map((key) => key.kid)).not.toContain(kid)
  const events = (await services.db.query.auditQueue.findMany()).map(({ event }) => event)
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'key.state',
      kid,
      actor: { kind: 'operator', id: operator, via: 'cli' },
    }),
  )
  await expect(revoke(kid)).rejects.toMatchObject({ reason: 'not_found' })
})

test('the key that proves the log is not taken away from it', async () => {
  await expect(revoke(kidOf('checkpoint'))).rejects.toMatchObject({ reason: 'conflict' })
})
