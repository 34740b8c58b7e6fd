/** GET /console/clients and /console/clients/{id}: the applications. */

import type { Context, Hono } from 'hono'
import { findRefusals } from '../../audit/refusals-store.ts'
import type { Client } from '../../clients/client.ts'
import type { Protocol } from '../../clients/protocol.ts'
import { offers } from '../../clients/recipes/targets.ts'
import { findRegistered, listClients } from '../../clients/store.ts'
import { days } from '../../core/time.ts'
import { parseId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import { useOf, usesOfClients } from '../../grants/use-store.ts'
import type { Services } from '../../services.ts'
import type { Env } from '../../web.ts'
import { deskFrame } from '../desk-routes.ts'
import { clientPage, clientsPage } from './pages.ts'

export function addClientRoutes(routes: Hono<Env>, services: Services, protocol: Protocol): void {
  routes.get('/console/clients', async (c) => {
    const clients = await listClients(services.db)
    const uses = await usesOfClients(services.db, services.clock.now())
    const frame = await deskFrame(services, c, practicesOf(clients))
    return c.html(
      clientsPage(
        frame,
        clients.map((client) => ({ client, use: useOf(uses, client.id) })),
      ),
    )
  })

  routes.get('/console/clients/:id', async (c) => c.html(await show(services, protocol, c)))
}

const practicesOf = (clients: readonly Client[]): string[] =>
  clients.flatMap(({ practice }) => (practice === undefined ? [] : [practice]))

/** Refuses `not_found`, `malformed_id`. */
async function show(services: Services, protocol: Protocol, c: Context<Env>) {
  const client = await findRegistered(services.db, parseId('client', c.req.param('id')))
  if (!client) throw new Refusal('not_found')
  const resources = services.resources.all()
  const uses = await usesOfClients(services.db, services.clock.now(), client.id)
  const since = services.clock.now() - days(1)
  const refusals = await findRefusals(services.db, { since, client: client.id, limit: 10 })
  const people = refusals.map(({ actor }) => ('id' in actor ? actor.id : ''))
  const frame = await deskFrame(services, c, [...practicesOf([client]), ...people])
  return clientPage(frame, {
    client,
    use: useOf(uses, client.id),
    refusals,
    apis: resources.filter(({ audience }) => client.resources.includes(audience)).map(({ name }) => name),
    offers: offers(client, { issuer: services.config.issuer, ...protocol, resources }),
  })
}
