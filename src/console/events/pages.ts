/**
 * The last events, newest first, all or some. `ui/assets/events.js` puts new rows on top; without script a reload shows
 * them. What is shown stands in the address.
 */

import { html } from 'hono/html'
import type { PracticeId, PractitionerId } from '../../core/ids.ts'
import type { Seconds } from '../../core/time.ts'
import { badge, card, notice, screenHead, table, type Tone } from '../../ui/components.ts'
import { button, field, form, linkButton, select } from '../../ui/forms.ts'
import { attributes, type Content, type Markup } from '../../ui/markup.ts'
import { spokenTime } from '../../ui/time.ts'
import { consolePage, nameOf, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'
import { eventsAddress, views, without, type EventFilter } from './filter.ts'
import type { EventRow } from './row.ts'

export interface EventsState {
  filter: EventFilter
  /** What was typed to find a person, and whom it may mean when not exactly one. */
  search: { person: string; found: PractitionerId[] }
  practices: { id: PracticeId; name: string }[]
  rows: EventRow[]
  olderThan?: Seconds
  /** The address that goes on where the rows end; it carries the place in each log. */
  stream?: string
}

export function eventsPage(frame: ConsoleFrame, state: EventsState): Markup {
  const texts = consoleTexts[frame.language]
  return consolePage(frame, {
    title: texts.eventsTitle,
    section: 'events',
    scripts: state.stream === undefined ? [] : ['events'],
    content: [
      screenHead(texts.eventsTitle, texts.eventsLeads[state.filter.view], liveControls(state, texts)),
      card({ content: [filterForm(state, texts), only(frame, state.filter, texts)] }),
      state.search.person !== '' && peopleFound(frame, state, texts),
      card({ content: [eventTable(state.rows, texts, 'events'), older(state, texts)] }),
    ],
  })
}

const liveControls = ({ stream, filter }: EventsState, texts: ConsoleTexts): Markup =>
  stream === undefined
    ? linkButton(eventsAddress(without(filter, 'since', 'until')), texts.backToLive)
    : html`<div
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

const filterForm = (
  { filter: { view, practice, ...rest }, search, practices }: EventsState,
  texts: ConsoleTexts,
): Markup =>
  form({
    method: 'get',
    action: '/console/events',
    layout: 'inline',
    hidden: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
    content: [
      select({
        name: 'show',
        label: texts.show,
        value: view,
        options: views.map((name) => ({ value: name, label: texts.views[name] })),
      }),
      select({
        name: 'practice',
        label: texts.ofPractice,
        value: practice ?? '',
        options: [
          { value: '', label: texts.everyPractice },
          ...practices.map(({ id, name }) => ({ value: id, label: name })),
        ],
      }),
      field({
        name: 'person',
        type: 'search',
        label: texts.ofPerson,
        value: search.person,
        maxlength: 80,
        spellcheck: false,
        autocomplete: 'off',
      }),
      button({ label: texts.filter, kind: 'plain' }),
    ],
  })

/** What else narrows the view, each with the way to take it off. */
function only(frame: ConsoleFrame, filter: EventFilter, texts: ConsoleTexts): Content {
  const name = nameOf(frame.names)
  const moment = (at: Seconds) => spokenTime(at, frame.now, frame.language)
  const { practitioner, session, since, until } = filter
  const parts = [
    { key: 'practitioner' as const, words: practitioner && name(practitioner) },
    { key: 'session' as const, words: session && texts.scopeOf.session(name(session)) },
    { key: 'since' as const, words: since !== undefined && texts.sinceMoment(moment(since)) },
    { key: 'until' as const, words: until !== undefined && texts.untilMoment(moment(until)) },
  ].filter((part): part is typeof part & { words: string } => Boolean(part.words))
  if (parts.length === 0) return ''
  return html`<ul class="row narrowed" aria-label="${texts.onlyThese}">
    ${parts.map(
      ({ key, words }) =>
        html`<li>
          ${badge(words, 'info')}
          <a href="${eventsAddress(without(filter, key))}"
            >${texts.takeOff}<span class="unseen"> ${words}</span></a
          >
        </li>`,
    )}
    ${
      practitioner &&
      html`<li>
        <a href="/console/practitioners/${practitioner}"
          >${texts.seePerson}<span class="unseen"> ${name(practitioner)}</span></a
        >
      </li>`
    }
  </ul>`
}

const peopleFound = (frame: ConsoleFrame, { filter, search }: EventsState, texts: ConsoleTexts): Markup =>
  search.found.length === 0
    ? notice({ tone: 'caution', role: 'status', content: texts.nobodyFound(search.person) })
    : card({
        title: texts.found(search.person),
        content: html`<ul class="row">
          ${search.found.map(
            (id) =>
              html`<li>
                ${linkButton(eventsAddress({ ...filter, practitioner: id }), nameOf(frame.names)(id))}
              </li>`,
          )}
        </ul>`,
      })

export const eventTable = (rows: EventRow[], texts: ConsoleTexts, id?: string): Markup =>
  table({
    id,
    caption: texts.lastEvents,
    captionHidden: true,
    columns: [texts.when, texts.what, texts.who, texts.detail],
    rows: rows.map((row) => [
      html`<time${attributes({ datetime: row.datetime, 'data-run': row.run?.key })}>${row.clock}</time>`,
      badge(row.label, row.tone === 'neutral' ? undefined : (row.tone as Tone)),
      row.whoHref === undefined ? row.who : html`<a href="${row.whoHref}">${row.who}</a>`,
      html`<span class="hint">${row.detail}</span>${
          row.run &&
          html` <a href="${row.run.href}"
            >${row.run.open}<span class="unseen"> ${row.who} ${row.clock}</span></a
          >`
        }`,
    ]),
    empty: texts.noEvents,
  })

const older = ({ filter, olderThan }: EventsState, texts: ConsoleTexts): Content =>
  olderThan !== undefined &&
  html`<p>${linkButton(eventsAddress({ ...filter, until: olderThan }), texts.older)}</p>`
