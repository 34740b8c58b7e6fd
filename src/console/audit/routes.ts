/** GET /console/audit: how the log stands; POST …/verify: whether it still proves itself. */

import type { Context, Hono } from 'hono'
import { logStandings, queueStanding } from '../../audit/activity-store.ts'
import { originOf } from '../../audit/checkpoint.ts'
import { exportLog } from '../../audit/export.ts'
import { verifierKeys } from '../../audit/verifier-keys.ts'
import { verifyExport } from '../../audit/verify.ts'
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
  const { sha256 } = services.primitives
  const faults: string[] = []
  let entries = 0
  for (const { log } of await logStandings(services.db)) {
    const keys = verifierKeys(services.keys, originOf(log))
    const found = await verifyExport(exportLog(services.db, log, sha256, keys), { sha256, keys })
    entries += found.entries
    faults.push(...found.faults.map(({ says }) => `${log} : ${says}`))
  }
  return { entries, faults }
}
