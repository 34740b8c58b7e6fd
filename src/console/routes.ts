/** /console/*: the security desk, for operators with a session. Whatever changes something posts from our own pages. */

import { Hono } from 'hono'
import { requireSameOrigin } from '../people/csrf.ts'
import { requireOperator } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import { signInFirst } from '../ui/sign-in-first.ts'
import type { Env } from '../web.ts'
import { addApprovalRoutes } from './approval/routes.ts'
import { addAuditRoutes } from './audit/routes.ts'
import { addCutRoutes } from './cut/routes.ts'
import { addEventRoutes } from './events/routes.ts'
import { addNowRoutes } from './now/routes.ts'
import { addPractitionerRoutes } from './practitioner/routes.ts'
import { addRestrictionRoutes } from './restriction/routes.ts'

export function consoleRoutes(services: Services): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use('/console/*', requireSameOrigin(services), signInFirst, async (c, next) => {
    requireOperator(c)
    await next()
  })
  addNowRoutes(routes, services)
  addEventRoutes(routes, services)
  addCutRoutes(routes, services)
  addRestrictionRoutes(routes, services)
  addApprovalRoutes(routes, services)
  addPractitionerRoutes(routes, services)
  addAuditRoutes(routes, services)
  return routes
}
