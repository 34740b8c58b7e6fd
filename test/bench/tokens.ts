/**
 * The token endpoints against node-oidc-provider in memory, in alternating rounds of one run. The server under test has
 * one core to itself where the system allows it; PostgreSQL (durable: synchronous commit) and the load share the rest.
 * Everything Garde answers here is recorded first. A flow is a browser without cookies until it has tokens: a passkey for
 * Garde (its application asks for no consent), two pages and two forms for the other.
 */

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { countedPostgres } from '../support/counted-postgres.ts'
import { freshPostgres } from '../support/postgres.ts'
import { median, rounded } from './measuring/figures.ts'
import { end, pin, startServer } from './measuring/servers.ts'
import { countStatements } from './tokens/count.ts'
import { latenciesAt, rateOf, type Task } from './tokens/load.ts'
import {
  garde,
  peer,
  people,
  tokensIn,
  type GardeTold,
  type PeerTold,
  type Subject,
} from './tokens/subject.ts'
import { unexpected } from './tokens/visitor.ts'
import { withWire } from './tokens/wire.ts'

/** `seconds`: of each measurement; there are twelve a round, and one round more to warm up. */
export const knobs = { rounds: 5, seconds: 1 }

/** Connections, and people: one each. */
const users = { client_credentials: 64, code_flow: people, refresh: people, introspection: 64 } as const
type Kind = keyof typeof users
const kinds = Object.keys(users) as Kind[]

type Name = 'postgres' | 'pglite' | 'peer'

export async function run({ rounds = knobs.rounds, seconds = knobs.seconds }: Partial<typeof knobs>) {
  const directory = mkdtempSync(join(tmpdir(), 'garde-bench-'))
  const children: ChildProcess[] = []
  const pinned = pin(process.pid, 'rest')
  const counted = await countedPostgres((await freshPostgres()).url)
  const start = <Told extends object>(file: string, ...parameters: string[]) =>
    startServer<Told>(children, 'server', join(import.meta.dirname, 'tokens', `${file}.ts`), parameters)
  const startGarde = async (name: string, ...parameters: string[]) =>
    garde(await start<GardeTold>('garde', join(directory, name), ...parameters))
  try {
    const database = await freshPostgres()
    const subjects: Record<Name, Subject> = {
      postgres: await startGarde('postgres', database.url),
      pglite: await startGarde('pglite'),
      peer: peer(await start<PeerTold>('peer')),
    }
    const names = Object.keys(subjects) as Name[]
    const round = async (): Promise<Round> => {
      const rates = {} as Round
      for (const kind of kinds)
        for (const name of names)
          rates[`${kind}_${name}`] = await rateOf(
            subjects[name].port,
            users[kind],
            await tasks[kind](subjects[name]),
            seconds,
          )
      return rates
    }
    await round()
    const measured: Round[] = []
    for (let done = 0; done < rounds; done++) measured.push(await round())
    const latencies: Record<string, number> = {}
    for (const kind of kinds) {
      const half = median(measured.map((one) => one[`${kind}_postgres`])) / 2
      const seen = await latenciesAt(
        subjects.postgres.port,
        users[kind],
        await tasks[kind](subjects.postgres),
        half,
        2 * seconds,
      )
      for (const [path, ms] of Object.entries(seen)) latencies[`p99_ms ${kind} ${path}`] = rounded(ms, 1)
    }
    const counting = await startGarde('counted', counted.url, 'alone')
    const statements = await countStatements(counting, counted)
    return {
      ...figures(measured, latencies, statements),
      rounds,
      seconds,
      pinned,
      load_average: rounded(loadavg()[0] ?? 0, 1),
      node: process.version,
    }
  } finally {
    await Promise.all(children.map(end))
    await counted.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Tasks a second, by what was asked and who. */
type Round = Record<`${Kind}_${Name}`, number>

/** What is asked from now on. Made anew for each measurement: the other keeps its last thousand things only. */
const tasks: Record<Kind, (subject: Subject) => Task | Promise<Task>> = {
  client_credentials: (subject) => async (wire) => tokensIn(await wire.ask(subject.clientCredentials)),
  code_flow: (subject) => (wire, user) => subject.flow(wire, user),
  // Each wire goes on from the token it was given last.
  refresh: async (subject) => {
    const chains = await Promise.all(
      Array.from({ length: users.refresh }, (_, user) =>
        withWire(subject.port, async (wire) => (await subject.flow(wire, user)).refresh_token),
      ),
    )
    return async (wire, user) => {
      chains[user] = tokensIn(await wire.ask(subject.refresh(chains[user] ?? ''))).refresh_token
    }
  },
  introspection: async (subject) => {
    const { access_token } = await withWire(subject.port, async (wire) =>
      tokensIn(await wire.ask(subject.introspectable)),
    )
    return async (wire) => {
      const answer = await wire.ask(subject.introspection(access_token))
      if (!answer.body.includes('"active":true')) throw unexpected('an active token', answer)
    }
  },
}

function figures(
  measured: readonly Round[],
  latencies: Record<string, number>,
  statements: Record<string, number>,
): Record<string, number> {
  const of = (value: (one: Round) => number, digits = 0) => rounded(median(measured.map(value)), digits)
  const ratio = (kind: Kind) => of((one) => one[`${kind}_postgres`] / one[`${kind}_peer`], 2)
  const rates = Object.keys(measured[0] ?? {}) as (keyof Round)[]
  return {
    client_credentials_ratio: ratio('client_credentials'),
    code_flow_ratio: ratio('code_flow'),
    refresh_ratio: ratio('refresh'),
    introspection_ratio: ratio('introspection'),
    max_queries: Math.max(...Object.values(statements)),
    p99_ms_half_load: Math.max(...Object.values(latencies)),
    ...Object.fromEntries(rates.map((rate) => [`${rate}_per_second`, of((one) => one[rate])])),
    ...Object.fromEntries(Object.entries(statements).map(([path, count]) => [`queries ${path}`, count])),
    ...latencies,
  }
}
