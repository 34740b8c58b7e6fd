/** What a person sees when the product says no: the public text, one next step, a code that support can look up. */

import { html } from 'hono/html'
import type { RequestId } from '../core/ids.ts'
import type { Language } from '../core/language.ts'
import type { RefusalRow } from '../core/refusal.ts'
import { page, type Markup } from './layout.ts'

export const refusalPage = (row: RefusalRow, language: Language, request: RequestId): Markup =>
  page({
    language,
    title: row[language],
    content: html`<h1>${row[language]}</h1>
      <p><code>${request}</code></p>`,
  })
