/** The product's mark: a ring left open, and the bar that closes it. A gate, and a G. */

import { html } from 'hono/html'
import type { Markup } from './markup.ts'

export const mark = (): Markup =>
  html`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
    <path class="mark-ring" d="M25.2 8.3A12 12 0 1 0 28 16" />
    <path class="mark-bar" d="M28 16H16" />
    <circle class="mark-pin" cx="16" cy="16" r="2.6" />
  </svg>`
