/** Durations and moments as people type them. */

import { days, hours, minutes, type Seconds } from '../core/time.ts'
import { CliFault } from './command.ts'

const units = { s: 1, m: minutes(1), h: hours(1), d: days(1) } as const

/** `90s`, `30m`, `1h`, `2d`. */
export function parseDuration(text: string): Seconds {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (!count) throw new CliFault(`"${text}" is no duration: write 30m, 1h or 2d.`, 2)
  return Number(count) * units[unit as keyof typeof units]
}

/** A date (`2026-11-23`), a moment (`2026-11-23T10:00Z`), or how long ago (`2d`). */
export function parseSince(text: string, now: Seconds): Seconds {
  if (/^\d+[smhd]$/.test(text)) return now - parseDuration(text)
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw new CliFault(`"${text}" is no moment: write 2026-11-23 or 2d.`, 2)
  return Math.floor(at / 1000)
}
