import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { randomBytes } from '../core/bytes.ts'
import { primitives } from '../runtime/primitives.ts'
import { openInteraction, sealInteraction } from './interaction.ts'

const needs = { keyEncryptionKey: randomBytes(32), primitives }
const parameters = { client_id: 'records-app', state: 'a b&c=é' }

test('what was sealed comes back, for an hour', async () => {
  const id = await sealInteraction(needs, 'browser', { parameters, at: 1000, proof: 'p' })
  expect(await openInteraction(needs, 'browser', id, 4599)).toMatchObject({
    parameters,
    createdAt: 1000,
    proof: 'p',
  })
  expect(await openInteraction(needs, 'browser', id, 4600)).toBeUndefined()
  expect(await openInteraction(needs, 'browser', id, 999)).toBeUndefined()
})

test('it opens in no other browser and under no other key, and says nothing outside', async () => {
  const id = await sealInteraction(needs, 'browser', { parameters, at: 1000, proof: 'p' })
  expect(await openInteraction(needs, 'another', id, 1000)).toBeUndefined()
  const elsewhere = { ...needs, keyEncryptionKey: randomBytes(32) }
  expect(await openInteraction(elsewhere, 'browser', id, 1000)).toBeUndefined()
  expect(atob(id.replaceAll('-', '+').replaceAll('_', '/'))).not.toContain('records-app')
})

test('no change of it opens, and no other spelling of it either', async () => {
  const id = await sealInteraction(needs, 'browser', { parameters, at: 1000, proof: 'p' })
  const change = fc.tuple(
    fc.nat(id.length - 1),
    fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '=', '+', '/', ' '),
  )
  await fc.assert(
    fc.asyncProperty(change, async ([at, letter]) => {
      const changed = id.slice(0, at) + letter + id.slice(at + 1)
      if (changed !== id) expect(await openInteraction(needs, 'browser', changed, 1000)).toBeUndefined()
    }),
    { numRuns: 300 },
  )
  for (const other of ['', `${id}=`, ` ${id}`, id.repeat(40), 'x'.repeat(60)])
    expect(await openInteraction(needs, 'browser', other, 1000)).toBeUndefined()
})
