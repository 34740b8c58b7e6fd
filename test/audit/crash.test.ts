/** What was acknowledged survives `kill -9` at any instant. A real process, a real disk. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCheckpoint } from '../../src/audit/checkpoint.ts'
import { isEntry, noteOf } from '../../src/audit/segment.ts'
import { leafHash, Tree } from '../../src/audit/tree.ts'
import { hex } from '../../src/core/bytes.ts'
import { segmentFiles } from '../../src/runtime/segment-files.ts'
import { openSpoolFile } from '../../src/runtime/spool-file.ts'
import { primitives } from '../../src/runtime/primitives.ts'
import { checkpointSigner } from '../support/checkpoint-signer.ts'

const child = fileURLToPath(new URL('../support/spool-child.ts', import.meta.url))

/** Runs the program until it has acknowledged `count` entries, kills it, answers all it had acknowledged by then. */
async function runAndKill(directory: string, from: number, count: number): Promise<number[]> {
  const running = spawn(process.execPath, [child, directory, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: running.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === count) running.kill('SIGKILL')
  }
  return acknowledged
}

async function read(directory: string): Promise<string[]> {
  const spool = await openSpoolFile({
    files: await segmentFiles(directory),
    node: 'crash',
    primitives,
    clock: { monotonicMs: () => 0 },
    sign: checkpointSigner().sign,
    log: () => {},
  })
  const lines = await spool.read(0, Infinity)
  expect(lines.filter(isEntry)).toHaveLength(spool.size())
  await spool.close()
  return lines
}

/** Every checkpoint agrees with all the entries before it. Answers how many there were. */
function checkedCheckpoints(lines: string[]): number {
  const tree = new Tree(primitives.sha256)
  let checked = 0
  for (const line of lines) {
    if (isEntry(line)) tree.append(leafHash(primitives.sha256, line))
    else {
      const { size, root } = parseCheckpoint(noteOf(line))
      expect([size, hex(root)]).toEqual([tree.size, hex(tree.root())])
      checked++
    }
  }
  return checked
}

test('after kill -9 at 24 arbitrary moments nothing acknowledged is lost', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'garde-crash-'))
  const acknowledged: number[] = []
  for (const count of fc.sample(fc.integer({ min: 1, max: 60 }), 24)) {
    const from = Math.max(-1, ...acknowledged) + 100
    acknowledged.push(...(await runAndKill(directory, from, count)))
  }
  const lines = await read(directory)
  expect(checkedCheckpoints(lines)).toBeGreaterThan(10)
  const jtis = lines.filter(isEntry).map((line) => (JSON.parse(line) as { jti: string }).jti)
  const kept = new Set(jtis)
  for (const number of acknowledged) {
    expect(kept).toContain(String(number))
    expect(jtis.indexOf(`${number} again`)).toBe(jtis.indexOf(String(number)) + 1)
  }
  expect(acknowledged.length).toBeGreaterThan(24)
  rmSync(directory, { recursive: true })
})
