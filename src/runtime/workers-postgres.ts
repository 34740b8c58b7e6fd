/**
 * PostgreSQL through Hyperdrive, for one request. Hyperdrive has no LISTEN, so nothing is followed here: each request
 * reads what it decides on. Its query cache MUST be off (wrangler.toml): a cached journal would let a cut access through.
 */

import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { Refusal } from '../core/refusal.ts'
import type { Database } from '../db/db.ts'
import * as schema from '../db/schema.ts'

export function openHyperdrive(connectionString: string): Database {
  // A socket belongs to the request that opened it, so nothing is shared or kept between requests. One is enough: opening
  // another costs more than waiting, and the same program runs on PGlite, which has one.
  const client = postgres(connectionString, { max: 1, fetch_types: false, onnotice: () => {} })
  return {
    db: drizzle(client, { schema, casing: 'snake_case' }),
    migrate: () => Promise.reject(new Error('migrations are run by Node: npm start or garde serve')),
    listen: async () => async () => {},
    notify: async (channel) => {
      await client.notify(channel, '')
    },
    ping: async () => {
      try {
        await client`select 1`
      } catch (error) {
        throw new Refusal('state_unavailable', { cause: String(error) })
      }
    },
    close: () => client.end({ timeout: 5 }),
  }
}
