/** Keeps the logs going: the sequencer and, where there is a spool, the shipper, by the clock. */

import type { Log } from '../core/ports.ts'
import type { Clock } from '../core/time.ts'
import { countQueued, sizeOf, thinCheckpoints } from './log-store.ts'
import { batch, sequenceOnce, type LogKeeper } from './sequencer.ts'
import { shipOnce } from './ship.ts'
import type { SpoolSource } from './spool.ts'
import type { StrangerSums } from './stranger-sums.ts'
import { forgetStrangers, saveStranger } from './strangers.ts'

export interface AuditKeeper {
  /** Resolves when all that was recorded before the call has its place. Rejects with what stands in the way. */
  settle(): Promise<void>
  /** Entries recorded that have no place yet: what a query asked now would miss. */
  lag(): Promise<{ queued: number; unshipped: number }>
  stop(): Promise<void>
}

export interface KeeperOptions extends Omit<LogKeeper, 'clock'> {
  clock: Clock
  log: Log
  /** The spool of the gateway in this process, when there is one. */
  spool?: SpoolSource
  /** What that gateway counts of strangers. */
  strangers?: StrangerSums
  pollMs?: number
  /** How long one shipment may take: 25 ms unless the database works in a process of its own. */
  batchMs?: number
}

export async function keepAudit(options: KeeperOptions): Promise<AuditKeeper> {
  const { database, spool } = options
  const sequencer = new Worker(
    { ...options, pollMs: options.pollMs ?? gatherMs },
    'sequencing',
    sequencing(options),
  )
  const shipper = spool && new Worker(options, 'shipping', shipping(options, spool))
  const strangers = new Worker({ ...options, pollMs: 10 * (options.pollMs ?? 1000) }, 'strangers', () =>
    saveStrangers(options),
  )
  const thinning = new Worker({ ...options, pollMs: thinEveryMs }, 'thinning', async () => {
    await thinCheckpoints(database.db, options.clock.now())
    return 0
  })
  return {
    settle: async () => {
      await Promise.all([sequencer.settle(), shipper?.settle(), strangers.settle()])
    },
    lag: async () => ({
      queued: await countQueued(database.db),
      unshipped: spool ? spool.size() - (await sizeOf(database.db, spool.log)) : 0,
    }),
    stop: async () => {
      await Promise.all([sequencer.stop(), shipper?.stop(), strangers.stop(), thinning.stop()])
    },
  }
}

const embeddedBatchMs = 25
/** What is recorded is durable; its place costs a transaction, so what comes within this time shares one. */
const gatherMs = 200
/** A gateway makes a checkpoint a second while it works: an hour of them are at most 3,600 rows too many. */
const thinEveryMs = 600_000

/** Answers 0 when the end of the queue was reached, so that what is recorded meanwhile gathers until the next poll. */
const sequencing = (options: KeeperOptions) => async (): Promise<number> => {
  const moved = await sequenceOnce(options)
  return moved < batch ? 0 : moved
}

/**
 * Batches as large as fit in their time: a transaction costs this thread as much as 20 entries, whatever it holds. Answers
 * 0 when the end of the log was reached, so that what is recorded meanwhile gathers until the next poll.
 */
function shipping(options: KeeperOptions, spool: SpoolSource): () => Promise<number> {
  const { clock, batchMs = embeddedBatchMs } = options
  let limit = 100
  return async () => {
    const began = clock.monotonicMs()
    const shipped = await shipOnce(options, spool, limit)
    if (shipped < limit) return 0
    const slow = clock.monotonicMs() - began > batchMs
    limit = slow ? Math.max(20, Math.floor(limit / 2)) : Math.min(1000, limit * 2)
    return shipped
  }
}

/** Sums, and forgetting what is older than a month. Done when it is done: there is never more to do at once. */
async function saveStrangers({ database, clock, strangers }: KeeperOptions): Promise<number> {
  const sums = strangers?.take() ?? []
  try {
    for (let sum = sums.at(-1); sum; sum = sums.at(-1)) {
      await saveStranger(database.db, sum)
      sums.pop()
    }
  } finally {
    strangers?.putBack(sums)
  }
  await forgetStrangers(database.db, clock.now())
  return 0
}

/** Repeats a piece of work until it finds none, then waits for the next poll. It rests three times as long as it works, so
 * that requests come first: the embedded database works in this very thread. */
class Worker {
  readonly #options: KeeperOptions
  readonly #name: string
  readonly #work: () => Promise<number>
  #running: Promise<unknown> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(options: KeeperOptions, name: string, work: () => Promise<number>) {
    this.#options = options
    this.#name = name
    this.#work = work
    this.#sleep(0)
  }

  /** Until nothing is left, without rest. */
  async settle(): Promise<void> {
    while ((await this.#once()) > 0);
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running.catch(() => {}) // whoever asked for that turn was told
  }

  /** One at a time: what is asked meanwhile comes after, also after a failure, which its own caller hears of. */
  #once(): Promise<number> {
    const next = this.#running.catch(() => {}).then(this.#work)
    this.#running = next
    return next
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#turn(), ms)
  }

  async #turn(): Promise<void> {
    const { clock, log, pollMs = 1000 } = this.#options
    const began = clock.monotonicMs()
    let wait = pollMs
    try {
      if ((await this.#once()) > 0) wait = Math.min(pollMs, 3 * (clock.monotonicMs() - began))
    } catch (error) {
      log('error', 'audit log stands still', { work: this.#name, error: String(error) })
      wait = 5 * pollMs
    }
    if (!this.#stopped) this.#sleep(wait)
  }
}
