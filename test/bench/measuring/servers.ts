/** Servers under test as child processes, on a core of their own where the system allows it. */

import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

export interface Server<Told extends object = object> {
  process: ChildProcess
  port: number
  told: Told
}

/** Where a process runs: the server under test alone on the last core, everything else on the others. */
export type Core = 'server' | 'rest'

/** Starts `file` and waits for its first message: the port, and what more it tells. `children` gets it at once, to be ended. */
export async function startServer<Told extends object>(
  children: ChildProcess[],
  core: Core,
  file: string,
  parameters: string[] = [],
): Promise<Server<Told>> {
  const child = fork(file, parameters, {
    execArgv: (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean),
  })
  children.push(child)
  pin(child.pid, core)
  const [told] = (await Promise.race([once(child, 'message'), endedEarly(child, file)])) as [
    Told & { port: number },
  ]
  return { process: child, port: told.port, told }
}

async function endedEarly(child: ChildProcess, file: string): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null]
  throw new Error(`${file} ended with ${code}`)
}

/** With `taskset` and two cores or more; false where a process stays where the system puts it. */
export function pin(pid: number | undefined, core: Core): boolean {
  const last = availableCores - 1
  if (last < 1 || pid === undefined) return false
  const cores = core === 'server' ? String(last) : last === 1 ? '0' : `0-${last - 1}`
  return spawnSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' }).status === 0
}
/** Asked before this process is pinned itself. */
const availableCores = availableParallelism()

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  if (child.connected) child.disconnect()
  else child.kill()
  await ended
}
