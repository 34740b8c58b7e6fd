/** Asking who a pseudonym is, what waits for a second operator, and the answer, shown once. */

import { html } from 'hono/html'
import type { Resolved } from '../../audit/resolve.ts'
import type { Resolution } from '../../operators/resolution-store.ts'
import { badge, card, code, definitions, emptyState, notice, screenHead } from '../../ui/components.ts'
import { button, field, form, textArea } from '../../ui/forms.ts'
import type { Content, Markup } from '../../ui/layout.ts'
import { time } from '../../ui/time.ts'
import { consolePage, expiryWords, nameOf, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export interface PatientsState {
  /** `confirms`: digest of opening it, or of reading the answer, which the passkey confirms. */
  waiting: (Resolution & { confirms: string })[]
  sent?: { patient: string; reason: string }
  problems?: { patient: boolean; reason: boolean; share: boolean }
  /** Told to who opened: whether it went, never the name. */
  opened?: Resolved['outcome']
  /** Told to who asked. */
  answer?: Resolved & { patient: string }
}

export function patientsPage(frame: ConsoleFrame, state: PatientsState): Markup {
  const texts = consoleTexts[frame.language]
  return consolePage(frame, {
    title: texts.patientTitle,
    section: 'audit',
    scripts: ['passkey'],
    content: [
      screenHead(texts.patientTitle, texts.patientLead),
      state.answer && answerNotice(state.answer, texts),
      state.opened && openedNotice(state.opened, texts),
      card({
        id: 'waiting',
        title: texts.patientWaiting,
        content:
          state.waiting.length === 0
            ? emptyState(texts.patientNoneWaits)
            : html`<ul class="blocks">
                ${state.waiting.map((each) => waitingBlock(frame, each, texts))}
              </ul>`,
      }),
      askCard(state, texts),
    ],
  })
}

const answerNotice = (answer: NonNullable<PatientsState['answer']>, texts: ConsoleTexts): Markup =>
  answer.outcome === 'named'
    ? notice({
        tone: 'good',
        role: 'status',
        title: texts.patientNamed,
        content: html`<p>${code(answer.reference)} <span class="hint">${answer.patient}</span></p>`,
      })
    : notice({ tone: 'danger', role: 'alert', content: texts.patientOutcomes[answer.outcome] })

const openedNotice = (outcome: Resolved['outcome'], texts: ConsoleTexts): Markup =>
  outcome === 'named'
    ? notice({ tone: 'good', role: 'status', content: texts.patientOutcomes.named })
    : notice({ tone: 'danger', role: 'alert', content: texts.patientOutcomes[outcome] })

function waitingBlock(
  frame: ConsoleFrame,
  one: PatientsState['waiting'][number],
  texts: ConsoleTexts,
): Markup {
  return html`<li class="block">
    ${definitions([
      [texts.patientPseudonym, code(one.patient)],
      [texts.reason, one.reason],
      [texts.requestedBy, nameOf(frame.names)(one.askedBy)],
      [texts.requestedAt, time(one.createdAt, frame.now, frame.language)],
      [texts.approvalExpires, expiryWords(frame, one.expiresAt)],
    ])}
    ${one.askedBy === frame.operator.id ? ownActs(one, texts) : othersActs(one, texts)}
  </li>`
}

const ownActs = (one: PatientsState['waiting'][number], texts: ConsoleTexts): Content =>
  one.state === 'answered'
    ? form({
        action: `/console/patients/${one.id}/answer`,
        layout: 'inline',
        confirms: { act: one.confirms, cancelled: texts.confirmCancelled },
        content: button({ label: texts.patientRead }),
      })
    : [html`<p>${badge(texts.patientWaitsForOther, 'info')}</p>`, decline(one, texts.patientTakeBack)]

const othersActs = (one: PatientsState['waiting'][number], texts: ConsoleTexts): Content =>
  one.state === 'answered'
    ? badge(texts.patientWaitsForAsker, 'info')
    : [
        form({
          action: `/console/patients/${one.id}/open`,
          confirms: { act: one.confirms, cancelled: texts.confirmCancelled },
          content: [
            field({
              name: 'share',
              id: `share-${one.id}`,
              label: texts.patientShare,
              hint: texts.patientOtherShareHint,
              type: 'password',
              required: true,
              autocomplete: 'off',
              maxlength: 60,
            }),
            button({ label: texts.patientOpen, kind: 'danger' }),
          ],
        }),
        decline(one, texts.patientDecline),
      ]

const decline = ({ id }: Resolution, label: string): Markup =>
  form({
    action: `/console/patients/${id}/decline`,
    layout: 'inline',
    content: button({ label, kind: 'plain' }),
  })

const askCard = ({ sent, problems }: PatientsState, texts: ConsoleTexts): Markup =>
  card({
    id: 'ask',
    title: texts.patientAsk,
    lead: texts.patientAskLead,
    content: form({
      action: '/console/patients',
      content: [
        field({
          name: 'patient',
          label: texts.patientPseudonym,
          hint: texts.patientPseudonymHint,
          value: sent?.patient,
          required: true,
          autocomplete: 'off',
          spellcheck: false,
          maxlength: 80,
          problem: problems?.patient ? texts.patientPseudonymWrong : undefined,
        }),
        textArea({
          name: 'reason',
          label: texts.reasonLabel,
          hint: texts.reasonHint,
          value: sent?.reason,
          required: true,
          maxlength: 500,
          rows: 2,
          problem: problems?.reason ? texts.reasonMissing : undefined,
        }),
        field({
          name: 'share',
          label: texts.patientShare,
          hint: texts.patientShareHint,
          type: 'password',
          required: true,
          autocomplete: 'off',
          maxlength: 60,
          problem: problems?.share ? texts.patientShareWrong : undefined,
        }),
        button({ label: texts.patientAskNow }),
      ],
    }),
  })
