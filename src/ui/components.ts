/** What screens are made of. Every component is a function of its content; none knows a feature. */

import { html } from 'hono/html'
import { attributes, type Content, type Markup } from './markup.ts'

export type Tone = 'info' | 'good' | 'caution' | 'danger'

export interface Notice {
  tone: Tone
  title?: string
  content?: Content
  /** `alert` is read aloud at once: for what just went wrong. `status` waits its turn: for what just went well. */
  role?: 'alert' | 'status'
}

export const notice = ({ tone, title, content, role }: Notice): Markup =>
  html`<div${attributes({ class: `notice ${tone}`, role })}>
    ${title && html`<p class="notice-title">${title}</p>`}${paragraph(content)}
  </div>`

const paragraph = (content: Content): Content =>
  typeof content === 'string' ? html`<p>${content}</p>` : content

export interface Card {
  title?: string
  /** For `aria-labelledby` and links to it. */
  id?: string
  /** Heading level: 2 unless the card stands inside another part. */
  level?: 2 | 3
  /** One or two sentences under the title. */
  lead?: string
  /** Beside the title: a badge or one act. */
  aside?: Content
  content: Content
  tone?: Tone
}

export function card({ title, id, level = 2, lead, aside, content, tone }: Card): Markup {
  const heading = id === undefined ? undefined : `${id}-title`
  const words =
    level === 2
      ? html`<h2${attributes({ id: heading })}>${title}</h2>`
      : html`<h3${attributes({ id: heading })}>${title}</h3>`
  return html`<section${attributes({ class: `card ${tone ?? ''}`.trim(), id, 'aria-labelledby': title ? heading : undefined })}>
    ${title && html`<div class="card-head">${words}${aside}</div>`}
    ${lead && html`<p class="lead">${lead}</p>`}${content}
  </section>`
}

export const badge = (label: string, tone?: Tone): Markup =>
  html`<span class="badge ${tone ?? 'neutral'}">${label}</span>`

export const code = (text: string): Markup => html`<code>${text}</code>`

export interface Table {
  /** Says what the rows are; shown unless a heading right above says the same. */
  caption: string
  captionHidden?: boolean
  columns: (string | { label: string; numeric?: boolean; hidden?: boolean })[]
  /** The first cell of a row names it. */
  rows: Content[][]
  /** Shown instead of a table without rows. */
  empty: string
  id?: string
}

/**
 * On a narrow screen rows become blocks; roles are spelled out because `display` takes them away from tables, and each
 * cell carries its column's name for the eye.
 */
export function table({ caption, captionHidden, columns, rows, empty, id }: Table): Markup {
  if (rows.length === 0) return emptyState(empty)
  const heads = columns.map((column) => (typeof column === 'string' ? { label: column } : column))
  return html`<table${attributes({ class: 'table', role: 'table', id })}>
    <caption${attributes({ class: captionHidden ? 'unseen' : undefined })}>${caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        ${heads.map(
          ({ label, numeric, hidden }) =>
            html`<th${attributes({ role: 'columnheader', scope: 'col', class: numeric ? 'number' : undefined })}>${
              hidden ? html`<span class="unseen">${label}</span>` : label
            }</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (cells) =>
          html`<tr role="row">
            ${cells.map((cell, at) => tableCell(cell, heads[at], at))}
          </tr>`,
      )}
    </tbody>
  </table>`
}

const tableCell = (
  cell: Content,
  head: { label: string; numeric?: boolean; hidden?: boolean } | undefined,
  at: number,
): Markup => {
  const values = {
    class: head?.numeric ? 'number' : head?.hidden ? 'last' : undefined,
    'data-label': head?.hidden ? undefined : head?.label,
  }
  return at === 0
    ? html`<th${attributes({ role: 'rowheader', scope: 'row', ...values })}><span>${cell}</span></th>`
    : html`<td${attributes({ role: 'cell', ...values })}><span>${cell}</span></td>`
}

export const emptyState = (text: string): Markup => html`<p class="empty">${text}</p>`

/** Names and values: what one thing is. */
export const definitions = (pairs: [name: string, value: Content][]): Markup =>
  html`<dl class="definitions">
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`

/** The heading of a screen, with at most one sentence and one act. */
export const screenHead = (title: string, lead?: Content, aside?: Content): Markup =>
  html`<div class="screen-head">
    <div>
      <h1>${title}</h1>
      ${lead && html`<p class="lead">${lead}</p>`}
    </div>
    ${aside && html`<div class="screen-aside">${aside}</div>`}
  </div>`
