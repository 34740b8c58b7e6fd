/** How the audit log stands: its size, its last signed checkpoint, what waits, and whether it still proves itself. */

import type { Seconds } from '../../core/time.ts'
import { card, code, notice, screenHead, table } from '../../ui/components.ts'
import { button, form, linkButton } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { html } from 'hono/html'
import { time } from '../../ui/time.ts'
import { consolePage, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export interface LogState {
  log: string
  size: number
  checkpoint?: { size: number; at: Seconds }
}

export interface AuditState {
  logs: LogState[]
  /** Events recorded that have no place in the tree yet. */
  waiting: { count: number; oldestAt?: Seconds }
  verification?: { entries: number; faults: string[] }
}

export function auditPage(frame: ConsoleFrame, audit: AuditState): Markup {
  const texts = consoleTexts[frame.language]
  return consolePage(frame, {
    title: texts.auditTitle,
    section: 'audit',
    content: [
      screenHead(texts.auditTitle, texts.auditLead, [
        linkButton('/console/patients', texts.patientTitle),
        linkButton('/console/deliveries', texts.deliveriesTitle),
      ]),
      audit.verification && verificationNotice(audit.verification, texts),
      card({
        id: 'logs',
        title: texts.log,
        content: table({
          caption: texts.log,
          captionHidden: true,
          columns: [texts.log, { label: texts.entries, numeric: true }, texts.checkpoint],
          rows: audit.logs.map(({ log, size, checkpoint }) => [
            code(log),
            String(size),
            checkpoint
              ? html`${time(checkpoint.at, frame.now, frame.language)}
                  <span class="hint">${texts.checkpointCovers(checkpoint.size)}</span>`
              : texts.noCheckpoint,
          ]),
          empty: texts.noLogs,
        }),
      }),
      card({ id: 'lag', title: texts.lag, content: lagWords(frame, audit, texts) }),
      card({
        id: 'verify',
        title: texts.verify,
        lead: texts.verifyHint,
        content: [
          form({
            action: '/console/audit/verify',
            layout: 'inline',
            content: button({ label: texts.verify, kind: 'plain' }),
          }),
          html`<p class="hint">${texts.verifyElsewhere}</p>`,
        ],
      }),
    ],
  })
}

const verificationNotice = (
  { entries, faults }: NonNullable<AuditState['verification']>,
  texts: ConsoleTexts,
): Markup =>
  faults.length === 0
    ? notice({ tone: 'good', role: 'status', content: texts.verified(entries) })
    : notice({
        tone: 'danger',
        role: 'alert',
        title: texts.broken,
        content: html`<ul>
          ${faults.map((fault) => html`<li>${fault}</li>`)}
        </ul>`,
      })

const lagWords = (frame: ConsoleFrame, { waiting }: AuditState, texts: ConsoleTexts): Markup =>
  waiting.count === 0
    ? html`<p>${texts.nothingWaits}</p>`
    : html`<p>
        ${texts.waiting(waiting.count)}.
        ${waiting.oldestAt !== undefined && texts.oldestWaits(Math.max(0, frame.now - waiting.oldestAt))}
      </p>`
