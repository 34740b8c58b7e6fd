import { afterEach, beforeEach, expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { all } from '../../test/support/audit-lines.ts'
import { checkpointSigner } from '../../test/support/checkpoint-signer.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import { auditCheckpoints, auditEntries, auditLogs } from '../db/schema.ts'
import { formatVerifierKey } from './checkpoint.ts'
import { patientsOutcome, verifyFile, verifyLogs, verifyOutcome } from './commands.ts'
import { exportLog } from './export.ts'
import { lastCheckpoint } from './log-store.ts'
import { sequenceOnce } from './sequencer.ts'
import { record } from './store.ts'
import { verifierKeys } from './verifier-keys.ts'

let services: TestServices
beforeEach(async () => {
  services = await testServices()
  await record(services.db, served('1'), served('2'), served('3'))
  while ((await sequenceOnce(services)) > 0);
})
afterEach(() => services.close())

const sha256 = (data: Uint8Array) => services.primitives.sha256(data)
const exported = () =>
  all(exportLog(services.db, 'server', sha256, verifierKeys(services.keys, 'garde/server')))
async function* stream(lines: string[]): AsyncGenerator<string> {
  yield* lines
}
const trusted = () => verifierKeys(services.keys, 'garde/server').map((key) => formatVerifierKey(sha256, key))

test('an export is verified with keys that were had before: exit 0', async () => {
  const outcome = await verifyFile({ lines: stream(await exported()), sha256, trustedKeys: trusted() })
  expect(outcome.exitCode).toBe(0)
  expect(outcome.data).toMatchObject({ intact: true, keysFrom: 'given' })
  expect(outcome.text).toEqual([expect.stringMatching(/^server: \d+ entries, 1 checkpoints: intact$/)])
})

test("the export's own keys are taken when none are given, and that is said", async () => {
  const outcome = await verifyFile({ lines: stream(await exported()), sha256 })
  expect(outcome.exitCode).toBe(0)
  expect(outcome.text.at(-1)).toContain('--key')
})

test('a changed export is exit 1, and the sentence names the position', async () => {
  const lines = await exported()
  const changed = lines.map((line) => line.replace(String.raw`\"jti\":\"2\"`, String.raw`\"jti\":\"9\"`))
  const outcome = await verifyFile({ lines: stream(changed), sha256, trustedKeys: trusted() })
  expect(outcome.exitCode).toBe(1)
  expect(outcome.text.slice(1)).toEqual([expect.stringMatching(/^ {2}entry \d+ was changed$/)])
})

test('an export rewritten whole under a key of its own is exit 1 for whoever has the right key', async () => {
  const forger = checkpointSigner()
  const key = formatVerifierKey(sha256, { name: 'garde/server', publicKey: forger.publicKey })
  const outcome = await verifyFile({ lines: stream(await exported()), sha256, trustedKeys: [key] })
  expect(outcome.exitCode).toBe(1)
  expect(outcome.text[1]).toContain('is not signed by a known key')
})

test.each([
  ['no export', ['hello']],
  ['an empty file', []],
])('%s is exit 2', async (_, lines) => {
  expect((await verifyFile({ lines: stream(lines), sha256 })).exitCode).toBe(2)
})

test('a key that is none is exit 2', async () => {
  const outcome = await verifyFile({
    lines: stream(await exported()),
    sha256,
    trustedKeys: ['garde/server+0+0'],
  })
  expect(outcome.exitCode).toBe(2)
})

test('all logs are verified where they lie; one that is gone shows by what was kept elsewhere', async () => {
  const kept = (await lastCheckpoint(services.db, 'server')) ?? ''
  expect(verifyOutcome(await verifyLogs(services, [kept]), 'the server').exitCode).toBe(0)
  await services.db.delete(auditEntries)
  await services.db.delete(auditCheckpoints)
  await services.db.delete(auditLogs)
  expect(verifyOutcome(await verifyLogs(services), 'the server').exitCode).toBe(0)
  const gone = verifyOutcome(await verifyLogs(services, [kept]), 'the server')
  expect(gone.exitCode).toBe(1)
  expect(gone.text[1]).toMatch(/^ {2}entries 0 to \d+ are missing at the end/)
})

test('patients are listed with what was done, and an answer that is not whole says so', () => {
  const patients = [
    { patient: '1.a', opened: 2, listed: 0, written: 1, firstAt: 1_000, lastAt: 2_000 },
    { patient: '1.b', opened: 0, listed: 3, written: 0, firstAt: 1_500, lastAt: 1_500 },
  ]
  expect(patientsOutcome(patients, 0)).toEqual({
    data: { patients, distinct: 2, complete: true, missing: 0 },
    text: [
      '1.a  opened 2×, written 1×  1970-01-01T00:16:40.000Z – 1970-01-01T00:33:20.000Z',
      '1.b  listed 3×  1970-01-01T00:25:00.000Z – 1970-01-01T00:25:00.000Z',
      '2 distinct patients',
    ],
    exitCode: 0,
  })
  expect(patientsOutcome([], 3)).toMatchObject({ exitCode: 1, data: { complete: false, missing: 3 } })
})
