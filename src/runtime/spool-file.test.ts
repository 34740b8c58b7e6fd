import { expect, test } from 'vitest'
import { served } from '../../test/support/audit-events.ts'
import { checkpointSigner } from '../../test/support/checkpoint-signer.ts'
import { memoryFiles, type MemoryFiles } from '../../test/support/memory-files.ts'
import { isSigned, parseCheckpoint } from '../audit/checkpoint.ts'
import { isEntry, noteOf } from '../audit/segment.ts'
import type { Spool } from '../audit/spool.ts'
import { leafHash, Tree } from '../audit/tree.ts'
import { hex } from '../core/bytes.ts'
import { primitives } from './primitives.ts'
import { openSpoolFile, type SpoolFileOptions } from './spool-file.ts'

const { sha256 } = primitives
const signer = checkpointSigner()

const open = (files: MemoryFiles, changes: Partial<SpoolFileOptions> = {}) =>
  openSpoolFile({
    files,
    node: 'a',
    primitives,
    clock: { monotonicMs: () => 0 },
    sign: signer.sign,
    log: () => {},
    ...changes,
  })

async function append(spool: Spool, ...jtis: string[]): Promise<void> {
  const slot = spool.reserve()
  await slot.append(jtis.map((jti) => served(jti))).finally(() => slot.release())
}

const jtisOf = (lines: string[]) =>
  lines.filter(isEntry).map((line) => (JSON.parse(line) as { jti: string }).jti)
const notesOf = (lines: string[]) => lines.filter((line) => !isEntry(line)).map(noteOf)
const wholeText = (files: MemoryFiles) =>
  [...files.contents.values()].map((bytes) => bytes.toString()).join('')

/** A disk that is stuck until told. */
function stuck(files: MemoryFiles): () => void {
  const gate = Promise.withResolvers<void>()
  files.beforeWrite = () => gate.promise
  return gate.resolve
}

test('an append has resolved only when its entries are on the disk', async () => {
  const files = memoryFiles()
  const spool = await open(files)
  const letGo = stuck(files)
  let durable = false
  const appended = append(spool, '1').finally(() => {
    durable = true
  })
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect([durable, spool.size()]).toEqual([false, 0])
  letGo()
  await appended
  expect(wholeText(files)).toContain('"jti":"1"')
  expect(spool.size()).toBe(1)
  await spool.close()
})

test('what waits while the disk works goes into one flush, in order', async () => {
  const files = memoryFiles()
  const spool = await open(files)
  const letGo = stuck(files)
  const first = append(spool, '1')
  await new Promise(setImmediate)
  const others = ['2', '3', '4'].map((jti) => append(spool, jti, `${jti} again`))
  const before = files.writes
  letGo()
  await Promise.all([first, ...others])
  expect(files.writes - before).toBe(2)
  expect(jtisOf(await spool.read(0, 100))).toEqual(['1', '2', '2 again', '3', '3 again', '4', '4 again'])
  await spool.close()
})

test('a full log refuses at once, and takes again when a slot is free', async () => {
  const spool = await open(memoryFiles(), { capacity: 2 })
  const slots = [spool.reserve(), spool.reserve()]
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  slots[0]?.release()
  slots[0]?.release()
  spool.reserve()
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  await spool.close()
})

test('entries that wait for a slow disk count as full too', async () => {
  const files = memoryFiles()
  const spool = await open(files, { capacity: 3 })
  const letGo = stuck(files)
  const first = append(spool, '1')
  await new Promise(setImmediate)
  const waiting = append(spool, '2', '3')
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  letGo()
  await Promise.all([first, waiting])
  spool.reserve().release()
  await spool.close()
})

test('a disk without space refuses everything until it was read anew, and nothing acknowledged is lost', async () => {
  const files = memoryFiles()
  const spool = await open(files)
  await append(spool, 'kept')
  files.beforeWrite = async (bytes) => {
    // Half of it arrives, as on a real disk that fills up.
    const [name = ''] = files.contents.keys()
    const held = files.contents.get(name) ?? Buffer.alloc(0)
    files.contents.set(name, Buffer.concat([held, bytes.subarray(0, bytes.length / 2)]))
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  const held = spool.reserve()
  await expect(append(spool, 'lost')).rejects.toThrow('audit_unavailable')
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  await expect(held.append([served('late')])).rejects.toThrow('audit_unavailable')
  files.beforeWrite = async () => {}
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  await spool.reopen()
  await append(spool, 'after')
  expect(jtisOf(await spool.read(0, 100))).toEqual(['kept', 'after'])
  await spool.close()
})

test('a disk that fails while the log is being closed leaves nothing that is not true', async () => {
  const files = memoryFiles()
  const spool = await open(files)
  await append(spool, 'kept')
  files.beforeWrite = async () => {
    throw new Error('no space left on device')
  }
  const waiting = append(spool, 'lost')
  const closed = spool.close()
  await expect(waiting).rejects.toThrow('audit_unavailable')
  files.beforeWrite = async () => {}
  await closed
  const again = await open(files)
  await append(again, 'after')
  expect(jtisOf(await again.read(0, 100))).toEqual(['kept', 'after'])
  await again.close()
})

test('a key that cannot sign is a log that cannot go on', async () => {
  const files = memoryFiles()
  let now = 0
  const spool = await open(files, {
    clock: { monotonicMs: () => now },
    sign: () => Promise.reject(new Error('no key')),
  })
  await append(spool, '1')
  now = 5_000
  await expect(append(spool, '2')).rejects.toThrow('audit_unavailable')
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  await spool.close()
  const again = await open(files)
  expect(jtisOf(await again.read(0, 100))).toEqual(['1'])
  await again.close()
})

test('a closed log refuses; closing signs a checkpoint over everything', async () => {
  const files = memoryFiles()
  const spool = await open(files)
  const waiting = append(spool, '1', '2')
  await spool.close()
  await waiting
  expect(() => spool.reserve()).toThrow('audit_unavailable')
  const again = await open(files)
  const lines = await again.read(0, 100)
  const [note = ''] = notesOf(lines)
  const tree = new Tree(sha256)
  for (const line of lines.filter(isEntry)) tree.append(leafHash(sha256, line))
  const checkpoint = parseCheckpoint(note)
  expect([checkpoint.origin, checkpoint.size]).toEqual([`garde/${again.log}`, 2])
  expect(hex(checkpoint.root)).toBe(hex(tree.root()))
  const keys = [{ name: checkpoint.origin, publicKey: signer.publicKey }]
  expect(await isSigned(sha256, checkpoint, keys)).toBe(true)
  await again.close()
})

test('a log goes on under its name; an empty disk gets a new one', async () => {
  const files = memoryFiles()
  const first = await open(files)
  await append(first, '1')
  await first.close()
  const second = await open(files)
  expect([second.log, second.size()]).toEqual([first.log, 1])
  await second.close()
  const elsewhere = await open(memoryFiles())
  expect(elsewhere.log).not.toBe(first.log)
  expect(elsewhere.log).toMatch(/^gateway-a\.[\w-]{4}$/)
  await elsewhere.close()
})

test('a torn last line is cut off, whatever is left of it', async () => {
  const files = memoryFiles()
  const spool = await open(files)
  await append(spool, '1')
  await append(spool, '2')
  const [[name, bytes] = ['', Buffer.alloc(0)]] = files.contents
  const lastLine = bytes.lastIndexOf(10, bytes.length - 2) + 1
  for (let end = lastLine; end < bytes.length; end++) {
    files.contents.set(name, Buffer.concat([bytes.subarray(0, end)]))
    const again = await open(files)
    expect(again.size()).toBe(1)
    await append(again, '3')
    expect(jtisOf(await again.read(0, 100))).toEqual(['1', '3'])
  }
  await spool.close()
})

test('a segment whose very head is torn is begun again', async () => {
  const files = memoryFiles()
  const spool = await open(files, { segmentBytes: 1 })
  await append(spool, '1')
  await append(spool, '2')
  const names = [...files.contents.keys()]
  files.contents.set(names.at(-1) ?? '', Buffer.from('["garde-aud'))
  const again = await open(files)
  expect([again.size(), again.log]).toEqual([1, spool.log])
  await spool.close()
  await again.close()
})

test.each([
  [
    'an entry that is no longer JSON',
    (text: string) => text.replace('{"at"', '["at"'),
    /entry 0 is not JSON/,
  ],
  [
    'an entry that says something else',
    (text: string) => text.replace('Patient.read', 'Patient.edit'),
    /before entry 2: the entries are not those of the checkpoint/,
  ],
  ['a head that is not one', (text: string) => text.replace('segment-1', 'segment-9'), /its head is not one/],
  ['a missing line', (text: string) => text.replace(/\{.*\n/, ''), /before entry 1/],
])('damage before the end is said, and nothing is written: %s', async (_, damage, message) => {
  const files = memoryFiles()
  const spool = await open(files)
  await append(spool, '1', '2')
  await spool.close()
  const [[name, bytes] = ['', Buffer.alloc(0)]] = files.contents
  files.contents.set(name, Buffer.from(damage(bytes.toString())))
  const damaged = wholeText(files)
  await expect(open(files)).rejects.toThrow(message)
  await expect(open(files)).rejects.toThrow('the audit log file 0000000000000000.log is damaged')
  expect(wholeText(files)).toBe(damaged)
})

test('reading goes on over segments from any position, each checkpoint behind its last entry', async () => {
  const files = memoryFiles()
  const spool = await open(files, { segmentBytes: 1500 })
  for (let number = 0; number < 12; number++) await append(spool, String(number))
  await append(spool, 'é'.repeat(400_000))
  await append(spool, 'end')
  expect(files.contents.size).toBeGreaterThan(3)
  const expected = [...Array.from({ length: 12 }, (_, number) => String(number)), 'é'.repeat(400_000), 'end']
  for (const step of [1, 3, 100]) {
    const jtis: string[] = []
    const sizes: number[] = []
    while (jtis.length < spool.size()) {
      const lines = await spool.read(jtis.length, step)
      jtis.push(...jtisOf(lines))
      sizes.push(...notesOf(lines).map((note) => parseCheckpoint(note).size))
    }
    expect(jtis).toEqual(expected)
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  }
  expect(jtisOf(await spool.read(5, 2))).toEqual(['5', '6'])
  expect(await spool.read(spool.size(), 10)).toEqual([])
  await spool.close()
})

test('only old segments that are durable elsewhere go, and asking for them is an error', async () => {
  const files = memoryFiles()
  const spool = await open(files, { segmentBytes: 1, keepSegments: 1 })
  for (const jti of ['0', '1', '2', '3', '4']) await append(spool, jti)
  const names = () => [...files.contents.keys()].map((name) => Number.parseInt(name, 10))
  await spool.release(1)
  expect(names()).toEqual([1, 2, 3, 4])
  await spool.release(100)
  expect(names()).toEqual([3, 4])
  expect(jtisOf(await spool.read(3, 10))).toEqual(['3', '4'])
  await expect(spool.read(0, 10)).rejects.toThrow('entries from 0 on are no longer kept')
  await spool.close()
})

test('an entry is kept as it was when it was appended', async () => {
  const spool = await open(memoryFiles())
  const slot = spool.reserve()
  const event = served('as it was')
  const appended = slot.append([event])
  event.jti = 'changed'
  await appended
  slot.release()
  expect(jtisOf(await spool.read(0, 1))).toEqual(['as it was'])
  await spool.close()
})
