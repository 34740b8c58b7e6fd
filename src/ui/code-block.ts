/** Text to take away: whole lines that scroll sideways, and a button that copies them where the browser can. */

import { html } from 'hono/html'
import { button } from './forms.ts'
import type { Markup } from './markup.ts'

export interface CodeBlock {
  id: string
  /** What it is, for those who do not see it. */
  label: string
  text: string
  copy: string
  copied: string
}

/** Needs the module `copy` for its button, and nothing for the text. Reached by keyboard, so that it can be scrolled. */
export const codeBlock = ({ id, label, text, copy, copied }: CodeBlock): Markup =>
  html`<div class="copyable">
    ${button({ label: copy, kind: 'plain', type: 'button', hidden: true, about: label })}
    <pre class="code" role="region" aria-label="${label}" tabindex="0"><code id="${id}">${text}</code></pre>
    <p class="unseen" role="status" data-copied="${copied}"></p>
  </div>`
