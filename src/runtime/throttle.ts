/**
 * The Throttle port by rate-limiter-flexible: fixed windows per source. In memory where one process is all there is, in
 * PostgreSQL where there are many. It slows and never locks.
 */

import { sql } from 'drizzle-orm'
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import RateLimiterPostgres from 'rate-limiter-flexible/lib/RateLimiterPostgres.js'
import type { Throttle, ThrottleName } from '../core/ports.ts'
import type { Db } from '../db/db.ts'

/**
 * Points a minute, unless `windows` says. A source is a known browser, or everybody of a /24 (IPv4) or /48 (IPv6) together; of the codes of
 * devices, the person who is signed in and types them.
 */
const points: Record<ThrottleName, number> = {
  'signin-source': 120,
  // A hospital behind one address: what costs is queued for (people/sign-in-queue.ts), this bounds what is left.
  'signin-network': 3000,
  'signin-join': 4,
  'signin-place': 3,
  'enrolment-source': 30,
  'token-source': 1200,
  'admin-source': 300,
  'device-code': 10,
  'registration-source': 60,
}

const usualSeconds = 60
/** As long as a place opens the door (`placeSeconds`): three tries are all it is good for. */
const windows: Partial<Record<ThrottleName, number>> = { 'signin-place': 300 }

interface Limiter {
  consume(key: string): Promise<unknown>
}

export const memoryThrottle = (): Throttle => throttleOf((window) => new RateLimiterMemory(window))

/** Rows of `rate_limits`; one statement each, so that nodes count together. */
export const databaseThrottle = (db: Db): Throttle =>
  throttleOf(
    (window) =>
      new RateLimiterPostgres({
        ...window,
        storeClient: { query: (query: Query) => run(db, query) },
        storeType: 'client',
        tableName: 'rate_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
      }),
  )

interface Window {
  keyPrefix: ThrottleName
  points: number
  /** Seconds. */
  duration: number
}

function throttleOf(limiter: (window: Window) => Limiter): Throttle {
  const names = Object.keys(points) as ThrottleName[]
  const windowOf = (name: ThrottleName): Window => ({
    keyPrefix: name,
    points: points[name],
    duration: windows[name] ?? usualSeconds,
  })
  const limiters = new Map(names.map((name) => [name, limiter(windowOf(name))]))
  return {
    take: async (name, key) => {
      try {
        await limiters.get(name)?.consume(key)
        return { allowed: true }
      } catch (refused) {
        return { allowed: false, retryAfterSeconds: Math.ceil(waitOf(refused) / 1000) }
      }
    },
  }
}

/** The library rejects with a plain object when there is no point left, and with an Error when its store fails. */
function waitOf(refused: unknown): number {
  if (typeof refused === 'object' && refused !== null && 'msBeforeNext' in refused)
    return Number(refused.msBeforeNext)
  throw refused
}

interface Query {
  text: string
  values: unknown[]
}

/** The library's `$n` text over our handle: every second part is the number of a value. */
async function run(db: Db, { text, values }: Query): Promise<{ rows: unknown[] }> {
  const parts = text
    .split(/\$(\d+)/)
    .map((part, at) => (at % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1]}`))
  const result: unknown = await db.execute(sql.join(parts))
  return { rows: Array.isArray(result) ? result : (result as { rows: unknown[] }).rows }
}
