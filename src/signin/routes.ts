/** /signin/*: the ways in, fresh proofs, invitations, the way out. */

import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Refusal } from '../core/refusal.ts'
import { requireSameOrigin } from '../people/csrf.ts'
import type { Needs } from '../people/needs.ts'
import type { Env } from '../web.ts'
import { addConfirmRoutes } from './confirm-routes.ts'
import { addEnrolRoutes } from './enrol-routes.ts'
import { addSignInRoutes } from './sign-in-routes.ts'

export function signInRoutes(services: Needs): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use('/signin/*', requireSameOrigin(services))
  routes.use(
    '/signin/*',
    bodyLimit({
      maxSize: 64 * 1024,
      onError: () => {
        throw new Refusal('too_large')
      },
    }),
  )
  addSignInRoutes(routes, services)
  addConfirmRoutes(routes, services)
  addEnrolRoutes(routes, services)
  return routes
}
