/** The last events, newest first. `ui/assets/events.js` puts new rows on top; without script a reload shows them. */

import { html } from 'hono/html'
import type { AuditEvent } from '../../audit/event.ts'
import { badge, card, screenHead, table } from '../../ui/components.ts'
import { button } from '../../ui/forms.ts'
import { attributes, type Markup } from '../../ui/markup.ts'
import { clockTime, dayOf, shortDay } from '../../ui/time.ts'
import type { Language } from '../../core/language.ts'
import type { Seconds } from '../../core/time.ts'
import { detailOf, eventWords, nameEvent } from '../event-words.ts'
import { consolePage, nameOf, type ConsoleFrame, type Names } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

/** One row, as the page draws it and as the stream sends it. */
export interface EventRow {
  /** ISO 8601, and as it is read. */
  datetime: string
  clock: string
  label: string
  tone: string
  who: string
  detail: string
}

export function eventRow(event: AuditEvent, names: Names, language: Language, now: Seconds): EventRow {
  const texts = consoleTexts[language]
  const clock = clockTime(event.at, language, true)
  return {
    datetime: new Date(event.at * 1000).toISOString(),
    clock: dayOf(event.at) === dayOf(now) ? clock : `${shortDay(dayOf(event.at))} ${clock}`,
    label: nameEvent(event.kind, language),
    tone: eventWords[event.kind].tone ?? 'neutral',
    who: actorWords(event.actor, names, texts),
    detail: detailOf(event, nameOf(names), language),
  }
}

const actorWords = (actor: AuditEvent['actor'], names: Names, texts: ConsoleTexts): string => {
  if (actor.kind === 'stranger') return texts.stranger
  return actor.kind === 'system' ? `${texts.system} (${actor.id})` : nameOf(names)(actor.id)
}

export const eventTable = (rows: EventRow[], texts: ConsoleTexts, id?: string): Markup =>
  table({
    id,
    caption: texts.lastEvents,
    captionHidden: true,
    columns: [texts.when, texts.what, texts.who, texts.detail],
    rows: rows.map(({ datetime, clock, label, tone, who, detail }) => [
      html`<time datetime="${datetime}">${clock}</time>`,
      badge(label, tone === 'neutral' ? undefined : (tone as 'info')),
      who,
      html`<span class="hint">${detail}</span>`,
    ]),
    empty: texts.noEvents,
  })

/** `stream`: the address that goes on where the rows end; it carries the place in each log. */
export function eventsPage(frame: ConsoleFrame, rows: EventRow[], stream: string): Markup {
  const texts = consoleTexts[frame.language]
  const controls = html`<div
    class="row live"
    ${attributes({
      'data-events': stream,
      'data-lost': texts.liveLost,
      'data-live': texts.live,
      'data-pause': texts.pause,
      'data-resume': texts.resume,
    })}
  >
    <span class="badge neutral" role="status" hidden>${texts.live}</span>
    ${button({ label: texts.pause, kind: 'plain', type: 'button', hidden: true })}
    <noscript><span class="hint">${texts.eventsNoScript}</span></noscript>
  </div>`
  return consolePage(frame, {
    title: texts.eventsTitle,
    section: 'events',
    scripts: ['events'],
    content: [
      screenHead(texts.eventsTitle, texts.eventsLead, controls),
      card({ content: eventTable(rows, texts, 'events') }),
    ],
  })
}
