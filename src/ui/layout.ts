/** The page around every screen: skip link, header with language switch, main, footer. Nothing inline, nothing foreign. */

import { html } from 'hono/html'
import type { Language } from '../core/language.ts'
import { mark } from './mark.ts'
import { attributes, type Content, type Markup } from './markup.ts'
import { uiTexts } from './texts.ts'

export type { Content, Markup } from './markup.ts'

export interface NavigationItem {
  href: string
  label: string
  current?: boolean
}

export interface Page {
  language: Language
  title: string
  content: Content
  /** Path and query of this page, for the language switch. Leave out where a page answers a POST. */
  address?: string
  /** Names of modules under /assets/, without extension. */
  scripts?: string[]
  /** `narrow`: one thing to do (sign-in). `wide`: the console. */
  width?: 'narrow' | 'wide'
  /** Signed in: who, and the way out. */
  person?: string
  navigation?: NavigationItem[]
}

export const page = (shown: Page): Markup =>
  html`<!doctype html>
    <html lang="${shown.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${shown.title} · Garde</title>
        <link rel="icon" type="image/svg+xml" href="/assets/mark.svg" />
        <link rel="stylesheet" href="/assets/garde.css" />
        ${(shown.scripts ?? []).map((name) => html`<script type="module" src="/assets/${name}.js"></script>`)}
      </head>
      <body class="page page-${shown.width ?? 'plain'}">
        <a class="skip" href="#content">${uiTexts[shown.language].skip}</a>
        ${header(shown)}
        <main id="content" tabindex="-1">${shown.content}</main>
        <footer class="foot">
          <p>${uiTexts[shown.language].footer} ${uiTexts[shown.language].clock}</p>
        </footer>
      </body>
    </html>`

const header = (shown: Page): Markup => {
  const texts = uiTexts[shown.language]
  return html`<header class="head">
    <div class="head-row">
      <a class="brand" href="/account" aria-label="${texts.home}">${mark()}<span>Garde</span></a>
      ${shown.navigation && navigation(shown.navigation, texts.navigation)}
      <div class="head-end">
        ${shown.address && languageSwitch(shown.language, shown.address)}
        ${
          shown.person &&
          html`<form class="leave" method="post" action="/signin/out">
            <span class="person">${shown.person}</span>
            <button class="button quiet" type="submit">${texts.signOut}</button>
          </form>`
        }
      </div>
    </div>
  </header>`
}

const navigation = (items: NavigationItem[], label: string): Markup =>
  html`<nav class="nav" aria-label="${label}">
    <ul>
      ${items.map(
        ({ href, label: words, current }) =>
          html`<li><a${attributes({ href, 'aria-current': current ? 'page' : undefined })}>${words}</a></li>`,
      )}
    </ul>
  </nav>`

/** A link to the same page in the other language; `app.ts` keeps the choice in a cookie and takes the word away again. */
function languageSwitch(language: Language, address: string): Markup {
  const other: Language = language === 'fr' ? 'en' : 'fr'
  const href = `${address}${address.includes('?') ? '&' : '?'}language=${other}`
  return html`<a class="language" href="${href}" lang="${other}" hreflang="${other}"
    >${uiTexts[other].languageName}</a
  >`
}
