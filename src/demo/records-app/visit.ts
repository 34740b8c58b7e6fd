/** A browser's visit to the records app: kept here, in memory, named by a cookie; the browser never holds a token. */

import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { Language } from '../../core/language.ts'

/** A sign-in that is under way. */
export interface PendingSignIn {
  state: string
  nonce: string
  verifier: string
  returnTo: string
  maxAge?: number
}

export interface Tokens {
  access: string
  refresh?: string
  id?: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

export interface Person {
  subject: string
  name: string
  /** As the records name it; known once a list of patients was read. */
  practice?: string
}

export interface Visit {
  language?: Language
  pending: PendingSignIn[]
  tokens?: Tokens
  person?: Person
  /** One refresh at a time: a refresh token is good for one use. */
  refreshing?: Promise<Tokens | undefined>
}

export interface Visits {
  /** Begins one where the browser brings none. */
  of(c: Context): Visit
  /** A new name for the same visit, so that one known from before the sign-in is worth nothing. */
  rename(c: Context): void
  forget(c: Context): void
}

const cookie = 'dossier_demo'
const most = 5000

export function createVisits(): Visits {
  const visits = new Map<string, Visit>()
  const keep = (c: Context, visit: Visit): Visit => {
    const oldest = visits.keys().next()
    if (visits.size >= most && !oldest.done) visits.delete(oldest.value)
    const name = randomBytes(24).toString('base64url')
    visits.set(name, visit)
    setCookie(c, cookie, name, { httpOnly: true, sameSite: 'Lax', path: '/' })
    return visit
  }
  const held = (c: Context): Visit | undefined => visits.get(getCookie(c, cookie) ?? '')
  return {
    of: (c) => held(c) ?? keep(c, { pending: [] }),
    rename: (c) => {
      const visit = held(c) ?? { pending: [] }
      visits.delete(getCookie(c, cookie) ?? '')
      keep(c, visit)
    },
    forget: (c) => {
      visits.delete(getCookie(c, cookie) ?? '')
      deleteCookie(c, cookie, { path: '/' })
    },
  }
}
