/** GET /console/deliveries: sign-outs that clients could not be told of; POST …/retry and …/dismiss. */

import type { Hono } from 'hono'
import { z } from 'zod'
import { dismissDead, listHonours, listUntold, retryDead } from '../../deliveries/listing-store.ts'
import { requireActing } from '../../restrictions/store.ts'
import type { Services } from '../../services.ts'
import { readForm } from '../../ui/body.ts'
import type { Env } from '../../web.ts'
import { deskAuthor, deskFrame, deskHead } from '../desk-routes.ts'
import { deliveriesPage } from './pages.ts'

const delivery = z.coerce.number().int().positive()
const retryShape = z.object({ delivery: delivery.optional() })
const dismissShape = z.object({ delivery, reason: z.string().trim().min(1).max(500) })

export function addDeliveryRoutes(routes: Hono<Env>, services: Services): void {
  const { db, clock } = services

  routes.get('/console/deliveries', async (c) => {
    const honours = await listHonours(db)
    const untold = await listUntold(db, { limit: 200 })
    const frame = await deskFrame(services, c, [
      ...honours.map(({ client }) => client),
      ...untold.map(({ client }) => client),
    ])
    return c.html(deliveriesPage(frame, { honours, untold }))
  })

  routes.post('/console/deliveries/retry', async (c) => {
    const chosen = await readForm(c, retryShape)
    requireActing(services, deskAuthor(c), clock.now())
    await retryDead(db, deskHead(c), chosen)
    return c.redirect('/console/deliveries', 303)
  })

  routes.post('/console/deliveries/dismiss', async (c) => {
    const { delivery: id, reason } = await readForm(c, dismissShape)
    requireActing(services, deskAuthor(c), clock.now())
    await dismissDead(db, deskHead(c), id, reason)
    return c.redirect('/console/deliveries', 303)
  })
}
