/**
 * The gateway (cached token, full checks, audit durable before answering) against a bare node:http → undici dispatch
 * proxy, with the same 2 KB of JSON and one patient in the path, in alternating rounds. The server under test has one
 * core to itself where the system allows it; upstream, client and PostgreSQL have the others. After
 * each round the gateway ships the rest of its log: that counts as its cpu time, and the bare proxy does not pay for it.
 */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshPostgres } from '../support/postgres.ts'
import type { Usage } from './gateway/child.ts'
import { load } from './gateway/load.ts'
import { median, rounded } from './measuring/figures.ts'
import { end, pin, startServer, type Core, type Server } from './measuring/servers.ts'

const rounds = 7
const secondsEach = 2
/** Until both are compiled; the first seconds are several times as slow. */
const warmingRounds = 3
const connections = 64

interface Measured {
  perSecond: number
  cpuUs: number
}

export async function run(): Promise<Record<string, number | string | boolean>> {
  const directory = mkdtempSync(join(tmpdir(), 'garde-bench-'))
  const children: ChildProcess[] = []
  const start = (name: string, core: Core, ...parameters: string[]) =>
    startServer<{ tokens: string[] }>(
      children,
      core,
      join(import.meta.dirname, 'gateway', `${name}.ts`),
      parameters,
    )
  try {
    const pinned = pin(process.pid, 'rest')
    const upstream = await start('upstream', 'rest')
    const origin = `http://127.0.0.1:${upstream.port}`
    const bare = await start('bare', 'server', origin)
    const database = await freshPostgres()
    const garde = await start('garde', 'server', origin, directory, database.url)
    const asked = requests(garde.told.tokens)
    for (let round = 0; round < warmingRounds; round++) {
      await measure(bare, asked)
      await measure(garde, asked)
    }
    const measured: { bare: Measured; garde: Measured }[] = []
    for (let round = 0; round < rounds; round++)
      measured.push({ bare: await measure(bare, asked), garde: await measure(garde, asked) })
    return figures(measured, pinned)
  } finally {
    await Promise.all(children.map(end))
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The same bytes to both: each connection one clinician and one of five patients. */
const requests = (tokens: readonly string[]): Buffer[] =>
  Array.from({ length: connections }, (_, i) =>
    Buffer.from(
      [
        `GET /records/patients/p${i % 5} HTTP/1.1`,
        'Host: localhost:4800',
        `Authorization: Bearer ${tokens[i % tokens.length]}`,
        'Accept: application/json',
        'User-Agent: bench',
        '',
        '',
      ].join('\r\n'),
    ),
  )

async function measure(server: Server, asked: readonly Buffer[]): Promise<Measured> {
  const before = await usage(server)
  const { requests: count, seconds } = await load(server.port, asked, secondsEach)
  const after = await usage(server)
  return { perSecond: count / seconds, cpuUs: (after.cpuUs - before.cpuUs) / count }
}

async function usage({ process: child }: Server): Promise<Usage> {
  const told = once(child, 'message')
  child.send('usage')
  return ((await told) as [Usage])[0]
}

function figures(measured: readonly { bare: Measured; garde: Measured }[], pinned: boolean) {
  const of = (value: (one: (typeof measured)[number]) => number) => median(measured.map(value))
  const bareCpu = of(({ bare }) => bare.cpuUs)
  const gardeCpu = of(({ garde }) => garde.cpuUs)
  return {
    ratio_bare: rounded(
      of(({ bare, garde }) => garde.perSecond / bare.perSecond),
      2,
    ),
    ratio_cpu: rounded(bareCpu / gardeCpu, 2),
    requests_per_second: rounded(of(({ garde }) => garde.perSecond)),
    bare_requests_per_second: rounded(of(({ bare }) => bare.perSecond)),
    cpu_us: rounded(gardeCpu, 1),
    bare_cpu_us: rounded(bareCpu, 1),
    rounds: measured.length,
    connections,
    database: 'postgres',
    pinned,
    load_average: rounded(loadavg()[0] ?? 0, 1),
    node: process.version,
  }
}
