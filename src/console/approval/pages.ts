/** What a script asked for and only a person may do: an operator looks at it whole, and decides with one touch. */

import { html } from 'hono/html'
import type { ApprovalId } from '../../core/ids.ts'
import type { Seconds } from '../../core/time.ts'
import type { Outcome } from '../../operators/approval-store.ts'
import type { LooseningKind } from '../../operators/loosening.ts'
import { reasonWords, type Restriction } from '../../restrictions/restriction.ts'
import { card, definitions, notice, screenHead } from '../../ui/components.ts'
import { button, form } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { time } from '../../ui/time.ts'
import { consolePage, effectBadge, expiryWords, scopeWords, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'
import type { Row } from './act-rows.ts'

export interface ApprovalState {
  id: ApprovalId
  kind: LooseningKind
  /** A lift says what would be lifted; any other act its fields. */
  asked: { restriction: Restriction; reason: string } | { rows: readonly Row[] }
  /** Asked for in the console, not by a script. */
  own?: boolean
  /** Already a name. */
  requestedBy: string
  createdAt: Seconds
  expiresAt: Seconds
  state: 'open' | 'decided' | 'expired'
  decided?: { outcome?: Outcome; by: string; at: Seconds }
  /** Digest of approving it, which the passkey confirms. */
  confirms: string
  /** A link or secret that came of it: shown in the answer to the approval, and never again. */
  once?: string
}

type Pairs = [name: string, value: string | Markup][]

export function approvalPage(frame: ConsoleFrame, approval: ApprovalState): Markup {
  const texts = consoleTexts[frame.language]
  const title = texts.approvalActs[approval.kind]
  return consolePage(frame, {
    title,
    scripts: ['passkey'],
    content: [
      screenHead(title, approval.own ? texts.approvalLeadOwn : texts.approvalLead),
      card({ id: 'asked', title: texts.approvalAsked, content: definitions(asked(frame, approval, texts)) }),
      approval.once !== undefined &&
        notice({
          tone: 'good',
          role: 'status',
          title: texts.approvalOnce,
          content: html`<p><code>${approval.once}</code></p>`,
        }),
      decision(frame, approval, texts),
    ],
  })
}

const asked = (frame: ConsoleFrame, approval: ApprovalState, texts: ConsoleTexts): Pairs => [
  ...actPairs(frame, approval, texts),
  [texts.requestedBy, approval.requestedBy],
  [texts.requestedAt, time(approval.createdAt, frame.now, frame.language)],
  [texts.approvalExpires, expiryWords(frame, approval.expiresAt)],
]

function actPairs(frame: ConsoleFrame, { asked: act }: ApprovalState, texts: ConsoleTexts): Pairs {
  if ('rows' in act) return act.rows.map((row) => [row.name, rowValue(frame, row, texts)])
  return [
    [texts.scope, scopeWords(act.restriction.selector, frame.names, texts)],
    [texts.effect, effectBadge(act.restriction.effect, texts)],
    [texts.reason, reasonWords(act.restriction, frame.language)],
    [texts.liftReason, act.reason],
  ]
}

function rowValue({ names }: ConsoleFrame, { value, before }: Row, texts: ConsoleTexts): Markup {
  const name = names.get(value)
  return html`${name === undefined ? value : `${name} (${value})`}${
    before !== undefined && html`<br /><span class="hint">${texts.approvalBefore(before)}</span>`
  }`
}

function decision(
  frame: ConsoleFrame,
  { id, state, decided, confirms }: ApprovalState,
  texts: ConsoleTexts,
): Markup {
  if (state === 'expired') return notice({ tone: 'caution', content: texts.approvalExpired })
  if (state === 'decided')
    return notice({
      tone: decided?.outcome === 'approved' ? 'good' : 'caution',
      title: texts.approvalOutcome[decided?.outcome ?? 'decided'],
      content: decided
        ? html`<p>${texts.by(decided.by)} · ${time(decided.at, frame.now, frame.language)}</p>`
        : '',
    })
  const here = `/console/approvals/${id}`
  return html`<div class="row">
      ${form({
        action: `${here}/approve`,
        layout: 'inline',
        confirms: { act: confirms, cancelled: texts.confirmCancelled },
        content: button({ label: texts.approve }),
      })}
      ${form({ action: `${here}/decline`, layout: 'inline', content: button({ label: texts.decline, kind: 'plain' }) })}
    </div>
    <p class="hint">${texts.approveNeedsKey}</p>`
}
