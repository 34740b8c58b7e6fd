/** `npm start`, as a real process: what a newcomer and a supervisor see. */

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startProcess, type Started } from '../support/process.ts'

const running: Started[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()))
})

function start(environment: Record<string, string>): Started {
  const process = startProcess('bin/start.js', [], { GARDE_PORT: '0', ...environment })
  running.push(process)
  return process
}

async function garde(data: string, more: Record<string, string> = {}): Promise<Started & { origin: string }> {
  const process = start({ GARDE_DATA: data, ...more })
  const [, host = ''] = await process.says(/Garde serves \S+ on (\S+)/)
  return { ...process, origin: `http://${host}` }
}

const emptyPlace = () => join(mkdtempSync(join(tmpdir(), 'garde-start-')), 'data')

/** A data directory that has been in use and is at rest; made once, copied for each test. */
let used: string
beforeAll(async () => {
  used = emptyPlace()
  const process = await garde(used)
  process.signal('SIGTERM')
  await process.exitCode
})

function usedPlace(): string {
  const data = emptyPlace()
  cpSync(used, data, { recursive: true })
  return data
}

describe('a good start', () => {
  test('serves, and gives everything back when told to stop', async () => {
    const data = emptyPlace()
    const process = await garde(data)
    expect((await fetch(`${process.origin}/readyz`)).status).toBe(200)
    process.signal('SIGTERM')
    expect(await process.exitCode).toBe(0)
    expect(readdirSync(data).toSorted()).toEqual([
      'database',
      'key-encryption-key',
      'lock',
      'sealing-shares',
      'spool',
    ])
  })

  test('is not stopped by how the last one ended', async () => {
    const data = emptyPlace()
    const first = await garde(data)
    first.signal('SIGKILL')
    await first.exitCode
    const second = await garde(data)
    expect((await fetch(`${second.origin}/readyz`)).status).toBe(200)
  })

  test('begins anew when the first start was killed before the database was whole', async () => {
    const data = usedPlace()
    writeFileSync(join(data, 'database-unfinished'), '')
    rmSync(join(data, 'key-encryption-key'))
    rmSync(join(data, 'database', 'global'), { recursive: true })
    await garde(data)
    expect(existsSync(join(data, 'database-unfinished'))).toBe(false)
  })
})

describe('a start that cannot succeed says what to do in one sentence', () => {
  /** One line, no stack, nothing on standard output. */
  async function expectFault(process: Started, exitCode: number, sentence: RegExp): Promise<void> {
    expect(await process.exitCode, process.stderr()).toBe(exitCode)
    expect(process.stderr()).toMatch(sentence)
    expect(process.stderr().trim().split('\n')).toHaveLength(1)
    expect(process.stdout()).toBe('')
  }

  test('every fault of the configuration is listed, and nothing is written', async () => {
    const data = emptyPlace()
    const process = start({ GARDE_DATA: data, GARDE_PORT: 'http', GARDE_ISUER: 'x', GARDE_LOG_LEVEL: 'loud' })
    expect(await process.exitCode).toBe(78)
    expect(process.stderr()).toMatch(/3 faults[^]*GARDE_ISUER[^]*GARDE_PORT[^]*GARDE_LOG_LEVEL/)
    expect(existsSync(data)).toBe(false)
  })

  test('a port in use, before a database is made', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const data = emptyPlace()
    await expectFault(
      start({ GARDE_DATA: data, GARDE_PORT: String(port) }),
      75,
      /Port \d+ on 127.0.0.1: something else is using it: .* set GARDE_PORT/,
    )
    expect(existsSync(join(data, 'database'))).toBe(false)
    other.close()
  })

  test('a data directory that another Garde uses', async () => {
    const data = emptyPlace()
    const first = await garde(data)
    await expectFault(
      start({ GARDE_DATA: data }),
      75,
      new RegExp(`Another Garde \\(process ${first.pid}\\) is using .*: stop it first`),
    )
  })

  test('a PostgreSQL that does not answer', async () => {
    const data = emptyPlace()
    await expectFault(
      start({ GARDE_DATA: data, DATABASE_URL: 'postgres://garde:hunter2@127.0.0.1:1/garde' }),
      75,
      /PostgreSQL at 127.0.0.1:1: it does not answer \(ECONNREFUSED\): start it, or correct DATABASE_URL/,
    )
    expect(existsSync(join(data, 'key-encryption-key'))).toBe(false)
  })

  test.each([
    ['an empty control file', (database: string) => writeFileSync(join(database, 'global/pg_control'), '')],
    ['no version file', (database: string) => rmSync(join(database, 'PG_VERSION'))],
    ['a lost journal', (database: string) => rmSync(join(database, 'pg_wal'), { recursive: true })],
  ])('a damaged database: %s', async (_, damage) => {
    const data = usedPlace()
    damage(join(data, 'database'))
    await expectFault(
      start({ GARDE_DATA: data }),
      78,
      /The database directory .* is damaged \(.*\): put it back from a backup, or move it away/,
    )
  })

  test.each<[string, (key: string) => void, RegExp]>([
    ['lost', (key) => rmSync(key), /is missing: put it back from your backup/],
    ['cut off', (key) => writeFileSync(key, 'c2hvcnQ\n'), /not 32 bytes in base64url/],
    ['open to others', (key) => chmodSync(key, 0o644), /others can read it: chmod 600/],
    ['another one', (key) => writeFileSync(key, `${'A'.repeat(43)}\n`), /not the one this database/],
  ])('a key-encryption key that is %s', async (_, change, sentence) => {
    const data = usedPlace()
    const key = join(data, 'key-encryption-key')
    change(key)
    const before = existsSync(key) ? readFileSync(key, 'utf8') : undefined
    await expectFault(start({ GARDE_DATA: data }), 78, sentence)
    expect(existsSync(key) ? readFileSync(key, 'utf8') : undefined).toBe(before)
  })

  test('a data directory that is a file', async () => {
    const data = emptyPlace()
    writeFileSync(data, 'not a directory')
    await expectFault(start({ GARDE_DATA: data }), 78, /cannot be used \(EEXIST\)/)
  })
})
