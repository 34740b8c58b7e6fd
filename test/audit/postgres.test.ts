/** Several nodes on one PostgreSQL: sequencers that really run at once, a shipper, a question, a verdict. */

import { expect, test } from 'vitest'
import { exportLog } from '../../src/audit/export.ts'
import { countQueued, sizeOf } from '../../src/audit/log-store.ts'
import { patientsServed } from '../../src/audit/query-store.ts'
import { sequenceOnce } from '../../src/audit/sequencer.ts'
import { shipOnce } from '../../src/audit/ship.ts'
import { record } from '../../src/audit/store.ts'
import { verifierKeys } from '../../src/audit/verifier-keys.ts'
import { verifyExport } from '../../src/audit/verify.ts'
import { openPostgres } from '../../src/runtime/postgres.ts'
import { openSpoolFile } from '../../src/runtime/spool-file.ts'
import { served } from '../support/audit-events.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { freshPostgres } from '../support/postgres.ts'
import { testServices, type TestServices } from '../support/services.ts'

async function verify(services: TestServices, log: string) {
  const { db, primitives, keys } = services
  const trusted = verifierKeys(keys, `garde/${log}`)
  return verifyExport(exportLog(db, log, primitives.sha256, trusted), {
    sha256: primitives.sha256,
    keys: trusted,
  })
}

test('three nodes record and sequence at once: one log, each event once, no gap', async () => {
  const { url } = await freshPostgres()
  const nodes = [openPostgres(url), openPostgres(url), openPostgres(url)]
  const [first] = nodes
  if (!first) throw new Error('expected three nodes')
  const services = await testServices({ database: first })
  while ((await sequenceOnce(services)) > 0);
  const before = await sizeOf(first.db, 'server')
  await Promise.all(
    nodes.flatMap((database, node) =>
      Array.from({ length: 12 }, async (_, round) => {
        await record(database.db, served(`${node}.${round}`), served(`${node}.${round} again`))
        await sequenceOnce({ ...services, database })
      }),
    ),
  )
  while ((await sequenceOnce(services)) > 0);
  expect(await countQueued(first.db)).toBe(0)
  expect(await verify(services, 'server')).toMatchObject({
    entries: before + 72,
    coveredTo: before + 72,
    faults: [],
  })
  await Promise.all(nodes.map((node) => node.close()))
})

test('a gateway ships to it, two shippers at once, and the answer counts each patient once', async () => {
  const { url } = await freshPostgres()
  const database = openPostgres(url)
  const services = await testServices({ database })
  const spool = await openSpoolFile({
    files: memoryFiles(),
    node: 'a',
    primitives: services.primitives,
    clock: services.clock,
    sign: services.keys.signCheckpoint,
    log: services.log,
  })
  const slot = spool.reserve()
  for (let number = 0; number < 700; number++)
    await slot.append([served(String(number), { patient: `1.p${number % 7}` })])
  slot.release()
  await spool.close()
  await Promise.all([shipOnce(services, spool), shipOnce(services, spool)])
  while ((await shipOnce(services, spool)) > 0);
  expect(await verify(services, spool.log)).toMatchObject({ entries: 700, coveredTo: 700, faults: [] })
  const head = { at: 1, actor: { kind: 'system', id: 'test' } as const }
  const patients = await patientsServed(database.db, { since: 0, until: 2_000_000_000 }, head)
  expect(patients.map(({ opened }) => opened)).toEqual([100, 100, 100, 100, 100, 100, 100])
  await database.close()
})
