/** /admin/v1/docs: the table, readable. Server-drawn, nothing foreign; the document itself is one link away. */

import { html } from 'hono/html'
import { refusalRow } from '../core/refusal.ts'
import { card, code, definitions, screenHead, table } from '../ui/components.ts'
import { linkButton } from '../ui/forms.ts'
import { page, type Content, type Markup } from '../ui/layout.ts'
import type { RequestContext } from '../web.ts'
import { docsTexts, type DocsTexts } from './texts.ts'
import { fieldsOf, type Field } from './fields.ts'
import { reasonsOf, tags, type AdminRoute } from './route.ts'

export function docsPage(
  issuer: string,
  rows: readonly AdminRoute[],
  { language, address }: RequestContext,
): Markup {
  const texts = docsTexts[language]
  return page({
    language,
    address,
    title: texts.title,
    width: 'wide',
    content: [
      screenHead(texts.title, texts.lead, linkButton('/admin/v1/openapi.json', 'OpenAPI 3.1', 'plain')),
      card({ id: 'begin', title: texts.begin, content: beginning(texts, issuer) }),
      ...tags.map((tag) =>
        card({
          id: tag,
          title: texts.tags[tag],
          content: rows.filter((row) => row.tag === tag).map((row) => operation(row, texts, language)),
        }),
      ),
    ],
  })
}

const beginning = (texts: DocsTexts, issuer: string): Content => [
  html`<p>${texts.token}</p>`,
  html`<p>${code('garde admin token --ttl 1h')}</p>`,
  html`<p>${code(`curl -H "Authorization: Bearer $TOKEN" ${issuer}/admin/v1/restrictions`)}</p>`,
  html`<p>${texts.lists}</p>`,
]

const operation = (row: AdminRoute, texts: DocsTexts, language: 'fr' | 'en'): Markup =>
  html`<details id="${row.operation}">
    <summary><code>${row.method.toUpperCase()} ${row.path}</code> ${row.summary[language]}</summary>
    ${definitions([
      [texts.needs, texts.needsWords[row.needs]],
      [texts.answers, Object.keys(row.answers).join(', ')],
    ])}
    ${row.query ? fields(texts.query, fieldsOf(row.query, 'output'), texts) : ''}
    ${row.body ? fields(texts.body, fieldsOf(row.body, 'input'), texts) : ''}
    ${table({
      caption: texts.refusals,
      columns: [texts.status, texts.meaning],
      rows: refusals(row, language),
      empty: '',
    })}
  </details>`

const fields = (caption: string, rows: Field[], texts: DocsTexts): Markup =>
  table({
    caption,
    columns: [texts.field, texts.type, texts.needed],
    rows: rows.map(({ name, type, required }) => [code(name), type, required ? texts.yes : '']),
    empty: '',
  })

function refusals(row: AdminRoute, language: 'fr' | 'en'): string[][] {
  const said = reasonsOf(row).map((reason) => {
    const { status, fr, en } = refusalRow(reason)
    return `${status} ${{ fr, en }[language]}`
  })
  return [...new Set(said)].toSorted().map((line) => [line.slice(0, 3), line.slice(4)])
}
