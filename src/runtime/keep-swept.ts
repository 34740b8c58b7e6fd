/** Sweeping by the clock in a Node process; on Workers it is one of the jobs. */

import { minutes } from '../core/time.ts'
import { sweep } from '../retention/sweep.ts'
import type { Services } from '../services.ts'

/** Calls again and again, one call after the other, and answers how to stop: waiting for the one that runs. */
export type Scheduler = (work: () => Promise<unknown>, everyMs: number) => () => Promise<void>

const everyMs = minutes(10) * 1000

export const keepSwept = (services: Services, schedule: Scheduler = byTimer): (() => Promise<void>) =>
  schedule(() => sweep(services), everyMs)

/** The first turn comes after one interval: a start has other things to do. */
export const byTimer: Scheduler = (work, interval) => {
  let running: Promise<unknown> | undefined
  const timer = setInterval(() => {
    running ??= work().finally(() => (running = undefined))
  }, interval)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
