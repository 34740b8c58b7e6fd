/** Escaped markup, and attributes that are there or not. Everything that is not `Markup` is escaped. */

import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>
/** What may stand inside an element: text is escaped, nothing is nothing. */
export type Content = Markup | string | false | undefined | Content[]

type Attributes = Record<string, string | number | boolean | undefined>

/** ` name="value"` for each; `true` writes the bare name, `false` and `undefined` write nothing. */
export const attributes = (values: Attributes): Markup =>
  html`${Object.entries(values).map(([name, value]) => {
    if (value === undefined || value === false) return ''
    return value === true ? html` ${name}` : html` ${name}="${value}"`
  })}`
