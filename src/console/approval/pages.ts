/** A lift that a script asked for: an operator looks at it, confirms with a fresh passkey, and decides. */

import { html } from 'hono/html'
import type { ApprovalId } from '../../core/ids.ts'
import type { Seconds } from '../../core/time.ts'
import { reasonWords, type Restriction } from '../../restrictions/restriction.ts'
import { card, definitions, notice, screenHead } from '../../ui/components.ts'
import { button, form, linkButton } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { time } from '../../ui/time.ts'
import { consolePage, effectBadge, expiryWords, scopeWords, type ConsoleFrame } from '../pages.ts'
import { confirmAddress } from '../restriction/pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export interface ApprovalState {
  id: ApprovalId
  restriction: Restriction
  reason: string
  /** Already a name. */
  requestedBy: string
  createdAt: Seconds
  expiresAt: Seconds
  state: 'open' | 'decided' | 'expired'
  fresh: boolean
}

export function approvalPage(frame: ConsoleFrame, approval: ApprovalState): Markup {
  const texts = consoleTexts[frame.language]
  return consolePage(frame, {
    title: texts.approvalTitle,
    content: [
      screenHead(texts.approvalTitle, texts.approvalLead),
      card({ id: 'asked', title: texts.restrictionTitle, content: asked(frame, approval, texts) }),
      decision(approval, texts),
    ],
  })
}

const asked = (frame: ConsoleFrame, approval: ApprovalState, texts: ConsoleTexts): Markup =>
  definitions([
    [texts.scope, scopeWords(approval.restriction.selector, frame.names, texts)],
    [texts.effect, effectBadge(approval.restriction.effect, texts)],
    [texts.reason, reasonWords(approval.restriction, frame.language)],
    [texts.liftReason, approval.reason],
    [texts.requestedBy, approval.requestedBy],
    [texts.requestedAt, time(approval.createdAt, frame.now, frame.language)],
    [texts.approvalExpires, expiryWords(frame, approval.expiresAt)],
  ])

function decision({ id, state, fresh }: ApprovalState, texts: ConsoleTexts): Markup {
  if (state !== 'open')
    return notice({
      tone: 'caution',
      content: state === 'decided' ? texts.approvalDecided : texts.approvalExpired,
    })
  const here = `/console/approvals/${id}`
  return html`<div class="row">
    ${
      fresh
        ? form({ action: `${here}/approve`, layout: 'inline', content: button({ label: texts.approve }) })
        : linkButton(confirmAddress(here), texts.confirmKey, 'primary')
    }
    ${form({ action: `${here}/decline`, layout: 'inline', content: button({ label: texts.decline, kind: 'plain' }) })}
  </div>`
}
