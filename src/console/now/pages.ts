/** Who is signed in, what is restricted, what was found: the desk's first screen. */

import { html } from 'hono/html'
import type { Holder } from '../../audit/event.ts'
import type { PracticeId, PractitionerId, SessionId } from '../../core/ids.ts'
import type { Seconds } from '../../core/time.ts'
import type { AdminToken } from '../../operators/admin-token-store.ts'
import type { Approval } from '../../operators/approval-store.ts'
import type { Resolution } from '../../operators/resolution-store.ts'
import type { StoredFinding } from '../../risk/finding-store.ts'
import type { Restriction } from '../../restrictions/restriction.ts'
import type { Role } from '../../tokens/claims.ts'
import { badge, card, emptyState, notice, screenHead, table, type Tone } from '../../ui/components.ts'
import { button, field, form, linkButton } from '../../ui/forms.ts'
import type { Content, Markup } from '../../ui/layout.ts'
import { clockTime, dayOf, relativeTime, spokenTime, time } from '../../ui/time.ts'
import { consolePage, deviceWords, nameOf, restrictionList, ruleWords, type ConsoleFrame } from '../pages.ts'
import { consoleTexts, type ConsoleTexts } from '../texts.ts'

export interface SignedIn {
  session: SessionId
  holder: Holder
  memberships: { practice: PracticeId; role: Role }[]
  startedAt: Seconds
  lastActiveAt: Seconds
  network: string
  userAgent: string
  /** Distinct patients opened since midnight in Paris; undefined for operators, who open none. */
  patientsToday?: number
}

export interface FoundPerson {
  id: PractitionerId
  memberships: { practice: PracticeId; role: Role }[]
}

export interface Now {
  signedIn: SignedIn[]
  restrictions: Restriction[]
  findings: StoredFinding[]
  /** Lifts that scripts asked for and that wait for a person. */
  approvals: Pick<Approval, 'id' | 'act' | 'createdAt'>[]
  /** Of other operators' patients to name, and of this one's to read. */
  namings: Pick<Resolution, 'reason' | 'askedBy' | 'state' | 'createdAt'>[]
  adminTokens: Omit<AdminToken, 'sequence'>[]
  /** Undefined when nothing was searched for. */
  search?: { query: string; found: FoundPerson[] }
}

export function nowPage(frame: ConsoleFrame, now: Now): Markup {
  const texts = consoleTexts[frame.language]
  return consolePage(frame, {
    title: texts.nowTitle,
    section: 'now',
    content: [
      screenHead(texts.nowTitle, undefined, linkButton('/console/cut', texts.cutTitle, 'danger')),
      approvalsNotice(frame, now.approvals, texts),
      namingsNotice(frame, now.namings, texts),
      figures(now, texts),
      searchForm(now.search?.query ?? '', texts),
      now.search && foundCard(frame, now.search, texts),
      html`<div class="desk">
        <div class="stack">${signedInCard(frame, now, texts)}</div>
        <div class="stack">
          ${restrictionsCard(frame, now.restrictions, texts)}${findingsCard(frame, now.findings, texts)}
          ${adminTokensCard(frame, now.adminTokens, texts)}
        </div>
      </div>`,
    ],
  })
}

const approvalsNotice = (frame: ConsoleFrame, approvals: Now['approvals'], texts: ConsoleTexts): Content =>
  approvals.length > 0 &&
  notice({
    tone: 'info',
    title: texts.approvals,
    content: html`<ul>
      ${approvals.map(
        ({ id, act, createdAt }) =>
          html`<li>
            <a href="/console/approvals/${id}"
              >${texts.approvalActs[act.kind]}${act.kind === 'lift' && `${texts.colon} ${act.reason}`}</a
            >
            <span class="hint">${time(createdAt, frame.now, frame.language)}</span>
          </li>`,
      )}
    </ul>`,
  })

const namingsNotice = (frame: ConsoleFrame, namings: Now['namings'], texts: ConsoleTexts): Content =>
  namings.length > 0 &&
  notice({
    tone: 'info',
    title: texts.namings,
    content: html`<ul>
      ${namings.map(
        ({ reason, askedBy, state, createdAt }) =>
          html`<li>
            <a href="/console/patients"
              >${state === 'open' ? nameOf(frame.names)(askedBy) : texts.namingAnswered}${texts.colon}
              ${reason}</a
            >
            <span class="hint">${time(createdAt, frame.now, frame.language)}</span>
          </li>`,
      )}
    </ul>`,
  })

const figures = ({ signedIn, restrictions, findings }: Now, texts: ConsoleTexts): Markup => {
  const people = new Set(signedIn.map(({ holder }) => holder.id)).size
  const items: [string, string, Tone | undefined][] = [
    [texts.figures.people(people), '#signed-in', undefined],
    [
      texts.figures.restrictions(restrictions.length),
      '#restrictions',
      restrictions.length > 0 ? 'danger' : undefined,
    ],
    [texts.figures.findings(findings.length), '#findings', findings.length > 0 ? 'caution' : undefined],
  ]
  return html`<ul class="figures">
    ${items.map(([words, href, tone]) => {
      const [number = '', ...rest] = words.split(' ')
      return html`<li class="figure ${tone ?? ''}">
        <a href="${href}"><b>${number}</b> ${rest.join(' ')}</a>
      </li>`
    })}
  </ul>`
}

const searchForm = (query: string, texts: ConsoleTexts): Markup =>
  form({
    method: 'get',
    action: '/console',
    layout: 'inline',
    content: [
      field({
        name: 'q',
        type: 'search',
        label: texts.searchLabel,
        hint: texts.searchHint,
        value: query,
        maxlength: 80,
        spellcheck: false,
        autocomplete: 'off',
      }),
      button({ label: texts.search, kind: 'plain' }),
    ],
  })

const membershipsWords = (
  frame: ConsoleFrame,
  memberships: FoundPerson['memberships'],
  texts: ConsoleTexts,
): Content =>
  memberships.map(
    ({ practice, role }, at) =>
      html`${at > 0 && html`<br />`}${nameOf(frame.names)(practice)}
        <span class="hint">${texts.roles[role]}</span>`,
  )

const foundCard = (
  frame: ConsoleFrame,
  { query, found }: NonNullable<Now['search']>,
  texts: ConsoleTexts,
): Markup =>
  card({
    id: 'found',
    title: texts.found(query),
    content: table({
      caption: texts.found(query),
      captionHidden: true,
      columns: [texts.person, texts.practice, { label: texts.acts, hidden: true }],
      rows: found.map(({ id, memberships }) => {
        const name = nameOf(frame.names)(id)
        return [
          html`<a href="/console/practitioners/${id}">${name}</a>`,
          membershipsWords(frame, memberships, texts),
          linkButton(`/console/cut?scope=practitioner&target=${id}`, texts.cut, 'quiet', name),
        ]
      }),
      empty: texts.nobodyFound(query),
    }),
  })

const signedInCard = (frame: ConsoleFrame, { signedIn, search }: Now, texts: ConsoleTexts): Markup =>
  card({
    id: 'signed-in',
    title: texts.signedIn,
    content: table({
      caption: texts.signedIn,
      captionHidden: true,
      columns: [
        texts.person,
        texts.practice,
        texts.device,
        texts.lastActive,
        { label: texts.patientsToday, numeric: true },
        { label: texts.acts, hidden: true },
      ],
      rows: signedIn.map((row) => signedInRow(frame, row, texts)),
      empty: search ? texts.nobodyMatches : texts.nobody,
    }),
  })

function signedInRow(frame: ConsoleFrame, row: SignedIn, texts: ConsoleTexts): Content[] {
  const name = nameOf(frame.names)(row.holder.id)
  const practitioner = row.holder.kind === 'practitioner'
  return [
    practitioner
      ? html`<a href="/console/practitioners/${row.holder.id}">${name}</a>`
      : html`${name} ${row.session === frame.operator.session && badge(texts.you, 'good')}`,
    practitioner ? membershipsWords(frame, row.memberships, texts) : badge(texts.operator, 'info'),
    deviceWords(row.userAgent, row.network, texts),
    activityWords(frame, row, texts),
    row.patientsToday === undefined ? '–' : String(row.patientsToday),
    linkButton(`/console/cut?scope=session&target=${row.session}`, texts.cut, 'quiet', name),
  ]
}

/** Each on one line: a `time` in a table is not broken. */
const activityWords = (frame: ConsoleFrame, row: SignedIn, texts: ConsoleTexts): Markup =>
  html`<time datetime="${new Date(row.lastActiveAt * 1000).toISOString()}"
      >${relativeTime(row.lastActiveAt, frame.now, frame.language)}</time
    ><br /><time class="hint" datetime="${new Date(row.startedAt * 1000).toISOString()}"
      >${texts.signedInSince(sinceWords(row.startedAt, frame))}</time
    >`

const sinceWords = (at: Seconds, { now, language }: ConsoleFrame): string =>
  dayOf(at) === dayOf(now) ? clockTime(at, language) : spokenTime(at, now, language)

const restrictionsCard = (frame: ConsoleFrame, restrictions: Restriction[], texts: ConsoleTexts): Markup =>
  card({
    id: 'restrictions',
    title: texts.restrictions,
    content: restrictionList(frame, restrictions, texts.noRestrictions),
  })

const findingsCard = (frame: ConsoleFrame, findings: StoredFinding[], texts: ConsoleTexts): Markup =>
  card({
    id: 'findings',
    title: texts.findings,
    content:
      findings.length === 0
        ? emptyState(texts.noFindings)
        : html`<ul class="blocks">
            ${findings.map((finding) => findingBlock(frame, finding, texts))}
          </ul>`,
  })

const findingTone: Record<StoredFinding['action'], Tone> = {
  observe: 'info',
  notice: 'info',
  'step-up': 'caution',
  stop: 'danger',
  'end-session': 'danger',
}

const findingBlock = (frame: ConsoleFrame, finding: StoredFinding, texts: ConsoleTexts): Markup =>
  html`<li class="block">
    <div class="row">${badge(texts.findingActions[finding.action], findingTone[finding.action])}</div>
    ${
      finding.practitioner &&
      html`<p class="block-title">
        <a href="/console/practitioners/${finding.practitioner}"
          >${nameOf(frame.names)(finding.practitioner)}</a
        >
      </p>`
    }
    <p>
      ${ruleWords(finding.rule, texts)}${texts.colon} ${texts.findingSays(finding.value, finding.threshold)}
    </p>
    <p class="hint">${time(finding.at, frame.now, frame.language)}</p>
    ${
      finding.restriction &&
      html`<p>
        ${linkButton(`/console/restrictions/${finding.restriction}`, texts.seeOrLift, 'plain', finding.rule)}
      </p>`
    }
  </li>`

/** Shown while there are any: a stolen one works in silence. */
const adminTokensCard = (frame: ConsoleFrame, tokens: Now['adminTokens'], texts: ConsoleTexts): Content =>
  tokens.length > 0 &&
  card({
    id: 'admin-tokens',
    title: texts.adminTokens,
    lead: texts.adminTokensLead,
    content: html`<ul class="blocks">
      ${tokens.map(({ id, operator, createdAt, expiresAt }) => {
        const name = nameOf(frame.names)(operator)
        const moment = (at: Seconds) => spokenTime(at, frame.now, frame.language)
        return html`<li class="block">
          <p class="block-title">${name}</p>
          <p>${texts.sinceMoment(moment(createdAt))}, ${texts.untilMoment(moment(expiresAt))}</p>
          ${form({
            action: `/console/admin-tokens/${id}/revoke`,
            layout: 'inline',
            content: button({ label: texts.revokeToken, kind: 'plain', about: name }),
          })}
        </li>`
      })}
    </ul>`,
  })
