/** /oauth/* and the two well-known documents that describe it. */

import { Hono } from 'hono'
import { requireSameOrigin } from '../people/csrf.ts'
import type { Services } from '../services.ts'
import { signInFirst } from '../ui/sign-in-first.ts'
import { paths, type OauthEnv } from './accepted.ts'
import { refusalsGoBack } from './authorize-answer.ts'
import { authorize, resume } from './authorize.ts'
import { readableByAll, readableByItsClient } from './cors.ts'
import { answerDevice, enterCode } from './device/approval.ts'
import { deviceAuthorization } from './device/authorization.ts'
import { introspect } from './introspect.ts'
import { makeLaunch } from './launch.ts'
import { logout, logoutConfirmed } from './logout.ts'
import { metadata } from './metadata.ts'
import { pushedAuthorization } from './par.ts'
import { revoke } from './revoke.ts'
import { changeRegistration, endRegistration, readRegistration, register } from './register.ts'
import { registrationErrors } from './registration-errors.ts'
import { offersNonce } from './proof.ts'
import { bearerErrors, pushErrors, tokenErrors } from './token-errors.ts'
import { token } from './token.ts'
import { userinfo } from './userinfo.ts'

const wellKnown = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const

export function oauthRoutes(services: Services): Hono<OauthEnv> {
  const routes = new Hono<OauthEnv>()
  for (const path of wellKnown) {
    routes.use(path, readableByAll)
    routes.get(path, (c) => c.json(metadata(services), 200, { 'Cache-Control': 'public, max-age=300' }))
  }
  routes.use(paths.jwks, readableByAll)
  routes.get(paths.jwks, (c) =>
    c.json(services.keys.jwks('token'), 200, { 'Cache-Control': 'public, max-age=300' }),
  )

  routes.use(paths.authorize, refusalsGoBack(services.config.issuer))
  routes.on(['GET', 'POST'], paths.authorize, authorize(services))
  routes.use(paths.resume, requireSameOrigin(services), refusalsGoBack(services.config.issuer))
  routes.on(['GET', 'POST'], paths.resume, resume(services))

  routes.use(paths.pushed, readableByItsClient(services), offersNonce(services), pushErrors)
  routes.post(paths.pushed, pushedAuthorization(services))
  routes.use(paths.token, readableByItsClient(services), offersNonce(services), tokenErrors)
  routes.post(paths.token, token(services))
  routes.use(paths.deviceAuthorization, readableByItsClient(services), offersNonce(services), pushErrors)
  routes.post(paths.deviceAuthorization, deviceAuthorization(services))
  routes.use(paths.device, requireSameOrigin(services), signInFirst)
  routes.get(paths.device, enterCode)
  routes.post(paths.device, answerDevice(services))
  if (services.config.dynamicRegistration) addRegistration(routes, services)
  routes.use(paths.introspect, tokenErrors)
  routes.post(paths.introspect, introspect(services))
  routes.use(paths.revoke, readableByItsClient(services), tokenErrors)
  routes.post(paths.revoke, revoke(services))
  routes.use(paths.userinfo, readableByAll, offersNonce(services), bearerErrors)
  routes.on(['GET', 'POST'], paths.userinfo, userinfo(services))

  routes.use(paths.launch, offersNonce(services), bearerErrors)
  routes.post(paths.launch, makeLaunch(services))

  routes.on(['GET', 'POST'], paths.logout, logout(services))
  routes.use(paths.logoutConfirmed, requireSameOrigin(services))
  routes.post(paths.logoutConfirmed, logoutConfirmed(services))
  return routes
}

function addRegistration(routes: Hono<OauthEnv>, services: Services): void {
  const own = `${paths.register}/:client` as const
  routes.use(paths.register, registrationErrors)
  routes.post(paths.register, register(services))
  routes.use(own, registrationErrors)
  routes.get(own, readRegistration(services))
  routes.put(own, changeRegistration(services))
  routes.delete(own, endRegistration(services))
}
