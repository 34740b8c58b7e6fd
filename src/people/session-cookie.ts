/**
 * Who is at the browser, from its cookies; and the cookies themselves: `__Host-`, Secure, HttpOnly, SameSite=Lax
 * (RFC 6265bis; browsers take Secure cookies on http://localhost). Every feature with pages uses it.
 */

import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { OperatorId } from '../core/ids.ts'
import type { Needs } from './needs.ts'
import { findSession, refusalOf, standingOf, touchSessions, type Session } from './session.ts'
import type { Env } from '../web.ts'

/** Sent as `__Host-garde-…`. */
const cookies = {
  session: 'garde-session',
  /** Known browsers, for a year; shared by everybody who signs in there. */
  device: 'garde-device',
  /** The browser before anybody signed in: challenges and authorize requests are bound to it. */
  browser: 'garde-browser',
  /** Which way in was used here last: the sign-in page opens on it. It proves nothing. */
  way: 'garde-way',
} as const

const attributes = { prefix: 'host', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' } as const

/** Puts `session`, `named` and `actor`, or the refusal that stands in the way, into the context's variables. */
export const recogniseSession =
  (services: Needs): MiddlewareHandler<Env> =>
  async (c, next) => {
    const cookie = getCookie(c, cookies.session, 'host')
    if (cookie !== undefined && !c.req.path.startsWith('/assets/')) {
      const standing = await standingOf(services, cookie)
      if (standing.state !== 'none') {
        c.set('actor', standing.session.holder)
        c.set('named', standing.session)
      }
      if (standing.state === 'live') {
        c.set('session', standing.session)
        await touchSessions(services, [standing.session.id])
      } else c.set('stopped', refusalOf(standing))
    }
    await next()
  }

/** Refuses `session_required`, or `restricted` where the holder is denied. */
export function requireSession(c: Context<Env>): Session {
  const session = c.get('session')
  if (session) return session
  throw c.get('stopped') ?? new Refusal('session_required')
}

/**
 * For what only ends: whoever is denied may still close what is theirs, so that no copied cookie comes back to life with
 * the lift. Refuses `session_required` for a session that has ended.
 */
export function requireSessionToEnd(c: Context<Env>): Session {
  const named = c.get('named')
  if (named && c.get('stopped')?.reason === 'restricted') return named
  return requireSession(c)
}

/** What this browser has: a session to use, and the one its cookie names, which may be denied and is ended with it. */
export interface Open {
  session?: Session
  named?: Session
}

export function openHere(c: Context<Env>): Open {
  const session = c.get('session')
  const named = c.get('named')
  return { ...(session && { session }), ...(named && { named }) }
}

/** Refuses as `requireSession`, and `operator_required`. */
export function requireOperator(c: Context<Env>): Session & { holder: { kind: 'operator'; id: OperatorId } } {
  const session = requireSession(c)
  if (session.holder.kind !== 'operator') throw new Refusal('operator_required')
  return { ...session, holder: session.holder }
}

/** For answers that stay open: does the session they were begun with still stand? Asked again while they last. */
export async function stillSignedIn(services: Needs, c: Context<Env>): Promise<boolean> {
  const cookie = getCookie(c, cookies.session, 'host')
  return cookie !== undefined && (await findSession(services, cookie)) !== undefined
}

/**
 * Which proof this browser shows: another value after each sign-in and step-up, since both rotate the cookie; empty
 * without one. It opens nothing.
 */
export function proofShown(services: Pick<Needs, 'primitives'>, c: Context<Env>): string {
  const cookie = getCookie(c, cookies.session, 'host')
  return cookie === undefined ? '' : hashSecret(services.primitives, `proof:${cookie}`).slice(0, 22)
}

export const setSessionCookie = (c: Context<Env>, value: string): void =>
  setCookie(c, cookies.session, value, attributes)

export const clearSessionCookie = (c: Context<Env>): void => {
  deleteCookie(c, cookies.session, attributes)
}

/** 400 days is what browsers allow; a year is enough. */
export const setDeviceCookie = (c: Context<Env>, value: string): void =>
  setCookie(c, cookies.device, value, { ...attributes, maxAge: 365 * 86_400 })

export const deviceCookie = (c: Context<Env>): string | undefined => getCookie(c, cookies.device, 'host')

type Way = 'passkey' | 'secret'

export const rememberWay = (c: Context<Env>, way: Way): void =>
  setCookie(c, cookies.way, way, { ...attributes, maxAge: 365 * 86_400 })

export const lastWay = (c: Context<Env>): Way =>
  getCookie(c, cookies.way, 'host') === 'secret' ? 'secret' : 'passkey'

/** Hash of the browser's cookie, which is set when there is none yet. What was begun here ends here or nowhere. */
export function browserHash(services: Pick<Needs, 'primitives'>, c: Context<Env>): string {
  const sent = getCookie(c, cookies.browser, 'host')
  const value = sent !== undefined && /^[A-Za-z0-9_-]{43}$/.test(sent) ? sent : mintSecret()
  if (value !== sent) setCookie(c, cookies.browser, value, attributes)
  return hashSecret(services.primitives, value)
}
