/** Which language a page speaks: what was chosen (kept in a cookie), else what the application asked for, else what the browser prefers. */

import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { chooseLanguage, type Language } from '../core/language.ts'

const cookie = 'garde-language'
const askedCookie = 'garde-language-asked'
/** A sign-in's length. */
const askedSeconds = 900

const parseLanguage = (value: string | undefined): Language | undefined =>
  value === 'fr' || value === 'en' ? value : undefined

export const languageOf = (c: Context): Language =>
  parseLanguage(getCookie(c, cookie)) ??
  parseLanguage(getCookie(c, askedCookie)) ??
  chooseLanguage(c.req.header('accept-language'))

/** An application would like this language for what it now asks of the person; what they chose themselves stays. */
export function askLanguage(c: Context, issuer: string, language: Language): void {
  setCookie(c, askedCookie, language, { ...attributesOf(issuer), maxAge: askedSeconds })
}

const attributesOf = (issuer: string) =>
  ({ path: '/', sameSite: 'Lax', httpOnly: true, secure: issuer.startsWith('https:') }) as const

/**
 * A link of the language switch: keeps the choice and answers the same address without the word. The address is built on
 * our own origin, so that a path such as `//elsewhere` leads nowhere else.
 */
export function switchLanguage(c: Context, issuer: string): Response | undefined {
  const chosen = c.req.method === 'GET' ? parseLanguage(c.req.query('language')) : undefined
  if (!chosen) return undefined
  setCookie(c, cookie, chosen, { ...attributesOf(issuer), maxAge: 31_536_000 })
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.delete('language')
  const query = searchParams.toString()
  return c.redirect(`${issuer}${pathname}${query && `?${query}`}`, 303)
}
