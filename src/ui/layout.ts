/** The page around every screen. */

import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Language } from '../core/language.ts'

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>

export interface Page {
  language: Language
  title: string
  content: Markup
  /** Names of modules under /assets/, without extension. */
  scripts?: string[]
}

export const page = ({ language, title, content, scripts = [] }: Page): Markup =>
  html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Garde</title>
        <link rel="stylesheet" href="/assets/garde.css" />
        ${scripts.map((name) => raw(`<script type="module" src="/assets/${name}.js"></script>`))}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`
