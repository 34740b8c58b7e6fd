/** Proofs out of a real log, checked by somebody who has a key and nothing else. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { formatVerifierKey } from './checkpoint.ts'
import { verifyProof } from './commands.ts'
import { lastCheckpoint, sizeOf } from './log-store.ts'
import { proveEntry, proveGrowth } from './prove.ts'
import { sequenceOnce } from './sequencer.ts'
import { record } from './store.ts'
import { verifierKeys } from './verifier-keys.ts'

let services: TestServices
beforeEach(async () => {
  services = await testServices()
  await grow(5)
})
afterEach(() => services.close())

const sha256 = (data: Uint8Array) => services.primitives.sha256(data)
const keys = () => verifierKeys(services.keys, 'garde/server').map((key) => formatVerifierKey(sha256, key))

async function grow(count: number): Promise<void> {
  await record(services.db, ...Array.from({ length: count }, (_, n) => served(String(n))))
  while ((await sequenceOnce(services)) > 0);
}

test('an entry is proven with its own text, and another text is not', async () => {
  const index = (await sizeOf(services.db, 'server')) - 3
  const proof = await proveEntry(services.db, sha256, 'server', index)
  const outcome = await verifyProof(sha256, JSON.stringify(proof), keys())
  expect(outcome).toMatchObject({ exitCode: 0, data: { holds: true } })
  const forged = JSON.stringify(proof).replace('prt_alice', 'prt_mallory')
  expect(await verifyProof(sha256, forged, keys())).toMatchObject({ exitCode: 1, data: { holds: false } })
  const elsewhere = JSON.stringify({ ...proof, index: index - 1 })
  expect((await verifyProof(sha256, elsewhere, keys())).exitCode).toBe(1)
})

test('that the log goes on from a checkpoint kept elsewhere is proven without its entries', async () => {
  const kept = (await lastCheckpoint(services.db, 'server')) ?? ''
  await grow(7)
  const proof = JSON.stringify(await proveGrowth(services.db, sha256, kept))
  expect(proof).not.toContain('prt_alice')
  expect(await verifyProof(sha256, proof, keys())).toMatchObject({ exitCode: 0 })
  const swapped = { ...(JSON.parse(proof) as object), from: await lastCheckpoint(services.db, 'server') }
  expect((await verifyProof(sha256, JSON.stringify(swapped), keys())).exitCode).toBe(1)
})

test('keys of somebody else prove nothing, and what is no proof is exit 2', async () => {
  const proof = JSON.stringify(await proveEntry(services.db, sha256, 'server', 0))
  expect(await verifyProof(sha256, proof, [])).toMatchObject({ exitCode: 1 })
  for (const text of ['', '{}', '{"proof":"garde-audit-inclusion-1"}', 'x'])
    expect((await verifyProof(sha256, text, keys())).exitCode).toBe(2)
})

test('what no checkpoint covers has no proof', async () => {
  const size = await sizeOf(services.db, 'server')
  expect(await proveEntry(services.db, sha256, 'server', size)).toBeUndefined()
  expect(await proveEntry(services.db, sha256, 'none', 0)).toBeUndefined()
})
