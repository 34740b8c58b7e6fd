/** The local acts: what the owner of the data directory may ask for without a passkey. Each that changes something is audited. */

import { sql } from 'drizzle-orm'
import type { AuditKeeper } from '../audit/keeper.ts'
import type { Actor } from '../audit/event.ts'
import { Refusal } from '../core/refusal.ts'
import { hours, minutes, type Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import { mintAdminToken } from '../operators/admin-token-store.ts'
import { isSetUp, setupLink } from '../people/setup.ts'
import type { Services } from '../services.ts'
import type { ControlActs } from './control.ts'
import { auditActs } from './control-audit.ts'
import { keyActs } from './control-keys.ts'
import { actingOperator } from './control-operator.ts'
import type { HttpServer } from './http-server.ts'
import { version } from './version.ts'

const actor: Actor = { kind: 'system', id: 'control-socket' }

export function controlActs(
  services: Services,
  address: HttpServer['address'],
  audit: AuditKeeper,
): ControlActs {
  const startedAt = services.clock.now()
  return {
    ...auditActs(services, audit),
    ...keyActs(services),
    status: async () => ({
      version,
      issuer: services.config.issuer,
      address,
      process: process.pid,
      startedAt,
      database: services.config.databaseUrl ? 'postgresql' : 'embedded',
      clock: services.clock.now(),
      databaseClock: await databaseClock(services.db),
      restrictions: services.restrictions.basis(),
      setUp: await isSetUp(services),
    }),
    'setup-link': async () => {
      const link = await setupLink(services, { at: services.clock.now(), actor })
      if (!link)
        throw refuse('conflict', 'An operator has a passkey already: invite others from the console.')
      return link
    },
    'admin-token': async ({ operator, ttlSeconds }) => {
      const lifetime = Number(ttlSeconds)
      if (!(lifetime >= minutes(1) && lifetime <= hours(24)))
        throw refuse('malformed_request', 'A token lives between 1m and 24h.')
      const { token, expiresAt } = await mintAdminToken(
        services,
        await actingOperator(services, operator),
        lifetime,
        actor,
      )
      return { token, expiresAt }
    },
  }
}

async function databaseClock(db: Db): Promise<Seconds> {
  const rows = await db.execute(sql`select extract(epoch from now())::bigint as now`)
  const [row] = (Array.isArray(rows) ? rows : (rows as { rows: unknown[] }).rows) as { now: unknown }[]
  return Number(row?.now)
}

const refuse = (reason: 'conflict' | 'malformed_request', message: string): Refusal =>
  new Refusal(reason, { message })
