/**
 * Moments and spans as people read them. Pages are drawn on the server, which does not know the reader's zone: times
 * are those of Paris, and the footer says so; `datetime` carries the exact instant.
 */

import { html } from 'hono/html'
import type { Language } from '../core/language.ts'
import type { Seconds } from '../core/time.ts'
import type { Markup } from './markup.ts'
import { uiTexts } from './texts.ts'

const timeZone = 'Europe/Paris'
const locale: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }

const format = (at: Seconds, language: Language, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(locale[language], { timeZone, ...options }).format(at * 1000)

/** `2026-05-12`, the day in Paris. */
export const dayOf = (at: Seconds): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at * 1000)

/** `14:03`, `14:03:27`. */
export const clockTime = (at: Seconds, language: Language, precise = false): string =>
  format(at, language, { timeStyle: precise ? 'medium' : 'short' })

/** `aujourd’hui à 14:03`, `hier à 09:12`, `demain à 08:00`, `12 mai 2026 à 09:12`. */
export function spokenTime(at: Seconds, now: Seconds, language: Language): string {
  const texts = uiTexts[language]
  if (dayOf(at) === dayOf(now)) return `${texts.today} ${clockTime(at, language)}`
  if (dayOf(at) === dayOf(now - 86_400)) return `${texts.yesterday} ${clockTime(at, language)}`
  if (dayOf(at) === dayOf(now + 86_400)) return `${texts.tomorrow} ${clockTime(at, language)}`
  return format(at, language, { dateStyle: 'long', timeStyle: 'short' })
}

export const time = (at: Seconds | undefined, now: Seconds, language: Language): Markup =>
  at === undefined
    ? html`${uiTexts[language].never}`
    : html`<time datetime="${new Date(at * 1000).toISOString()}">${spokenTime(at, now, language)}</time>`

/** `il y a 3 minutes`, `in 2 hours`: the largest unit that is at least one. */
export function relativeTime(at: Seconds, now: Seconds, language: Language): string {
  const distance = at - now
  const [unit, seconds] = units.find(([, size]) => Math.abs(distance) >= size) ?? (['second', 1] as const)
  const words = new Intl.RelativeTimeFormat(locale[language], { numeric: 'auto' })
  return words.format(Math.trunc(distance / seconds), unit)
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** `12 mai 2026`. */
export const spokenDay = (at: Seconds, language: Language): string =>
  format(at, language, { dateStyle: 'long' })

/** `3 mars 1951` for `1951-03-03`, whatever the zone; less than a whole date as it stands. */
export const spokenDate = (date: string, language: Language): string =>
  /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date))
    ? format(Date.parse(`${date}T12:00:00Z`) / 1000, language, { dateStyle: 'long' })
    : date

/** `12/05` for `2026-05-12`: months and days as both languages write them here. */
export const shortDay = (day: string): string => {
  const [, month = '', date = ''] = day.split('-')
  return `${date}/${month}`
}

/** Midnight in Paris before `at`, on the nights the clock changes too. */
export function startOfDay(at: Seconds): Seconds {
  const [hour = 0, minute = 0, second = 0] = clockTime(at, 'en', true).split(':').map(Number)
  const guess = at - hour * 3600 - minute * 60 - second
  const starts = [0, 3600, -3600].map((shift) => guess + shift)
  return starts.find((start) => dayOf(start) === dayOf(at) && dayOf(start - 1) !== dayOf(at)) ?? guess
}
