import { compactDecrypt, exportJWK, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { text, utf8 } from '../core/bytes.ts'
import { primitives } from '../runtime/primitives.ts'
import { createPseudonyms } from './pseudonym.ts'

const clock = { now: () => 1_800_000_000, monotonicMs: () => 0 }
const pair = () => generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true })

async function pseudonyms(remembered?: number) {
  const { publicKey, privateKey } = await pair()
  const keys = { epoch: 1, key: utf8('k'.repeat(32)), sealingKey: await exportJWK(publicKey) }
  const made = createPseudonyms({
    primitives,
    clock,
    keys,
    node: 'gateway-1',
    ...(remembered !== undefined && { remembered }),
  })
  return { made, privateKey }
}

test('a patient has one name per epoch, which is not the reference', async () => {
  const { made } = await pseudonyms()
  const name = made.pseudonymOf('records/Patient/p1')
  // HMAC-SHA-256(key 'k'×32), computed apart with openssl
  expect(name).toBe('1.4CDpYhc43htGC4tC15Pkyz0TrKjl6prWiwJaoZhgztU')
  expect(made.pseudonymOf('records/Patient/p1')).toBe(name)
  expect(made.pseudonymOf('records/Patient/p2')).not.toBe(name)
})

test('a name forgotten from memory comes back the same', async () => {
  const { made } = await pseudonyms(2)
  const before = made.pseudonymOf('a')
  for (const other of ['b', 'c', 'd']) made.pseudonymOf(other)
  expect(made.pseudonymOf('a')).toBe(before)
})

test('the seal is offered until it was kept, and only the private half opens it', async () => {
  const { made, privateKey } = await pseudonyms()
  const first = await made.sealIfNew('records/Patient/p1')
  const again = await made.sealIfNew('records/Patient/p1')
  expect(first?.patient).toBe(made.pseudonymOf('records/Patient/p1'))
  expect(again?.sealed).toBeDefined()
  if (!first) throw new Error('expected a seal')
  made.keptSeal(first)
  expect(made.sealIfNew('records/Patient/p1')).toBeUndefined()
  const opened = await compactDecrypt(first.sealed, privateKey)
  expect(JSON.parse(text(opened.plaintext))).toEqual({
    patient: first.patient,
    reference: 'records/Patient/p1',
  })
  expect(first.sealed).not.toContain('Patient')
})
