/**
 * Slots and group commit: one commit in flight at a time, everything that waits goes into the next, events of one append
 * stay together and in order. Bounded: what is held or waits beyond `capacity` is refused, because a log that cannot
 * keep up must stop the answers and not the memory.
 */

import { Refusal } from '../core/refusal.ts'
import type { AuditEvent } from './event.ts'
import type { Slot } from './spool.ts'

export interface GroupCommitOptions<Entry> {
  /** Slots held plus entries waiting. */
  capacity: number
  /** What is kept of an event while it waits; called at once, so that later changes to the event do not show. */
  encode(event: AuditEvent): Entry
  /** Resolves when all are durable. MUST NOT be called by others. May be called with none, after `nudge`. */
  commit(entries: Entry[]): Promise<void>
  /** Runs it once the work at hand is done, so that what arrives together is committed together. */
  soon(run: () => void): void
  /** Called once per failed commit, before its waiters learn of it. */
  onFailure(error: unknown): void
  /** After a failure, refuse until `reopen`. Otherwise the next commit tries again. */
  stopsOnFailure: boolean
}

interface Waiter {
  resolve(): void
  reject(refusal: Refusal): void
}

export class GroupCommit<Entry> {
  readonly #options: GroupCommitOptions<Entry>
  #entries: Entry[] = []
  #waiters: Waiter[] = []
  #held = 0
  #running: Promise<void> | undefined
  #nudged = false
  #refusing: 'failed' | 'closed' | undefined

  constructor(options: GroupCommitOptions<Entry>) {
    this.#options = options
  }

  /** Refuses `audit_unavailable`. */
  reserve(): Slot {
    if (this.#refusing) throw unavailable(this.#refusing)
    if (this.#held + this.#entries.length >= this.#options.capacity) throw unavailable('full')
    this.#held++
    return new HeldSlot(this, () => {
      this.#held--
    })
  }

  append(events: readonly AuditEvent[]): Promise<void> {
    if (this.#refusing) return Promise.reject(unavailable(this.#refusing))
    for (const event of events) this.#entries.push(this.#options.encode(event))
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#start()
    })
  }

  /** Commits soon, even when nothing waits. */
  nudge(): void {
    this.#nudged = true
    this.#start()
  }

  get failed(): boolean {
    return this.#refusing === 'failed'
  }

  /** After a failure was repaired. */
  reopen(): void {
    if (this.failed) this.#refusing = undefined
  }

  /** Refuses from now on; resolves when what was waiting is committed or refused. */
  async close(): Promise<void> {
    const failed = this.failed
    this.#refusing = 'closed'
    if (!failed) await this.#running
  }

  #start(): void {
    this.#running ??= new Promise((resolve) => {
      this.#options.soon(() => void this.#run().then(resolve))
    })
  }

  async #run(): Promise<void> {
    while ((this.#waiters.length > 0 || this.#nudged) && !this.failed) await this.#commitOnce()
    this.#running = undefined
  }

  async #commitOnce(): Promise<void> {
    const entries = this.#entries
    const waiters = this.#waiters
    this.#entries = []
    this.#waiters = []
    this.#nudged = false
    try {
      await this.#options.commit(entries)
      for (const waiter of waiters) waiter.resolve()
    } catch (error) {
      this.#fail(error, waiters)
    }
  }

  #fail(error: unknown, waiters: Waiter[]): void {
    this.#options.onFailure(error)
    const refused = this.#options.stopsOnFailure ? [...waiters, ...this.#waiters] : waiters
    if (this.#options.stopsOnFailure) {
      this.#refusing ??= 'failed'
      this.#entries = []
      this.#waiters = []
    }
    for (const waiter of refused) waiter.reject(unavailable('failed'))
  }
}

const unavailable = (why: 'full' | 'failed' | 'closed'): Refusal =>
  new Refusal('audit_unavailable', { log: why })

class HeldSlot implements Slot {
  readonly #commit: { append(events: readonly AuditEvent[]): Promise<void> }
  #letGo: (() => void) | undefined
  constructor(commit: { append(events: readonly AuditEvent[]): Promise<void> }, letGo: () => void) {
    this.#commit = commit
    this.#letGo = letGo
  }
  append(events: readonly AuditEvent[]): Promise<void> {
    return this.#commit.append(events)
  }
  release(): void {
    this.#letGo?.()
    this.#letGo = undefined
  }
}
