/** What clients were not told of sign-outs. Setting one aside takes an operator at the desk: who steals a token hides nothing. */

import { z } from 'zod'
import { listHonours, listUntold, retryDead } from '../deliveries/listing-store.ts'
import { listOf, newestOf, newestQuery } from './paging.ts'
import { ok, route, type AdminRoute } from './route.ts'
import { honour, idShape, untold } from './shapes.ts'

export const deliveryRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/deliveries',
    operation: 'listDeliveries',
    tag: 'clients',
    summary: {
      fr: 'Les déconnexions dont une application n’a pas pu être prévenue, et comment chacune répond',
      en: 'Sign-outs that a client could not be told of, and how each client answers',
    },
    query: newestQuery,
    answers: { 200: listOf(untold).extend({ clients: z.array(honour) }) },
    refusals: [],
    handle: async ({ services: { db }, query }) => {
      const rows = await listUntold(db, { ...query, limit: query.limit + 1 })
      return ok({ ...newestOf(rows, query.limit, ({ id }) => id), clients: await listHonours(db) })
    },
  }),
  route({
    method: 'post',
    path: '/deliveries/retry',
    operation: 'retryDeliveries',
    tag: 'clients',
    summary: {
      fr: 'Renvoyer ce qui a été abandonné : une déconnexion, celles d’une application, ou toutes',
      en: 'Send again what was given up: one sign-out, one client’s, or all',
    },
    body: z.strictObject({
      delivery: z.int().positive().optional(),
      client: idShape('client').optional(),
    }),
    answers: { 200: z.strictObject({ retried: z.int() }) },
    refusals: [],
    handle: async ({ services, body, head }) => ok({ retried: await retryDead(services.db, head, body) }),
  }),
]
