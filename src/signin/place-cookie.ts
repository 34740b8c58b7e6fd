/** The place in the queue, as the browser keeps it, and the page it leads to. Sent as `__Host-garde-place`. */

import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { lookForAdmission, takeAdmission, type Admission, type Visitor } from '../people/admission.ts'
import { browserHash, deviceCookie } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import type { Env } from '../web.ts'
import { looksAgainIn, waitingPage, type Wait } from './waiting-pages.ts'

const cookie = 'garde-place'
const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

const visitorOf = (services: Services, c: Context<Env>): Visitor => ({
  browserHash: browserHash(services, c),
  deviceCookie: deviceCookie(c),
  placeCookie: getCookie(c, cookie, 'host'),
  network: c.get('context').network,
  signedIn: c.get('session') !== undefined,
})

/** Undefined: the form may be shown. */
export const waitToSee = async (services: Services, c: Context<Env>): Promise<Wait | undefined> =>
  kept(c, await lookForAdmission(services, visitorOf(services, c)))

/** Undefined: the sign-in may begin. */
export const waitToBegin = async (services: Services, c: Context<Env>): Promise<Wait | undefined> =>
  kept(c, await takeAdmission(services, visitorOf(services, c)))

function kept(c: Context<Env>, admission: Admission): Wait | undefined {
  if ('cookie' in admission && admission.cookie !== undefined)
    setCookie(c, cookie, admission.cookie, attributes)
  return admission.state === 'open' ? undefined : admission
}

/** Whoever is in needs it no more, and it must not let the next person of this browser in. */
export const giveUpPlace = (c: Context<Env>): void => {
  deleteCookie(c, cookie, attributes)
}

/** `address`: the sign-in page. The header moves the page on where there is no script. */
export function answerWaiting(c: Context<Env>, wait: Wait, address: string): Response | Promise<Response> {
  c.header('Refresh', `${looksAgainIn(wait)}; url=${address}`)
  return c.html(waitingPage({ language: c.get('context').language, address, wait }))
}
