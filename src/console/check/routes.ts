/** GET and POST /console/check: why an address fails. What is pasted is read once; it changes, keeps and opens nothing. */

import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { Protocol } from '../../clients/protocol.ts'
import { listClients } from '../../clients/store.ts'
import { parseId } from '../../core/ids.ts'
import type { Services } from '../../services.ts'
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
}

async function draw(services: Services, c: Context<Env>, state: Omit<CheckState, 'clients'>) {
  const clients = await listClients(services.db)
  return checkPage(await deskFrame(services, c, []), { ...state, clients })
}
