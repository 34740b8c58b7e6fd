/** The frame of every page of the records app. */

import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Language } from '../../core/language.ts'
import { texts, type Texts } from './texts.ts'
import type { Person } from './visit.ts'

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

/** What every page knows. */
export interface Screen {
  language: Language
  t: Texts
  person?: Person
  /** Path and query of this page, for the switch of language. */
  here: string
}

export const screenOf = (language: Language, here: string, person?: Person): Screen => ({
  language,
  t: texts[language],
  here,
  ...(person && { person }),
})

export const page = (screen: Screen, title: string, content: Markup): Markup =>
  html`<!doctype html>
    <html lang="${screen.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · ${screen.t.product}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/dossier.css" />
      </head>
      <body>
        ${header(screen)}
        <main id="main">${content}</main>
        <footer>${screen.t.fictional}</footer>
      </body>
    </html>`

const header = ({ t, language, person, here }: Screen): Markup =>
  html`<header>
    <a class="brand" href="/">${t.product}</a>
    ${
      person &&
      html`<p class="who">
        <strong>${person.name}</strong>${person.practice && html`<span>${person.practice}</span>`}
      </p>`
    }
    <form method="post" action="/language">
      <input type="hidden" name="language" value="${language === 'fr' ? 'en' : 'fr'}" />
      <input type="hidden" name="here" value="${here}" />
      <button class="quiet" lang="${language === 'fr' ? 'en' : 'fr'}">${t.other}</button>
    </form>
    ${
      person &&
      html`<form method="post" action="/sign-out"><button class="quiet">${t.signOut}</button></form>`
    }
  </header>`
