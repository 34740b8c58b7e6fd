/** GET and POST /console/check: why an address fails. What is pasted is read once; it changes, keeps and opens nothing. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { findRefusals } from '../../audit/refusals-store.ts'
import type { Protocol } from '../../clients/protocol.ts'
import { listClients } from '../../clients/store.ts'
import { parseId } from '../../core/ids.ts'
import { days } from '../../core/time.ts'
import type { Services } from '../../services.ts'
import { requestPrefix } from '../../ui/support-code.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { deskFrame } from '../desk-routes.ts'
import { checkPage, type CheckState } from './pages.ts'

const checkShape = z.object({
  address: z.string().max(10_000).default(''),
  client: z.string().max(100).default(''),
})

export function addCheckRoutes(routes: Hono<Env>, services: Services, protocol: Protocol): void {
  routes.get('/console/check', async (c) =>
    c.html(await draw(services, c, { client: c.req.query('client') ?? '' })),
  )

  routes.post('/console/check', async (c) => {
    const { address, client } = await readForm(c, checkShape)
    if (address.trim() === '') return c.html(await draw(services, c, { client, problem: 'missing' }), 400)
    const named = client === '' ? undefined : parseId('client', client)
    const checked = await protocol.explain(address, named)
    return c.html(await draw(services, c, { client, checked }))
  })

  routes.post('/console/check/code', (c) => lookUp(services, c))
}

/** Refuses nothing that looks like a code: what the log does not know is said to be unknown. */
async function lookUp(services: Services, c: Context<Env>) {
  const { code } = await readForm(c, z.object({ code: z.string().max(40).default('') }))
  const request = requestPrefix(code)
  if (request === undefined) return c.html(await draw(services, c, { codeProblem: 'codeWrong' }), 400)
  const since = services.clock.now() - days(7)
  const found = await findRefusals(services.db, { since, request, limit: 5 })
  return c.html(await draw(services, c, { found }))
}

async function draw(services: Services, c: Context<Env>, state: Omit<CheckState, 'clients'>) {
  const clients = await listClients(services.db)
  const named = (state.found ?? []).flatMap(({ actor, client = '' }) => [
    'id' in actor ? actor.id : '',
    client,
  ])
  return checkPage(await deskFrame(services, c, named), { ...state, clients })
}
