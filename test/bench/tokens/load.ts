/** Closed load (as fast as it is answered) and open load (at a rate, late or not) over wires of their own. */

import { setTimeout as pause } from 'node:timers/promises'
import { quantile } from '../measuring/figures.ts'
import { Wire } from './wire.ts'

/** One thing asked whole; `user`: 0 up to the number of wires. */
export type Task = (wire: Wire, user: number) => Promise<unknown>

/** Tasks done in a second. */
export const rateOf = (port: number, users: number, task: Task, seconds: number): Promise<number> =>
  withWires(port, users, async (wires) => {
    const begun = performance.now()
    const until = begun + seconds * 1000
    const counts = await Promise.all(
      wires.map(async (wire, user) => {
        let count = 0
        for (; performance.now() < until; count++) await task(wire, user)
        return count
      }),
    )
    return (counts.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - begun)
  })

/**
 * 99th percentile of each path's answers in milliseconds, at `perSecond` tasks a second. A task that finds no wire free
 * waits, and the wait counts.
 */
export const latenciesAt = (
  port: number,
  users: number,
  task: Task,
  perSecond: number,
  seconds: number,
): Promise<Record<string, number>> =>
  withWires(port, users, async (wires) => {
    const seen = new Map<string, number[]>()
    for (const wire of wires)
      wire.observe = (path, milliseconds) =>
        void (seen.get(path) ?? seen.set(path, []).get(path))?.push(milliseconds)
    const begun = performance.now()
    const total = Math.floor(perSecond * seconds)
    const free = wires.map((wire, user) => ({ wire, user }))
    const running: Promise<void>[] = []
    const work = async (one: (typeof free)[number], due: number): Promise<void> => {
      one.wire.due = due
      await task(one.wire, one.user)
      free.push(one)
    }
    for (let started = 0; started < total;) {
      const due = begun + (started * 1000) / perSecond
      const next = performance.now() >= due ? free.shift() : undefined
      if (next) {
        started++
        running.push(work(next, due))
      } else await pause(1)
    }
    await Promise.all(running)
    return Object.fromEntries([...seen].map(([path, all]) => [path, quantile(all, 0.99)]))
  })

/** Opened for each measurement: servers close what was idle meanwhile. */
async function withWires<T>(port: number, users: number, use: (wires: Wire[]) => Promise<T>): Promise<T> {
  const wires = await Promise.all(Array.from({ length: users }, () => Wire.open(port)))
  try {
    return await use(wires)
  } finally {
    for (const wire of wires) wire.close()
  }
}
