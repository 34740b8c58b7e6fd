/** Cutting an access: what to cut, then who is touched and how far. Two screens, one act. */

import { html } from 'hono/html'
import type { ClientId, PracticeId, PractitionerId, SessionId } from '../../core/ids.ts'
import type { Selector } from '../../restrictions/restriction.ts'
import { card, emptyState, notice, screenHead, table } from '../../ui/components.ts'
import { button, checkbox, choices, field, form, linkButton, select, textArea } from '../../ui/forms.ts'
import type { Markup } from '../../ui/layout.ts'
import { consolePage, nameOf, scopeWords, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export const scopes = ['practitioner', 'practice', 'client', 'session', 'everything'] as const
export type Scope = (typeof scopes)[number]

export interface Choice {
  practices: PracticeId[]
  clients: ClientId[]
  sessions: { id: SessionId; label: string }[]
  search?: { query: string; found: PractitionerId[] }
}

export function choosePage(frame: ConsoleFrame, choice: Choice): Markup {
  const texts = consoleTexts[frame.language]
  const name = nameOf(frame.names)
  return consolePage(frame, {
    title: texts.cutTitle,
    section: 'cut',
    content: [
      screenHead(texts.cutTitle, texts.cutLead),
      html`<div class="grid">
        ${practitionerCard(frame, choice.search, texts)}
        ${pick(
          'practice',
          texts.choosePractice,
          texts.choosePracticeLead,
          choice.practices.map((id) => ({ value: id, label: name(id) })),
          texts,
        )}
        ${pick(
          'client',
          texts.chooseClient,
          texts.chooseClientLead,
          choice.clients.map((id) => ({ value: id, label: name(id) })),
          texts,
        )}
        ${pick(
          'session',
          texts.chooseSession,
          texts.chooseSessionLead,
          choice.sessions.map(({ id, label }) => ({ value: id, label })),
          texts,
        )}
        ${card({
          id: 'everything',
          tone: 'danger',
          title: texts.chooseEverything,
          lead: texts.chooseEverythingLead,
          content: html`<p>
            ${linkButton('/console/cut?scope=everything', texts.continue, 'plain', texts.chooseEverything)}
          </p>`,
        })}
      </div>`,
    ],
  })
}

const practitionerCard = (frame: ConsoleFrame, search: Choice['search'], texts: ConsoleTexts): Markup =>
  card({
    id: 'practitioner',
    title: texts.choosePractitioner,
    lead: texts.choosePractitionerLead,
    content: [
      form({
        method: 'get',
        action: '/console/cut',
        layout: 'inline',
        content: [
          field({
            name: 'q',
            type: 'search',
            label: texts.person,
            value: search?.query,
            maxlength: 80,
            required: true,
            autocomplete: 'off',
            spellcheck: false,
          }),
          button({ label: texts.search, kind: 'plain', about: texts.choosePractitioner }),
        ],
      }),
      search &&
        table({
          caption: texts.found(search.query),
          columns: [texts.person, { label: texts.acts, hidden: true }],
          rows: search.found.map((id) => [
            nameOf(frame.names)(id),
            linkButton(
              `/console/cut?scope=practitioner&target=${id}`,
              texts.continue,
              'plain',
              nameOf(frame.names)(id),
            ),
          ]),
          empty: texts.nobodyFound(search.query),
        }),
    ],
  })

const pick = (
  scope: Scope,
  title: string,
  lead: string,
  options: { value: string; label: string }[],
  texts: ConsoleTexts,
): Markup =>
  card({
    id: scope,
    title,
    lead,
    content:
      options.length === 0
        ? emptyState(texts.none)
        : form({
            method: 'get',
            action: '/console/cut',
            hidden: { scope },
            layout: 'inline',
            content: [
              select({ name: 'target', id: `target-${scope}`, label: texts.choose, options }),
              button({ label: texts.continue, kind: 'plain', about: title }),
            ],
          }),
  })

/** Who would feel it if it were done now. */
export interface Touched {
  /** Names, the first of them. */
  people: string[]
  peopleCount: number
  sessions: number
  youToo: boolean
}

export interface CutForm {
  scope: Scope
  target: string
  selector: Selector
  touched: Touched
  /** What was sent before, when it comes back with a problem. */
  sent?: { effect?: string; endsSessions?: boolean; reason?: string; expiry?: string }
  problems?: { reason?: boolean; understood?: boolean }
}

/** Above this many people, or when the operator is among them, having seen it must be said. */
const understoodAbove = 1
export const mustBeUnderstood = ({ peopleCount, youToo }: Touched): boolean =>
  youToo || peopleCount > understoodAbove

export function cutPage(frame: ConsoleFrame, cut: CutForm): Markup {
  const texts = consoleTexts[frame.language]
  const scope = scopeWords(cut.selector, frame.names, texts)
  return consolePage(frame, {
    title: `${texts.cut}${texts.colon} ${scope}`,
    section: 'cut',
    content: [
      screenHead(
        `${texts.cut}${texts.colon} ${scope}`,
        undefined,
        linkButton('/console/cut', texts.otherScope),
      ),
      html`<div class="desk desk-even">
        ${card({ id: 'touched', title: texts.touched, content: touchedWords(cut.touched, texts) })}
        ${card({ id: 'act', tone: 'danger', title: texts.howFar, content: cutFields(cut, texts) })}
      </div>`,
    ],
  })
}

export const shownPeople = 20

const touchedWords = (touched: Touched, texts: ConsoleTexts): Markup => {
  const more = touched.peopleCount - touched.people.length
  return html`${
    touched.peopleCount === 0
      ? emptyState(texts.touchesNobody)
      : html`<p class="big">${texts.touchedPeople(touched.peopleCount)}</p>
          <p class="hint">${texts.touchedSessions(touched.sessions)}</p>
          <ul class="names">
            ${touched.people.map((name) => html`<li>${name}</li>`)}
            ${more > 0 && html`<li class="hint">${texts.andMore(more)}</li>`}
          </ul>`
  }
  ${touched.youToo ? notice({ tone: 'danger', content: texts.youToo }) : notice({ tone: 'info', content: texts.notYou })}`
}

/** Reading goes on where many are touched: the narrower effect is chosen beforehand. */
const defaultEffect = (scope: Scope): string =>
  scope === 'practitioner' || scope === 'session' ? 'deny' : 'read-only'

function cutFields(
  { scope, target, touched, sent = {}, problems = {} }: CutForm,
  texts: ConsoleTexts,
): Markup {
  return form({
    action: '/console/cut',
    hidden: { scope, target },
    content: [
      choices({
        name: 'effect',
        label: texts.effect,
        value: sent.effect ?? defaultEffect(scope),
        options: (['read-only', 'deny'] as const).map((value) => ({
          value,
          label: texts.effects[value],
          hint: texts.effectHints[value],
        })),
      }),
      checkbox({
        name: 'endsSessions',
        label: texts.endSessions,
        hint: texts.endSessionsHint,
        checked: sent.endsSessions ?? false,
      }),
      textArea({
        name: 'reason',
        label: texts.reasonLabel,
        hint: texts.reasonHint,
        value: sent.reason,
        required: true,
        maxlength: 500,
        rows: 2,
        problem: problems.reason ? texts.reasonMissing : undefined,
      }),
      select({
        name: 'expiry',
        label: texts.expiryLabel,
        options: Object.entries(texts.expiries)
          .toSorted(([a], [b]) => Number(a) - Number(b) || 0)
          .map(([value, label]) => ({ value, label })),
        value: sent.expiry ?? '24',
      }),
      mustBeUnderstood(touched) &&
        checkbox({
          name: 'understood',
          label: texts.understood(touched.peopleCount),
          required: true,
          problem: problems.understood ? texts.understoodMissing : undefined,
        }),
      button({ label: texts.cutNow, kind: 'danger' }),
    ],
  })
}
