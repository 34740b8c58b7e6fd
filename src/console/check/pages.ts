/** Why an address fails: each parameter with its verdict, and two return addresses one under the other. */

import { html } from 'hono/html'
import type { Refused } from '../../audit/refusals-store.ts'
import { isSound, type Checked, type CheckedParameter, type Finding } from '../../clients/check/finding.ts'
import type { RedirectDifference } from '../../clients/check/redirect-difference.ts'
import { checkTexts, sayFinding } from '../../clients/check/texts.ts'
import { badge, card, code, definitions, notice, screenHead, table } from '../../ui/components.ts'
import { button, field, form, linkButton, select, textArea } from '../../ui/forms.ts'
import type { Content, Markup } from '../../ui/layout.ts'
import { refusalRow } from '../../core/refusal.ts'
import { time } from '../../ui/time.ts'
import { clientAddress } from '../clients/pages.ts'
import { consolePage, nameOf, type ConsoleFrame } from '../pages.ts'
import { checkPageTexts, type CheckPageTexts } from './texts.ts'

export interface CheckState {
  clients: readonly { id: string; name: string }[]
  /** Chosen in the form. */
  client?: string
  checked?: Checked
  problem?: 'missing'
  /** What the log says under a support code; none where it says nothing. */
  found?: readonly Refused[]
  codeProblem?: 'codeWrong'
}

export function checkPage(frame: ConsoleFrame, state: CheckState): Markup {
  const texts = checkPageTexts[frame.language]
  return consolePage(frame, {
    title: texts.title,
    section: 'clients',
    content: [
      screenHead(texts.title, texts.lead),
      state.checked && verdict(frame, state.checked, texts),
      card({ id: 'check', content: asking(state, texts) }),
      card({ id: 'support', title: texts.codeTitle, content: codeCard(frame, state, texts) }),
    ],
  })
}

/** What was pasted is not written back: it may hold what nobody should see twice. */
const asking = ({ clients, client = '', problem }: CheckState, texts: CheckPageTexts): Markup =>
  form({
    action: '/console/check',
    content: [
      textArea({
        name: 'address',
        label: texts.address,
        hint: texts.addressHint,
        required: true,
        maxlength: 10_000,
        rows: 4,
        problem: problem && texts[problem],
      }),
      select({
        name: 'client',
        label: texts.client,
        hint: texts.clientHint,
        value: client,
        options: [
          { value: '', label: texts.anyClient },
          ...clients.map(({ id, name }) => ({ value: id, label: `${name} (${id})` })),
        ],
      }),
      button({ label: texts.check }),
    ],
  })

function verdict(frame: ConsoleFrame, checked: Checked, texts: CheckPageTexts): Markup {
  const all = [...checked.findings, ...checked.parameters.flatMap(({ findings }) => findings)]
  const say = (finding: Finding) => sayFinding(finding, frame.language)
  return card({
    id: 'verdict',
    title: texts.verdict,
    aside:
      checked.client !== undefined && linkButton(clientAddress(checked.client), texts.seeClient, 'quiet'),
    content: [
      isSound(checked)
        ? notice({ tone: 'good', role: 'status', content: checkTexts[frame.language].sound })
        : notice({
            tone: 'danger',
            role: 'alert',
            title: texts.faults(all.length),
            content: html`<ul>
              ${all.map((finding) => html`<li>${say(finding)}</li>`)}
            </ul>`,
          }),
      ...all.map((finding) => finding.kind === 'redirect-differs' && aligned(finding.difference, texts)),
      checked.parameters.length > 0 &&
        table({
          caption: texts.verdict,
          captionHidden: true,
          columns: [texts.parameter, texts.sent, texts.verdictOf],
          rows: checked.parameters.map((each) => parameterRow(each, say, texts)),
          empty: '',
        }),
    ],
  })
}

const parameterRow = (
  { name, value, findings }: CheckedParameter,
  say: (finding: Finding) => string,
  texts: CheckPageTexts,
): Content[] => [
  code(name),
  value === undefined
    ? html`<span class="hint">${isMissing(findings) ? texts.absent : texts.hiddenValue}</span>`
    : html`<span class="wrapped">${code(value)}</span>`,
  findings.length === 0
    ? badge(texts.fine, 'good')
    : html`${findings.map((finding) => html`<p>${say(finding)}</p>`)}`,
]

const isMissing = (findings: readonly Finding[]): boolean =>
  findings.some(({ kind }) => kind.endsWith('-missing'))

/** Letter under letter up to where they part; what differs is marked, and not by colour alone. */
const aligned = ({ requested, registered, at, tail }: RedirectDifference, texts: CheckPageTexts): Markup =>
  html`<dl class="aligned" tabindex="0" role="group" aria-label="${texts.registered}">
    ${[[texts.requested, requested] as const, [texts.registered, registered] as const].map(
      ([label, uri]) =>
        html`<dt>${label}</dt>
          <dd>
            <code
              >${uri.slice(0, at)}<mark>${uri.slice(at, uri.length - tail) || '·'}</mark>${uri.slice(uri.length - tail)}</code
            >
          </dd>`,
    )}
  </dl>`

function codeCard(frame: ConsoleFrame, { found, codeProblem }: CheckState, texts: CheckPageTexts): Content {
  return [
    found?.length === 0 && notice({ tone: 'caution', role: 'status', content: texts.codeUnknown }),
    ...(found ?? []).map((refused) => definitions(refusedPairs(frame, refused, texts))),
    form({
      action: '/console/check/code',
      content: [
        field({
          name: 'code',
          label: texts.code,
          hint: texts.codeHint,
          required: true,
          maxlength: 20,
          autocomplete: 'off',
          spellcheck: false,
          problem: codeProblem && texts[codeProblem],
        }),
        button({ label: texts.find, kind: 'plain' }),
      ],
    }),
  ]
}

function refusedPairs(frame: ConsoleFrame, refused: Refused, texts: CheckPageTexts): [string, Content][] {
  const { at, actor, reason, path, client } = refused
  const names = nameOf(frame.names)
  return [
    [texts.when, time(at, frame.now, frame.language)],
    [texts.who, 'id' in actor ? names(actor.id) : actor.kind],
    [texts.reason, html`${refusalRow(reason)[frame.language]} ${code(reason)}`],
    [texts.where, code(path)],
    ...(client === undefined
      ? []
      : ([[texts.application, html`<a href="${clientAddress(client)}">${names(client)}</a>`]] as [
          string,
          Content,
        ][])),
  ]
}
