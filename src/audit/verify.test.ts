import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkpointSigner } from '../../test/support/checkpoint-signer.ts'
import { hex } from '../core/bytes.ts'
import { primitives } from '../runtime/primitives.ts'
import { cosign, cosigner, signCheckpoint } from './checkpoint.ts'
import { exportFormat } from './export.ts'
import { leafHash, Tree } from './tree.ts'
import { NotAnExport, verifyExport, type Fault } from './verify.ts'

const { sha256 } = primitives
const signer = checkpointSigner()
const keys = [{ name: 'garde/server', publicKey: signer.publicKey }]

interface Line {
  index: number
  leaf: string
  entry: string
}
interface Log {
  /** By size. */
  notes: Map<number, string>
  entries: Line[]
}

const lineOf = (index: number, entry: string): Line => ({
  index,
  leaf: hex(leafHash(sha256, entry)),
  entry,
})

/** A log of `count` entries with checkpoints at the sizes given. */
async function logOf(count: number, sizes: number[]): Promise<Log> {
  const tree = new Tree(sha256)
  const notes = new Map<number, string>()
  const entries = Array.from({ length: count }, (_, index) => lineOf(index, `{"entry":${index}}`))
  for (const { entry } of entries) {
    tree.append(leafHash(sha256, entry))
    if (!sizes.includes(tree.size)) continue
    const checkpoint = { origin: 'garde/server', size: tree.size, root: tree.root() }
    notes.set(tree.size, await signCheckpoint(sha256, signer.sign, checkpoint))
  }
  return { entries, notes }
}

const written = ({ entries, notes }: Log): string[] => {
  const lines = [JSON.stringify({ export: exportFormat, log: 'server', keys: [] })]
  for (const line of entries) {
    lines.push(JSON.stringify(line))
    const note = notes.get(line.index + 1)
    if (note !== undefined) lines.push(JSON.stringify({ checkpoint: note }))
  }
  return lines
}

const faultsOf = async (log: Log, keptElsewhere: string[] = []): Promise<Fault[]> =>
  (await verifyExport(written(log), { sha256, keys, keptElsewhere })).faults
const places = (faults: Fault[]) => faults.map(({ kind, from, to }) => [kind, from, to])

test('an untouched log has no fault, and what is under a checkpoint is told', async () => {
  const verification = await verifyExport(written(await logOf(10, [3, 8])), { sha256, keys })
  expect(verification).toMatchObject({ log: 'server', entries: 10, checkpoints: 2, coveredTo: 8, faults: [] })
})

test('an edited entry is named', async () => {
  const log = await logOf(10, [3, 8])
  log.entries[5] = { ...lineOf(5, '{}'), leaf: log.entries[5]?.leaf ?? '' }
  expect(places(await faultsOf(log))).toEqual([['edit', 5, 5]])
})

test('an entry edited with its hash lies between two checkpoints', async () => {
  const log = await logOf(10, [3, 8, 10])
  log.entries[5] = lineOf(5, '{}')
  expect(places(await faultsOf(log))).toEqual([['rewritten', 3, 7]])
})

test('a missing entry is a gap', async () => {
  const log = await logOf(10, [3, 8])
  log.entries.splice(5, 2)
  expect(places(await faultsOf(log))).toEqual([['gap', 5, 6]])
})

test('a missing entry, the rest renumbered, lies before the next checkpoint', async () => {
  const log = await logOf(10, [3, 8])
  log.entries.splice(5, 1)
  log.entries.forEach((line, index) => (line.index = index))
  expect(places(await faultsOf(log))).toEqual([['rewritten', 3, 7]])
})

test('entries that changed places are named', async () => {
  const log = await logOf(10, [3, 8])
  const [four, six] = [log.entries[4], log.entries[6]]
  if (!four || !six) throw new Error('expected ten entries')
  ;[four.entry, six.entry] = [six.entry, four.entry]
  const faults = await faultsOf(log)
  expect(places(faults)).toEqual([
    ['reorder', 4, 4],
    ['reorder', 6, 6],
  ])
  expect(faults[0]?.says).toBe('entry 4 is the one that belongs at 6')
})

test('lines in another order are named', async () => {
  const log = await logOf(4, [])
  log.entries.reverse()
  expect(places(await faultsOf(log))).toContainEqual(['reorder', 2, 3])
})

test('a cut end shows against a checkpoint kept elsewhere, and only then', async () => {
  const whole = await logOf(10, [3, 10])
  const kept = whole.notes.get(10) ?? ''
  const cut = { entries: whole.entries.slice(0, 6), notes: whole.notes }
  expect(await faultsOf(cut)).toEqual([])
  expect(places(await faultsOf(cut, [kept]))).toEqual([['truncation', 6, 9]])
})

test('a log rewritten whole, and signed again by another key, is found out', async () => {
  const log = await logOf(4, [4])
  const stranger = checkpointSigner()
  const note = await signCheckpoint(sha256, stranger.sign, {
    origin: 'garde/server',
    size: 4,
    root: sha256(new Uint8Array()),
  })
  log.notes.set(4, note)
  expect(places(await faultsOf(log))).toEqual([['checkpoint', 4, 4]])
})

test("another log's checkpoint vouches for nothing", async () => {
  const log = await logOf(4, [])
  const root = new Tree(sha256).root()
  log.notes.set(4, await signCheckpoint(sha256, signer.sign, { origin: 'garde/gateway-a', size: 4, root }))
  const faults = await faultsOf(log)
  expect(faults[0]?.says).toContain('is of another log, garde/gateway-a')
})

test('a log that went on in another way after a checkpoint kept elsewhere is found out', async () => {
  const log = await logOf(6, [6])
  const fork = await logOf(3, [])
  fork.entries[2] = lineOf(2, '{"fork":true}')
  expect(
    places(await faultsOf({ entries: fork.entries, notes: new Map() }, [log.notes.get(6) ?? ''])),
  ).toEqual([['truncation', 3, 5]])
  const kept = (await logOf(3, [3])).notes.get(3) ?? ''
  expect(places(await faultsOf({ entries: fork.entries, notes: new Map() }, [kept]))).toEqual([
    ['rewritten', 0, 2],
  ])
})

/** A gateway's log of four entries, its checkpoint as `change` makes it of the gateway's own note. */
async function gatewayFaults(change: (note: string) => Promise<string>, known = true) {
  const server = checkpointSigner().publicKey
  const { entries } = await logOf(4, [])
  const tree = new Tree(sha256)
  for (const { entry } of entries) tree.append(leafHash(sha256, entry))
  const origin = 'garde/gateway-a'
  const note = await signCheckpoint(sha256, signer.sign, { origin, size: 4, root: tree.root() })
  const lines = [
    JSON.stringify({ export: exportFormat, log: 'gateway-a', keys: [] }),
    ...entries.map((line) => JSON.stringify(line)),
    JSON.stringify({ checkpoint: await change(note) }),
  ]
  return verifyExport(lines, {
    sha256,
    keys: [
      { name: origin, publicKey: signer.publicKey },
      ...(known ? [{ name: cosigner, publicKey: server }] : []),
    ],
  })
}

test('a gateway’s checkpoint that the server did not cosign, or somebody else did, is named', async () => {
  const alone = await gatewayFaults(async (note) => note)
  expect(alone.faults).toMatchObject([
    { kind: 'cosignature', says: 'the checkpoint over 4 entries was not cosigned by the server' },
  ])
  const forged = await gatewayFaults((note) => cosign(sha256, checkpointSigner().sign, note, 1))
  expect(forged.faults).toMatchObject([
    {
      kind: 'cosignature',
      says: "the checkpoint over 4 entries carries a cosignature that is not the server's",
    },
  ])
  expect(forged).toMatchObject({ cosigned: 0, coveredTo: 4 })
})

test('without a key of the server nothing is said of cosignatures', async () => {
  const verification = await gatewayFaults(async (note) => note, false)
  expect(verification.faults).toEqual([])
  expect(verification).not.toHaveProperty('cosigned')
})

test.each([['not JSON'], ['{}'], ['{"export":"something"}'], ['']])('%j is no export', async (line) => {
  await expect(verifyExport([line], { sha256, keys })).rejects.toThrow(NotAnExport)
})

test('a line that is no line is named', async () => {
  const lines = written(await logOf(2, [2]))
  lines.splice(2, 0, '{"index":-1}')
  const { faults } = await verifyExport(lines, { sha256, keys })
  expect(places(faults)).toEqual([['malformed', 1, 1]])
})

/** What an adversary with the database does; answers the span in which the fault has to be named. */
type Tamper = (log: Log, place: number, other: number) => [number, number]

const tampering: Record<string, Tamper> = {
  edit: (log, place) => {
    const line = log.entries[place]
    if (line) line.entry = '{"changed":true}'
    return [place, place]
  },
  'edit with its hash': (log, place) => {
    log.entries[place] = lineOf(place, '{"changed":true}')
    return [place, place]
  },
  drop: (log, place) => {
    log.entries.splice(place, 1)
    return [place, place]
  },
  'drop and renumber': (log, place) => {
    log.entries.splice(place, 1)
    log.entries.forEach((line, index) => (line.index = index))
    return [place, log.entries.length]
  },
  swap: (log, place, other) => {
    const [one, two] = [log.entries[place], log.entries[other]]
    if (one && two) [one.entry, one.leaf, two.entry, two.leaf] = [two.entry, two.leaf, one.entry, one.leaf]
    return [Math.min(place, other), Math.max(place, other)]
  },
  insert: (log, place) => {
    log.entries.splice(place, 0, lineOf(place, '{"new":true}'))
    log.entries.forEach((line, index) => (line.index = index))
    return [place, log.entries.length]
  },
}

test('any edit, drop, swap or insertion under a checkpoint is found and its place named', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 40 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      fc.constantFrom(...Object.keys(tampering)),
      fc.nat(),
      fc.nat(),
      async (count, sizes, name, place, offset) => {
        const log = await logOf(count, [...sizes.filter((size) => size <= count), count])
        const kept = log.notes.get(count) ?? ''
        const at = place % count
        const other = (at + 1 + (offset % (count - 1))) % count
        const [from, to] = tampering[name]?.(log, at, other) ?? [0, 0]
        const faults = await faultsOf(log, [kept])
        expect(faults.some((fault) => fault.from <= to && fault.to >= from)).toBe(true)
      },
    ),
    { numRuns: 150 },
  )
})
