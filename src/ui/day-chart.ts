/** Counts per day as bars, drawn on the server. Its table stands beside it: the drawing is for the eye only. */

import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { shortDay } from './time.ts'

export interface DayChart {
  title: string
  /** Names of the two series, in the order of `values`. */
  series: [string, string]
  days: { day: string; values: [number, number]; says: string }[]
}

const width = 720
const height = 240
const base = 206
const left = 50

/** The next round number at or above whose half is whole: 4, 10, 20, 40, 100, … so that the axis can be read. */
export function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  const step = [2, 4, 10].find((factor) => factor * power >= value) ?? 10
  return Math.max(step * power, 4)
}

export function dayChart({ title, series, days }: DayChart): Markup {
  const top = ceiling(Math.max(0, ...days.flatMap(({ values }) => values)))
  const slot = (width - left) / Math.max(days.length, 1)
  const bar = Math.min(18, slot / 2.6)
  const heightOf = (value: number) => Math.round((value / top) * (base - 14))
  const rect = (at: number, which: 0 | 1, value: number) =>
    html`<rect
      class="bar-${which === 0 ? 'one' : 'two'}"
      x="${(left + slot * at + slot / 2 + (which === 0 ? -bar : 1)).toFixed(1)}"
      y="${base - heightOf(value)}"
      width="${(bar - 1).toFixed(1)}"
      height="${heightOf(value)}"
      rx="2"
    />`
  return html`<figure class="chart">
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
      ${[0, top / 2, top].map(
        (value) =>
          html`<line
              class="rule"
              x1="${left}"
              x2="${width}"
              y1="${base - heightOf(value)}"
              y2="${base - heightOf(value)}"
            />
            <text class="tick" x="${left - 8}" y="${base - heightOf(value) + 4}" text-anchor="end"
              >${Math.round(value)}</text
            >`,
      )}
      ${days.map(
        ({ day, values, says }, at) =>
          html`<g>
            <title>${says}</title>
            ${rect(at, 0, values[0])}${rect(at, 1, values[1])}
            ${
              at % 2 === days.length % 2
                ? ''
                : html`<text
                    class="tick"
                    x="${(left + slot * at + slot / 2).toFixed(1)}"
                    y="${height - 8}"
                    text-anchor="middle"
                    >${shortDay(day)}</text
                  >`
            }
          </g>`,
      )}
    </svg>
    <figcaption class="row">
      <span class="key"
        ><svg viewBox="0 0 10 10" width="12" height="12" aria-hidden="true">
          <rect class="bar-one" width="10" height="10" rx="2" />
        </svg>
        ${series[0]}</span
      >
      <span class="key"
        ><svg viewBox="0 0 10 10" width="12" height="12" aria-hidden="true">
          <rect class="bar-two" width="10" height="10" rx="2" />
        </svg>
        ${series[1]}</span
      >
    </figcaption>
  </figure>`
}
