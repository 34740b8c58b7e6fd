/**
 * `npm start` to the first 200 on discovery. Cold: an empty data directory, so keys and database are made. Warm: the
 * same directory again. The embedded database that `npm ci` prepared is there or not; the figures say which.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { preparedDatabase } from '../../src/runtime/prepared-database.ts'

const rounds = 5
const patienceMs = 60_000

export async function run(): Promise<Record<string, number | boolean>> {
  const cold: number[] = []
  const warm: number[] = []
  for (let round = 0; round < rounds; round++) {
    const place = mkdtempSync(join(tmpdir(), 'garde-bench-'))
    try {
      cold.push(await timeStart(join(place, 'data')))
      warm.push(await timeStart(join(place, 'data')))
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  }
  return {
    cold_ms: median(cold),
    warm_ms: median(warm),
    rounds,
    prepared_database: existsSync(preparedDatabase()),
  }
}

async function timeStart(data: string): Promise<number> {
  const port = await freePort()
  const begun = performance.now()
  const npm = spawn('npm', ['start', '--silent'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], GARDE_DATA: data, GARDE_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  npm.stdout.resume()
  try {
    await answers(`http://127.0.0.1:${port}/.well-known/openid-configuration`, npm, begun + patienceMs)
    return performance.now() - begun
  } finally {
    await endGroup(npm)
  }
}

async function answers(url: string, npm: ChildProcess, untilMs: number): Promise<void> {
  while (performance.now() < untilMs) {
    if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}`)
    const response = await fetch(url).catch(() => undefined) // nobody listens yet
    await response?.body?.cancel()
    if (response?.status === 200) return
    await pause(5)
  }
  throw new Error(`${url} did not answer 200`)
}

/** npm, its shell and Node: the group that was started here. Over when the last of them has closed its output. */
async function endGroup(npm: ChildProcess): Promise<void> {
  if (npm.pid === undefined || npm.exitCode !== null) return
  const ended = once(npm, 'close')
  process.kill(-npm.pid, 'SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const median = (values: number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
