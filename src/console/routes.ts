/** /console/*: the security desk, for operators with a session. Whatever changes something posts from our own pages. */

import { Hono } from 'hono'
import type { Protocol } from '../clients/protocol.ts'
import { Refusal } from '../core/refusal.ts'
import { requireSameOrigin } from '../people/csrf.ts'
import { requireOperator } from '../people/session-cookie.ts'
import { owesProof } from '../people/session.ts'
import type { Services } from '../services.ts'
import { signInFirst } from '../ui/sign-in-first.ts'
import type { Env } from '../web.ts'
import { addApprovalRoutes } from './approval/routes.ts'
import { addAuditRoutes } from './audit/routes.ts'
import { addCheckRoutes } from './check/routes.ts'
import { addClientEditRoutes } from './client-edit/routes.ts'
import { addClientRoutes } from './clients/routes.ts'
import { addCutRoutes } from './cut/routes.ts'
import { addDeliveryRoutes } from './deliveries/routes.ts'
import { addEventRoutes } from './events/routes.ts'
import { addPatientRoutes } from './patient/routes.ts'
import { addKeyRoutes } from './keys/routes.ts'
import { addNowRoutes } from './now/routes.ts'
import { addPractitionerRoutes } from './practitioner/routes.ts'
import { addRestrictionRoutes } from './restriction/routes.ts'

export function consoleRoutes(services: Services, protocol: Protocol): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use('/console/*', requireSameOrigin(services), signInFirst, async (c, next) => {
    const session = requireOperator(c)
    if (!owesProof(services, session, services.clock.now())) return next()
    const page = c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html')
    if (!page) throw new Refusal('step_up_required')
    return c.redirect(`/signin/confirm?continue=${encodeURIComponent(c.get('context').address)}`, 303)
  })
  addNowRoutes(routes, services)
  addEventRoutes(routes, services)
  addCutRoutes(routes, services)
  addRestrictionRoutes(routes, services)
  addApprovalRoutes(routes, services)
  addPractitionerRoutes(routes, services)
  addAuditRoutes(routes, services)
  addPatientRoutes(routes, services)
  addDeliveryRoutes(routes, services)
  addClientRoutes(routes, services, protocol)
  addClientEditRoutes(routes, services)
  addCheckRoutes(routes, services, protocol)
  addKeyRoutes(routes, services)
  return routes
}
