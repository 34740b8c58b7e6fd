import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshPostgres } from '../../test/support/postgres.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { randomBytes } from '../core/bytes.ts'
import type { OperatorId } from '../core/ids.ts'
import { openPostgres } from '../runtime/postgres.ts'
import { auditQueue, installation } from '../db/schema.ts'
import { createPseudonyms, type Pseudonyms } from './pseudonym.ts'
import { loadPseudonymKeys, sealedPatients } from './pseudonym-store.ts'
import { resolvePatient } from './resolve.ts'
import { sequenceOnce } from './sequencer.ts'
import { record } from './store.ts'

let services: TestServices
let shares: (readonly [string, string])[]
beforeEach(async () => {
  services = await testServices()
  shares = []
})
afterEach(() => services.close())

const keepShares = async (made: readonly [string, string]) => {
  shares.push(made)
}
const load = () => loadPseudonymKeys({ ...services, keepShares })
const pseudonymsOf = async (): Promise<Pseudonyms> =>
  createPseudonyms({ ...services, keys: await load(), node: 'gateway-a' })

const olga = 'opr_olga' as OperatorId
const omar = 'opr_omar' as OperatorId
const head = { at: 2_000, actor: { kind: 'operator', id: olga } as const }

/** A patient whose reference is sealed in the log. */
async function sealed(reference: string) {
  const pseudonyms = await pseudonymsOf()
  const event = await pseudonyms.sealIfNew(reference)
  if (!event) throw new Error('expected a seal')
  await record(services.db, event)
  while ((await sequenceOnce(services)) > 0);
  return event.patient
}

const resolve = (patient: string, [one, other]: readonly [string, string], second: OperatorId = omar) =>
  resolvePatient(
    services,
    {
      patient,
      reason: 'the patient asked',
      holders: [
        { operator: olga, share: one },
        { operator: second, share: other },
      ],
    },
    head,
  )

test('the keys are made once; a restart has the same pseudonyms', async () => {
  const first = await pseudonymsOf()
  const second = await pseudonymsOf()
  expect(second.pseudonymOf('records/Patient/1')).toBe(first.pseudonymOf('records/Patient/1'))
  expect(shares).toHaveLength(1)
})

test('neither the keys nor the shares lie readable in the database', async () => {
  const keys = await load()
  const rows = JSON.stringify(await services.db.select().from(installation))
  expect(rows).not.toContain(Buffer.from(keys.key).toString('base64url'))
  for (const share of shares[0] ?? []) expect(rows).not.toContain(share)
  const wrongKey = { ...services, keyEncryptionKey: randomBytes(32), keepShares }
  await expect(loadPseudonymKeys(wrongKey)).rejects.toThrow()
})

test('when the shares cannot be kept, no key is made and the next start makes them', async () => {
  const failing = {
    ...services,
    keepShares: async () => {
      throw new Error('no space left on device')
    },
  }
  await expect(loadPseudonymKeys(failing)).rejects.toThrow('no space left')
  expect(await services.db.select().from(installation)).toEqual([])
  await load()
  expect(shares).toHaveLength(1)
})

test('without a place for the shares the keys must be there already', async () => {
  const { keepShares: _, ...placeless } = { ...services, keepShares }
  await expect(loadPseudonymKeys(placeless)).rejects.toThrow('state_unavailable')
  const made = await load()
  expect((await loadPseudonymKeys(placeless)).key).toEqual(made.key)
})

test('two nodes that start at once on one PostgreSQL end up with the same keys', async () => {
  const { url } = await freshPostgres()
  const nodes = [openPostgres(url), openPostgres(url), openPostgres(url)]
  const loaded = await Promise.all(nodes.map(({ db }) => loadPseudonymKeys({ ...services, db, keepShares })))
  expect(new Set(loaded.map(({ key }) => Buffer.from(key).toString('hex'))).size).toBe(1)
  expect(new Set(loaded.map(({ sealingKey }) => sealingKey.x)).size).toBe(1)
  expect(shares).toHaveLength(1)
  await Promise.all(nodes.map((node) => node.close()))
})

test('two operators with both shares name a patient, and it is recorded', async () => {
  const patient = await sealed('records/Patient/1')
  const [pair] = shares
  if (!pair) throw new Error('expected shares')
  expect(await resolve(patient, pair)).toEqual({ outcome: 'named', reference: 'records/Patient/1' })
  const [row] = await services.db.select().from(auditQueue)
  expect(row?.event).toEqual({
    ...head,
    kind: 'patient.resolved',
    patient,
    operators: [olga, omar],
    reason: 'the patient asked',
    outcome: 'named',
  })
})

test('one share, twice or with a made-up one, names nobody, and the attempt is recorded', async () => {
  const patient = await sealed('records/Patient/1')
  const [[one] = ['']] = shares
  const made = Buffer.from(randomBytes(32)).toString('base64url')
  for (const other of [one, made, '', 'not a share'])
    expect(await resolve(patient, [one, other])).toEqual({ outcome: 'wrong-shares' })
  const outcomes = (await services.db.select().from(auditQueue)).map(({ event }) => event)
  expect(outcomes.map((event) => 'outcome' in event && event.outcome)).toEqual([
    'wrong-shares',
    'wrong-shares',
    'wrong-shares',
    'wrong-shares',
  ])
})

test('one operator alone names nobody, even with both shares', async () => {
  const patient = await sealed('records/Patient/1')
  const [pair] = shares
  if (!pair) throw new Error('expected shares')
  await expect(resolve(patient, pair, olga)).rejects.toThrow('operator_required')
})

test('a seal that was moved to another pseudonym names nobody', async () => {
  const pseudonyms = await pseudonymsOf()
  const event = await pseudonyms.sealIfNew('records/Patient/1')
  if (!event) throw new Error('expected a seal')
  const other = pseudonyms.pseudonymOf('records/Patient/2')
  await record(services.db, { ...event, patient: other })
  while ((await sequenceOnce(services)) > 0);
  const [pair] = shares
  if (!pair) throw new Error('expected shares')
  expect(await resolve(other, pair)).toEqual({ outcome: 'unknown-patient' })
})

test('a restarted node learns which patients are sealed already', async () => {
  const patient = await sealed('records/Patient/1')
  const restarted = await pseudonymsOf()
  expect(restarted.sealIfNew('records/Patient/1')).toBeDefined()
  restarted.remember(await sealedPatients(services.db, 100))
  expect(restarted.sealIfNew('records/Patient/1')).toBeUndefined()
  expect(restarted.pseudonymOf('records/Patient/1')).toBe(patient)
})
