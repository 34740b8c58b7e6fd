/** The logs in a real database: recorded, sequenced, shipped, exported, tampered with, verified. */

import { and, asc, eq, gte, sql } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { all } from '../../test/support/audit-lines.ts'
import { memoryFiles, type MemoryFiles } from '../../test/support/memory-files.ts'
import { testServices, type TestServices } from '../../test/support/services.ts'
import type { OperatorId, PractitionerId } from '../core/ids.ts'
import { days, hours } from '../core/time.ts'
import { auditCheckpoints, auditEntries, auditLogs, auditQueue } from '../db/schema.ts'
import { openSpoolFile, type FileSpool } from '../runtime/spool-file.ts'
import { cosigner, isCosigned, parseCheckpoint } from './checkpoint.ts'
import { exportLog } from './export.ts'
import { keepAudit } from './keeper.ts'
import { LogDiverges } from './kept-tree.ts'
import { countQueued, lastCheckpoint, sizeOf, thinCheckpoints } from './log-store.ts'
import { isEntry } from './segment.ts'
import { sequenceOnce } from './sequencer.ts'
import { shipOnce } from './ship.ts'
import { record } from './store.ts'
import { leafHash, Tree } from './tree.ts'
import { verifierKeys } from './verifier-keys.ts'
import { verifyExport, type Fault } from './verify.ts'

let services: TestServices
let files: MemoryFiles
let spool: FileSpool

beforeEach(async () => {
  services = await testServices()
  files = memoryFiles()
  spool = await openSpool()
})
afterEach(async () => {
  await spool.close()
  await services.close()
})

const openSpool = () =>
  openSpoolFile({
    files,
    node: 'a',
    primitives: services.primitives,
    clock: { monotonicMs: () => 0 },
    sign: services.keys.signCheckpoint,
    log: services.log,
    segmentBytes: 3000,
  })

async function append(...jtis: string[]): Promise<void> {
  const slot = spool.reserve()
  await slot.append(jtis.map((jti) => served(jti)))
  slot.release()
}

const recordMany = (from: number, count: number) =>
  record(services.db, ...Array.from({ length: count }, (_, n) => served(String(from + n))))

const rows = (log = 'server') =>
  services.db.select().from(auditEntries).where(eq(auditEntries.log, log)).orderBy(asc(auditEntries.index))

async function verify(log = 'server', keptElsewhere: string[] = []) {
  const { db, primitives, keys } = services
  const trusted = verifierKeys(keys, `garde/${log}`)
  const lines = exportLog(db, log, primitives.sha256, trusted)
  const known = log === 'server' ? trusted : [...trusted, ...verifierKeys(keys, cosigner)]
  return verifyExport(lines, { sha256: primitives.sha256, keys: known, keptElsewhere })
}
const places = (faults: Fault[]) => faults.map(({ kind, from, to }) => [kind, from, to])
const place = (log: string, index: number) => and(eq(auditEntries.log, log), eq(auditEntries.index, index))

/** What the start itself recorded gets its place first, so that positions below begin at `first`. */
async function sequenced(count: number): Promise<number> {
  await sequenceOnce(services)
  const first = await sizeOf(services.db, 'server')
  await recordMany(0, count)
  await sequenceOnce(services)
  return first
}

test('what is recorded gets a place, the exact line is kept, and the log verifies', async () => {
  const first = await sequenced(3)
  expect(await countQueued(services.db)).toBe(0)
  const entries = (await rows()).slice(first)
  expect(entries.map(({ index, entry }) => [index - first, entry])).toEqual(
    ['0', '1', '2'].map((jti, index) => [index, JSON.stringify(served(jti))]),
  )
  expect(entries[0]).toMatchObject({
    kind: 'access.served',
    actor: 'practitioner:prt_alice',
    practice: 'prc_north',
    session: 'ses_alice',
    patient: '1.p1',
    access: 'opened',
  })
  expect(await verify()).toMatchObject({ entries: first + 3, coveredTo: first + 3, faults: [] })
})

test('an event of a transaction that is rolled back has never been', async () => {
  const attempt = services.db.transaction(async (tx) => {
    await record(tx, served('undone'))
    throw new Error('rolled back')
  })
  await expect(attempt).rejects.toThrow('rolled back')
  await sequenceOnce(services)
  expect((await rows()).some(({ entry }) => entry.includes('undone'))).toBe(false)
})

test('two sequencers at once make one log without a gap', async () => {
  const first = await sequenced(0)
  for (let round = 0; round < 4; round++) {
    await recordMany(round * 40, 40)
    await Promise.all([sequenceOnce(services), sequenceOnce(services), recordMany(1000 + round, 1)])
  }
  while ((await sequenceOnce(services)) > 0);
  const jtis = (await rows()).slice(first).map(({ entry }) => (JSON.parse(entry) as { jti: string }).jti)
  expect(jtis).toHaveLength(164)
  expect(new Set(jtis).size).toBe(164)
  expect((await verify()).faults).toEqual([])
})

test('a line with what databases choke on is kept as it is', async () => {
  const first = await sequenced(0)
  const odd = served('\0\ud800 " \\ \n é 𝔊')
  await record(services.db, odd)
  await sequenceOnce(services)
  expect((await rows())[first]?.entry).toBe(JSON.stringify(odd))
  expect((await verify()).faults).toEqual([])
})

test('whom an event is about is read out of its line as out of the event', async () => {
  const first = await sequenced(0)
  const head = { at: 1, actor: { kind: 'stranger' as const } }
  const alice = { kind: 'practitioner' as const, id: 'prt_alice' as PractitionerId }
  await record(
    services.db,
    { ...head, kind: 'factor.locked', holder: alice, factor: '\0\udfff \\ud800', until: 2 },
    {
      ...head,
      kind: 'factor.locked',
      holder: { kind: 'operator', id: 'opr_o' as OperatorId },
      factor: '',
      until: 2,
    },
    { at: 1, actor: alice, kind: 'operator.saved', operator: 'opr_o' as OperatorId, change: '' },
  )
  await sequenceOnce(services)
  expect((await rows()).slice(first).map(({ actor, practitioner }) => [actor, practitioner])).toEqual([
    ['stranger', 'prt_alice'],
    ['stranger', null],
    ['practitioner:prt_alice', 'prt_alice'],
  ])
  expect((await verify()).faults).toEqual([])
})

const tampering: [string, (first: number) => Promise<unknown>, (first: number) => unknown[]][] = [
  [
    'an edited row',
    (first) =>
      services.db
        .update(auditEntries)
        .set({ entry: JSON.stringify(served('forged')) })
        .where(place('server', first + 2)),
    (first) => [['edit', first + 2, first + 2]],
  ],
  [
    'a deleted row',
    (first) => services.db.delete(auditEntries).where(place('server', first + 2)),
    (first) => [['gap', first + 2, first + 2]],
  ],
  [
    'two swapped rows',
    async (first) => {
      await services.db
        .update(auditEntries)
        .set({ index: -1 })
        .where(place('server', first + 1))
      await services.db
        .update(auditEntries)
        .set({ index: first + 1 })
        .where(place('server', first + 3))
      await services.db
        .update(auditEntries)
        .set({ index: first + 3 })
        .where(place('server', -1))
    },
    (first) => [['rewritten', first, first + 4]],
  ],
  [
    'a cut end',
    (first) =>
      services.db
        .delete(auditEntries)
        .where(and(eq(auditEntries.log, 'server'), gte(auditEntries.index, first + 3))),
    (first) => [['truncation', first + 3, first + 4]],
  ],
  [
    'a column that no longer says what the entry says',
    (first) =>
      services.db
        .update(auditEntries)
        .set({ patient: '1.somebody-else' })
        .where(place('server', first + 1)),
    (first) => [['columns', first + 1, first + 1]],
  ],
]
test.each(tampering)('%s is named by position', async (_, tamper, expected) => {
  const first = await sequenced(5)
  expect((await verify()).faults).toEqual([])
  await tamper(first)
  expect(places((await verify()).faults)).toEqual(expected(first))
})

test('a cut end with its checkpoints shows against one kept elsewhere', async () => {
  const first = await sequenced(3)
  await recordMany(3, 2)
  await sequenceOnce(services)
  const kept = (await lastCheckpoint(services.db, 'server')) ?? ''
  const size = first + 3
  await services.db.delete(auditEntries).where(gte(auditEntries.index, size))
  await services.db.delete(auditCheckpoints).where(gte(auditCheckpoints.size, size + 1))
  await services.db.update(auditLogs).set({ size })
  expect((await verify()).faults).toEqual([])
  expect(places((await verify('server', [kept])).faults)).toEqual([['truncation', size, size + 1]])
})

test('a place that is taken is never passed over: the sequencer stands still and nothing is lost', async () => {
  const first = await sequenced(2)
  await services.db.update(auditLogs).set({ size: 0, frontier: [] }).where(eq(auditLogs.log, 'server'))
  await recordMany(2, 1)
  await expect(sequenceOnce(services)).rejects.toThrow()
  expect([await countQueued(services.db), (await rows()).length]).toEqual([1, first + 2])
})

test('who rewrites the database, tree and all, does not get it signed', async () => {
  const first = await sequenced(2)
  // The last entry goes, with its checkpoint, and the tree is set to what is left: a correct tree, but not a saved one.
  const tree = new Tree(services.primitives.sha256)
  const kept = (await rows()).slice(0, first + 1)
  for (const { entry } of kept) tree.append(leafHash(services.primitives.sha256, entry))
  await services.db.delete(auditEntries).where(place('server', first + 1))
  await services.db.update(auditLogs).set(tree.state()).where(eq(auditLogs.log, 'server'))
  await recordMany(2, 1)
  await expect(sequenceOnce(services)).rejects.toThrow(LogDiverges)
  expect(await countQueued(services.db)).toBe(1)
})

test("a gateway's log is taken in, cosigned, and verifies", async () => {
  for (let number = 0; number < 30; number++) await append(String(number))
  await spool.close()
  spool = await openSpool()
  while ((await shipOnce(services, spool)) > 0);
  const verification = await verify(spool.log)
  expect(verification).toMatchObject({ entries: 30, coveredTo: 30, faults: [] })
  expect(verification.cosigned).toBe(verification.checkpoints)
  const note = parseCheckpoint((await lastCheckpoint(services.db, spool.log)) ?? '')
  expect(await isCosigned(services.primitives.sha256, note, verifierKeys(services.keys, cosigner))).toBe(true)
})

test('shipping twice, or two at once, takes each line in once', async () => {
  for (let number = 0; number < 5; number++) await append(String(number))
  const [first, second] = await Promise.allSettled([shipOnce(services, spool), shipOnce(services, spool)])
  expect([first.status, second.status]).toEqual(['fulfilled', 'fulfilled'])
  expect(await shipOnce(services, spool)).toBe(0)
  await append('5')
  expect(await shipOnce(services, spool)).toBe(1)
  const jtis = (await rows(spool.log)).map(({ entry }) => (JSON.parse(entry) as { jti: string }).jti)
  expect(jtis).toEqual(['0', '1', '2', '3', '4', '5'])
})

test('a spool that was changed before it was shipped is not believed', async () => {
  await append('0')
  await append('1')
  await spool.close()
  const [[name, bytes] = ['', Buffer.alloc(0)]] = files.contents
  spool = await openSpool()
  files.contents.set(name, Buffer.from(bytes.toString().replace('"jti":"1"', '"jti":"9"')))
  await expect(shipOnce(services, spool)).rejects.toThrow(LogDiverges)
  await expect(shipOnce(services, spool)).rejects.toThrow('at size 2')
  expect(await rows(spool.log)).toEqual([])
  files.contents.set(name, bytes)
})

test('a spool that lost what was shipped is not believed', async () => {
  for (let number = 0; number < 3; number++) await append(String(number))
  await shipOnce(services, spool)
  const shorter = { ...sourceOf(spool), size: () => 2 }
  await expect(shipOnce(services, shorter)).rejects.toThrow('the spool holds 2 entries, the database 3')
})

const sourceOf = (source: FileSpool) => ({
  log: source.log,
  size: () => source.size(),
  read: (first: number, limit: number) => source.read(first, limit),
  release: (below: number) => source.release(below),
})

test('a checkpoint by a key that is none of ours is not passed on, the entries are', async () => {
  await append('0')
  await spool.close()
  spool = await openSpool()
  const lines = await spool.read(0, 10)
  const keys = { signCheckpoint: services.keys.signCheckpoint, jwks: () => ({ keys: [] }) }
  const foreign = { ...services, keys }
  expect(lines.filter((line) => !isEntry(line))).toHaveLength(1)
  expect(await shipOnce(foreign, spool)).toBe(1)
  expect(await lastCheckpoint(services.db, spool.log)).toBeUndefined()
})

test('the keeper brings everything to its place and says how far behind it is', async () => {
  const keeper = await keepAudit({ ...services, spool, pollMs: 3_600_000 })
  await recordMany(0, 3)
  await append('gateway')
  await keeper.settle()
  expect(await keeper.lag()).toEqual({ queued: 0, unshipped: 0 })
  expect(await rows(spool.log)).toHaveLength(1)
  await keeper.stop()
  await recordMany(3, 1)
  await append('later')
  expect(await keeper.lag()).toEqual({ queued: 1, unshipped: 1 })
})

test('a recorded event wakes the keeper', async () => {
  const keeper = await keepAudit({ ...services, pollMs: 3_600_000 })
  await keeper.settle()
  const size = await sizeOf(services.db, 'server')
  const placed = Promise.withResolvers<void>()
  const unlisten = await services.database.listen('audit_appended', placed.resolve)
  await recordMany(0, 1)
  await placed.promise
  expect(await sizeOf(services.db, 'server')).toBe(size + 1)
  await unlisten()
  await keeper.stop()
})

test('many pages are exported in order', async () => {
  const first = await sequenced(0)
  for (let round = 0; round < 5; round++) await recordMany(round * 450, 450)
  while ((await sequenceOnce(services)) > 0);
  const { db, primitives } = services
  const lines = await all(exportLog(db, 'server', primitives.sha256, []))
  expect(lines.filter((line) => line.startsWith('{"index"'))).toHaveLength(first + 2250)
  expect(await verify()).toMatchObject({ entries: first + 2250, coveredTo: first + 2250, faults: [] })
  await db.execute(sql`delete from ${auditQueue}`)
})

test('old checkpoints grow sparse, the newest stays, and a cut end still shows', async () => {
  const now = services.clock.now()
  await services.db.delete(auditCheckpoints)
  await sequenced(1)
  const last = (await sizeOf(services.db, 'server')) - 1
  const signed = await services.db.select().from(auditCheckpoints).orderBy(asc(auditCheckpoints.size))
  const newest = signed.at(-1)
  if (!newest) throw new Error('expected a checkpoint')
  const midnight = now - (now % days(1)) - days(40)
  // Ages in seconds: two of one old day, three of one hour, three of one minute, two of this hour.
  const made = [
    [midnight + 10, 1],
    [midnight + 70_000, 2],
    [midnight + days(37) + 100, 3],
    [midnight + days(37) + 1_000, 4],
    [midnight + days(37) + hours(1), 5],
    [now - hours(2) - ((now - hours(2)) % 60) + 1, 6],
    [now - hours(2) - ((now - hours(2)) % 60) + 2, 7],
    [now - 20, 8],
    [now - 19, 9],
  ] as const
  await services.db.delete(auditCheckpoints)
  for (const [at, size] of made)
    await services.db.insert(auditCheckpoints).values({ log: 'other', size, note: `${size}`, at })
  await services.db.insert(auditCheckpoints).values({ ...newest, at: midnight })
  const sizes = async () => {
    const kept = await services.db
      .select()
      .from(auditCheckpoints)
      .where(eq(auditCheckpoints.log, 'other'))
      .orderBy(asc(auditCheckpoints.size))
    return kept.map(({ size }) => size)
  }
  expect(await thinCheckpoints(services.db, now)).toBe(3)
  expect(await sizes()).toEqual([2, 4, 5, 7, 8, 9])
  expect(await thinCheckpoints(services.db, now)).toBe(0)
  expect(await lastCheckpoint(services.db, 'server')).toBe(newest.note)
  // Now the last entry goes; an export reads checkpoints of what is not there as well.
  await services.db.delete(auditEntries).where(place('server', last))
  expect(places((await verify()).faults)).toEqual([['truncation', last, last]])
})
