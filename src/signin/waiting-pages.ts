/** The page for whoever waits to sign in: how many are before them, how long it takes, and that it moves by itself. */

import { html } from 'hono/html'
import type { Language } from '../core/language.ts'
import type { Admission } from '../people/admission.ts'
import { card, notice, screenHead } from '../ui/components.ts'
import { linkButton } from '../ui/forms.ts'
import { page, type Markup } from '../ui/layout.ts'
import { signInTexts } from './texts.ts'

export type Wait = Exclude<Admission, { state: 'open' }>

/** `address`: the sign-in page, where the person goes on. */
export function waitingPage({
  language,
  address,
  wait,
}: {
  language: Language
  address: string
  wait: Wait
}): Markup {
  const t = signInTexts[language]
  return page({
    language,
    title: t.waitTitle,
    width: 'narrow',
    address,
    content: html`${screenHead(t.waitTitle, t.waitLead)}
      ${
        wait.state === 'full'
          ? notice({ tone: 'caution', role: 'status', content: t.waitFull })
          : card({
              title: t.placeTitle,
              content: html`<div role="status" class="stack">
                  <p><strong>${t.ahead(wait.ahead)}</strong></p>
                  <p>${t.wait(Math.ceil(wait.waitSeconds / 60))}</p>
                </div>
                <p class="hint">${t.waitKeep}</p>
                ${!wait.known && html`<p class="hint">${t.waitUnknown}</p>`}`,
            })
      }
      <p>${linkButton(address, t.waitReload, 'plain')}</p>`,
  })
}

/**
 * When the page looks again: often near the end, once a minute before, so that thousands who wait are no load themselves.
 * Always well within what keeps a place.
 */
export const looksAgainIn = (wait: Wait): number =>
  wait.state === 'full' ? 60 : Math.min(60, Math.max(3, Math.ceil(wait.waitSeconds / 4)))
