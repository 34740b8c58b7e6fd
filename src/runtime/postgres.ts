/** PostgreSQL through postgres.js. Drizzle replaces the JSON serialisers of its client, so it has a client of its own. */

import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { Refusal } from '../core/refusal.ts'
import type { Database } from '../db/db.ts'
import * as schema from '../db/schema.ts'
import { migrate } from './migrations.ts'

export interface PostgresOptions {
  connections?: number
}

export function openPostgres(url: string, options: PostgresOptions = {}): Database {
  const settings = { onnotice: () => {}, connect_timeout: 5 }
  const client = postgres(url, { ...settings, max: options.connections ?? 10 })
  const notices = postgres(url, { ...settings, max: 2 })
  return {
    db: drizzle(preparing(client), { schema, casing: 'snake_case' }),
    migrate: async () => {
      const session = await notices.reserve()
      try {
        await migrate({
          query: async (sql, parameters) => [...(await session.unsafe(sql, parameters as never[]))],
        })
      } finally {
        session.release()
      }
    },
    listen: async (channel, onNotice) => {
      // `onlisten` fires again after a reconnect: whatever was missed meanwhile is a notice too.
      const subscription = await notices.listen(channel, onNotice, onNotice)
      return () => subscription.unlisten()
    },
    notify: async (channel) => {
      await notices.notify(channel, '')
    },
    ping: async () => {
      try {
        await notices`select 1`
      } catch (error) {
        throw new Refusal('state_unavailable', { cause: String(error) })
      }
    },
    close: async () => {
      await Promise.all([client.end({ timeout: 5 }), notices.end({ timeout: 5 })])
    },
  }
}

/**
 * Each connection has a statement parsed and planned once: drizzle asks for that only where every query is given a name, and
 * otherwise each costs a journey more. Statements that grow with their values (lists) would fill its memory and stay as they
 * were.
 */
function preparing<Client extends postgres.TransactionSql | postgres.Sql>(client: Client): Client {
  const unsafe: postgres.Sql['unsafe'] = (text, values = [], options = {}) =>
    client.unsafe(text, values, { ...options, prepare: values.length <= 40 })
  const nested = (name: 'begin' | 'savepoint') => (run: (inner: postgres.TransactionSql) => unknown) =>
    (client as postgres.TransactionSql & postgres.Sql)[name]((inner) => run(preparing(inner)))
  const changed: Record<PropertyKey, unknown> = {
    unsafe,
    begin: nested('begin'),
    savepoint: nested('savepoint'),
  }
  return new Proxy(client, {
    get: (target, name) => (name in changed ? changed[name] : Reflect.get(target, name)),
  })
}
