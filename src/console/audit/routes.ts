/** GET /console/audit: how the log stands; POST …/verify: whether it still proves itself. */

import type { Context, Hono } from 'hono'
import { logStandings, queueStanding } from '../../audit/activity-store.ts'
import { verifyLogs } from '../../audit/commands.ts'
import type { Services } from '../../services.ts'
import type { Env } from '../../web.ts'
import { deskFrame } from '../desk-routes.ts'
import { auditPage, type AuditState } from './pages.ts'

export function addAuditRoutes(routes: Hono<Env>, services: Services): void {
  routes.get('/console/audit', async (c) => c.html(await show(services, c)))

  // It changes nothing, and it reads every entry: not for a link to be followed.
  routes.post('/console/audit/verify', async (c) =>
    c.html(await show(services, c, await verifyAll(services))),
  )
}

async function show(services: Services, c: Context<Env>, verification?: AuditState['verification']) {
  return auditPage(await deskFrame(services, c, []), {
    logs: await logStandings(services.db),
    waiting: await queueStanding(services.db),
    ...(verification && { verification }),
  })
}

async function verifyAll(services: Services): Promise<NonNullable<AuditState['verification']>> {
  const logs = await verifyLogs(services)
  return {
    entries: logs.reduce((sum, { entries }) => sum + entries, 0),
    faults: logs.flatMap(({ log, faults }) => faults.map(({ says }) => `${log}: ${says}`)),
  }
}
