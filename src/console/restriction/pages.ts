/** One restriction: what it does, the honest answer after an act, and how it is lifted. */

import { html } from 'hono/html'
import type { Seconds } from '../../core/time.ts'
import { reasonWords, type Lift, type Restriction } from '../../restrictions/restriction.ts'
import { badge, card, definitions, notice, screenHead } from '../../ui/components.ts'
import { button, form, textArea } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { clockTime, time } from '../../ui/time.ts'
import {
  authorWords,
  consolePage,
  effectBadge,
  expiryWords,
  scopeWords,
  type ConsoleFrame,
} from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

/** What the act answered, kept for the page the browser was sent to. */
export interface Answer {
  act: 'cut' | 'lift'
  sequence: number
  appliedOn: { point: string; at: Seconds }[]
  pending: string[]
  /** From the request to the answer of the enforcement points. */
  measuredMs: number
}

export type State = 'active' | 'lifted' | 'expired'

export interface RestrictionState {
  restriction: Restriction
  lift?: Lift
  state: State
  answer?: Answer
  /** Digest of lifting it, which the passkey confirms. */
  confirms: string
  problem?: 'reason'
}

export function restrictionPage(frame: ConsoleFrame, shown: RestrictionState): Markup {
  const texts = consoleTexts[frame.language]
  const { restriction, answer, state } = shown
  const scope = scopeWords(restriction.selector, frame.names, texts)
  return consolePage(frame, {
    title: `${texts.restrictionTitle} ${restriction.sequence}`,
    scripts: ['passkey'],
    content: [
      screenHead(
        `${texts.restrictionTitle} ${restriction.sequence}${texts.colon} ${scope}`,
        reasonWords(restriction, frame.language),
        stateBadge(state, texts),
      ),
      answer && answerNotice(frame, answer, texts),
      card({ id: 'facts', title: texts.restrictionTitle, content: facts(frame, shown, texts) }),
      state === 'active' && liftCard(shown, texts),
    ],
  })
}

const stateBadge = (state: State, texts: ConsoleTexts): Markup =>
  badge(texts[state], state === 'active' ? 'danger' : 'good')

function answerNotice(frame: ConsoleFrame, answer: Answer, texts: ConsoleTexts): Markup {
  const everywhere = answer.pending.length === 0
  const done = answer.act === 'cut' ? texts.answerDone : texts.answerLifted
  return notice({
    tone: everywhere ? 'good' : 'caution',
    role: 'status',
    title: everywhere ? done : texts.answerPending,
    content: html`<ul>
      <li>${texts.durable(answer.sequence)}</li>
      ${answer.appliedOn.map(
        ({ point, at }) => html`<li>${texts.appliedOn(point, clockTime(at, frame.language, true))}</li>`,
      )}
      ${answer.pending.map((point) => html`<li>${texts.pendingOn(point)}</li>`)}
      <li>${texts.measured(answer.measuredMs)}</li>
    </ul>`,
  })
}

const facts = (frame: ConsoleFrame, { restriction, lift }: RestrictionState, texts: ConsoleTexts): Markup =>
  definitions([
    [texts.scope, scopeWords(restriction.selector, frame.names, texts)],
    [texts.effect, effectBadge(restriction.effect, texts)],
    [texts.sessionsEnded, restriction.endsSessions ? texts.sessionsEndedYes : texts.sessionsEndedNo],
    [texts.author, authorWords(restriction.author, frame.names, texts)],
    [texts.made, time(restriction.createdAt, frame.now, frame.language)],
    [texts.expiry, expiryWords(frame, restriction.expiresAt)],
    [texts.number, String(restriction.sequence)],
    ...(lift
      ? ([
          [texts.liftedBy, authorWords(lift.author, frame.names, texts)],
          [texts.liftedAt, time(lift.createdAt, frame.now, frame.language)],
          [texts.liftReason, lift.reason],
        ] as [string, string | Markup][])
      : []),
  ])

function liftCard({ restriction, confirms, problem }: RestrictionState, texts: ConsoleTexts): Markup {
  return card({
    id: 'lift',
    title: texts.liftTitle,
    lead: texts.liftLead,
    content: form({
      action: `/console/restrictions/${restriction.id}/lift`,
      confirms: { act: confirms, cancelled: texts.confirmCancelled },
      content: [
        textArea({
          name: 'reason',
          label: texts.reasonLabel,
          hint: texts.reasonHint,
          required: true,
          maxlength: 500,
          rows: 2,
          problem: problem ? texts.reasonMissing : undefined,
        }),
        html`<p>${button({ label: texts.liftNow })} <span class="hint">${texts.liftNeedsKey}</span></p>`,
      ],
    }),
  })
}
