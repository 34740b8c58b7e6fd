/** What a person sees when the product says no: the public text, one next step, a code that support can look up. */

import { html } from 'hono/html'
import type { RequestId } from '../core/ids.ts'
import type { Language } from '../core/language.ts'
import type { RefusalRow } from '../core/refusal.ts'
import { button, form, linkButton } from './forms.ts'
import { page, type Markup } from './layout.ts'
import { supportCode } from './support-code.ts'
import { uiTexts, type UiTexts } from './texts.ts'

/** `leave`: whoever is suspended can still sign out, which is the one thing left to them. */
type Step = { say: keyof UiTexts; leave?: true } | { go: string; label: keyof UiTexts }

/** By status, one thing to do next. A refused POST cannot be replayed by a link, so nothing links to the refused page. */
const nextStep: Record<RefusalRow['status'], Step> = {
  400: { say: 'startAgain' },
  401: { go: '/signin', label: 'signIn' },
  403: { go: '/account', label: 'toAccount' },
  404: { go: '/account', label: 'toAccount' },
  405: { go: '/account', label: 'toAccount' },
  409: { say: 'startAgain' },
  410: { say: 'askInvitation' },
  413: { say: 'startAgain' },
  415: { say: 'startAgain' },
  423: { say: 'askSecurity', leave: true },
  429: { say: 'wait' },
  502: { say: 'wait' },
  503: { say: 'wait' },
  504: { say: 'wait' },
}

export const refusalPage = (row: RefusalRow, language: Language, request: RequestId): Markup =>
  sorry(row[language], nextStep[row.status], language, request)

/** Our own fault: no reason is known, and none is shown. */
export const bugPage = (language: Language, request: RequestId): Markup =>
  sorry(uiTexts[language].bug, { say: 'wait' }, language, request)

function sorry(title: string, step: Step, language: Language, request: RequestId): Markup {
  const texts = uiTexts[language]
  return page({
    language,
    title,
    width: 'narrow',
    content: html`<div class="card refusal">
      <h1>${title}</h1>
      ${
        'say' in step
          ? html`<p>${texts[step.say]}</p>
              ${step.leave && form({ action: '/signin/out', content: button({ label: texts.signOut, kind: 'plain' }) })}`
          : html`<p>${linkButton(step.go, texts[step.label], 'primary')}</p>`
      }
      <p class="support">
        <span>${texts.supportCode}</span> <code>${supportCode(request)}</code>
        <span class="hint">${texts.supportHint}</span>
      </p>
    </div>`,
  })
}
