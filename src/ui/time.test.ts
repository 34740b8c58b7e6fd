import { expect, test } from 'vitest'
import { dayOf, relativeTime, spokenTime } from './time.ts'

/** 2026-11-23 08:00 UTC: 09:00 in Paris. */
const now = 1_795_420_800

test('today, yesterday, and further away, in the hour of Paris', () => {
  expect(spokenTime(now - 60, now, 'fr')).toBe('aujourd’hui à 08:59')
  expect(spokenTime(now - 86_400, now, 'en')).toBe('yesterday at 09:00')
  expect(spokenTime(now - 30 * 86_400, now, 'fr')).toBe('24 octobre 2026 à 10:00')
})

test('a day is a day of Paris', () => {
  expect(dayOf(1_795_474_799)).toBe('2026-11-23')
  expect(dayOf(1_795_474_800)).toBe('2026-11-24')
})

test('distances in the largest unit', () => {
  expect(relativeTime(now - 185, now, 'fr')).toBe('il y a 3 minutes')
  expect(relativeTime(now + 7200, now, 'en')).toBe('in 2 hours')
})
