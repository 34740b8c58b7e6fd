/** Which applications were told of sign-outs, and which sign-outs they were not told of. */

import { html } from 'hono/html'
import type { Honour, Untold } from '../../deliveries/listing-store.ts'
import { badge, card, screenHead, table } from '../../ui/components.ts'
import { button, field, form } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { time } from '../../ui/time.ts'
import { consolePage, nameOf, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export interface DeliveriesState {
  honours: readonly Honour[]
  untold: readonly Untold[]
}

export function deliveriesPage(frame: ConsoleFrame, { honours, untold }: DeliveriesState): Markup {
  const texts = consoleTexts[frame.language]
  const anyDead = untold.some(({ state }) => state === 'dead')
  return consolePage(frame, {
    title: texts.deliveriesTitle,
    section: 'audit',
    content: [
      screenHead(texts.deliveriesTitle, texts.deliveriesLead),
      card({
        id: 'untold',
        title: texts.untold,
        aside: anyDead && retry(texts.retryAll, {}),
        content: table({
          caption: texts.untold,
          captionHidden: true,
          columns: [texts.application, texts.since, texts.whyUntold, { label: texts.acts, hidden: true }],
          rows: untold.map((each) => untoldRow(frame, each, texts)),
          empty: texts.nothingUntold,
        }),
      }),
      card({
        id: 'honours',
        title: texts.honours,
        lead: texts.honoursLead,
        content: table({
          caption: texts.honours,
          captionHidden: true,
          columns: [
            texts.application,
            texts.honoursLogout,
            { label: texts.told, numeric: true },
            { label: texts.waits, numeric: true },
            { label: texts.givenUp, numeric: true },
            texts.lastTold,
          ],
          rows: honours.map((each) => honourRow(frame, each, texts)),
          empty: texts.nobodyTold,
        }),
      }),
    ],
  })
}

const untoldRow = (frame: ConsoleFrame, each: Untold, texts: ConsoleTexts): Markup[] => [
  html`${nameOf(frame.names)(each.client)}`,
  time(each.createdAt, frame.now, frame.language),
  html`${badge(texts.untoldState[each.state], each.state === 'dead' ? 'danger' : 'caution')}
    <span class="hint">${texts.attempts(each.attempts)} · ${each.fault}</span>`,
  each.state === 'dead'
    ? html`<div class="row">
        ${retry(texts.retry, { delivery: String(each.id) }, nameOf(frame.names)(each.client))}
        ${form({
          action: '/console/deliveries/dismiss',
          layout: 'inline',
          hidden: { delivery: String(each.id) },
          content: [
            field({
              id: `reason-${each.id}`,
              name: 'reason',
              label: texts.dismissReason,
              required: true,
              maxlength: 500,
            }),
            button({ label: texts.dismiss, kind: 'quiet', about: nameOf(frame.names)(each.client) }),
          ],
        })}
      </div>`
    : time(each.nextAt, frame.now, frame.language),
]

const retry = (label: string, hidden: Record<string, string>, about?: string): Markup =>
  form({
    action: '/console/deliveries/retry',
    layout: 'inline',
    hidden,
    content: button({ label, kind: 'plain', ...(about !== undefined && { about }) }),
  })

/** `yes`: nothing was given up. What nobody answered yet is neither. */
const honoured = ({ told, dead }: Honour): 'yes' | 'no' | 'unknown' =>
  dead > 0 ? 'no' : told > 0 ? 'yes' : 'unknown'
const tones = { yes: 'good', no: 'danger', unknown: undefined } as const

const honourRow = (frame: ConsoleFrame, each: Honour, texts: ConsoleTexts): (string | Markup)[] => [
  nameOf(frame.names)(each.client),
  badge(texts.honoured[honoured(each)], tones[honoured(each)]),
  String(each.told),
  String(each.waiting),
  String(each.dead),
  each.lastToldAt === null ? texts.never : time(each.lastToldAt, frame.now, frame.language),
]
