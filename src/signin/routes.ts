/** /signin/*: the ways in, fresh proofs, invitations, the way out. */

import { Hono } from 'hono'
import { requireSameOrigin } from '../people/csrf.ts'
import type { Services } from '../services.ts'
import type { Env } from '../web.ts'
import { addConfirmRoutes } from './confirm-routes.ts'
import { addEnrolRoutes } from './enrol-routes.ts'
import { addSignInRoutes } from './sign-in-routes.ts'

export function signInRoutes(services: Services): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use('/signin/*', requireSameOrigin(services))
  addSignInRoutes(routes, services)
  addConfirmRoutes(routes, services)
  addEnrolRoutes(routes, services)
  return routes
}
