/** What the routes of sign-in share: bodies read once and checked, sources slowed, cookies set on arrival. */

import type { Context } from 'hono'
import { z } from 'zod'
import { Refusal } from '../core/refusal.ts'
import type { ThrottleName } from '../core/ports.ts'
import { standingOfBrowser } from '../people/device.ts'
import type { Needs } from '../people/needs.ts'
import { deviceCookie, setDeviceCookie, setSessionCookie } from '../people/session-cookie.ts'
import type { Env } from '../web.ts'
import type { Landed } from './landing.ts'

export { readForm, readJson } from '../ui/body.ts'

/**
 * A browser somebody has signed in with is its own source: what strangers do on its network does not slow it. Refuses
 * `slowed`.
 */
export async function slow(services: Needs, c: Context<Env>, name: ThrottleName): Promise<void> {
  const known = await standingOfBrowser(services, deviceCookie(c))
  const taken = known
    ? await services.throttle.take(name, known.name)
    : await services.throttle.take(
        name === 'signin-source' ? 'signin-network' : name,
        c.get('context').network,
      )
  if (!taken.allowed) throw new Refusal('slowed', { retryAfterSeconds: taken.retryAfterSeconds })
}

export function setCookies(c: Context<Env>, landed: Landed): void {
  setSessionCookie(c, landed.cookie)
  if (landed.deviceCookie !== undefined) setDeviceCookie(c, landed.deviceCookie)
}

export const desk = z
  .literal('yes')
  .optional()
  .transform((value) => value === 'yes')
