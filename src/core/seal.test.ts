import { expect, test } from 'vitest'
import { randomBytes, utf8 } from './bytes.ts'
import { seal, unseal } from './seal.ts'

const key = randomBytes(32)

test('what was sealed comes back, and never looks the same twice', async () => {
  const sealed = await seal(key, utf8('secret'), 'keys/1')
  expect(await unseal(key, sealed, 'keys/1')).toEqual(utf8('secret'))
  expect(await seal(key, utf8('secret'), 'keys/1')).not.toBe(sealed)
})

test.each([
  ['another key', async (sealed: string) => unseal(randomBytes(32), sealed, 'keys/1')],
  ['another row', async (sealed: string) => unseal(key, sealed, 'keys/2')],
  ['a changed byte', async (sealed: string) => unseal(key, `${sealed.slice(0, -2)}AA`, 'keys/1')],
])('%s opens nothing', async (_name, attempt) => {
  await expect(attempt(await seal(key, utf8('secret'), 'keys/1'))).rejects.toThrow()
})
