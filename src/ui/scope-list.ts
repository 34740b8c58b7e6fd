/** What an application may do, one line a scope. */

import { html } from 'hono/html'
import { allScopeWords } from '../clients/scope-words.ts'
import type { Language } from '../core/language.ts'
import type { Markup } from './markup.ts'

/** `scopes`: space-separated. */
export const scopeList = (language: Language, scopes: string): Markup =>
  html`<ul class="bullets">
    ${allScopeWords(language, scopes).map((words) => html`<li>${words}</li>`)}
  </ul>`
