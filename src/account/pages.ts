/** The account page and its one question. Each screen is a function of what is known and of what went wrong. */

import { html } from 'hono/html'
import type { CredentialId, SessionId } from '../core/ids.ts'
import type { Language } from '../core/language.ts'
import { refusalRow, type Reason } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import { badge, card, definitions, emptyState, notice, screenHead, table } from '../ui/components.ts'
import type { NoticeKind } from '../people/notice-store.ts'
import type { CodeOffer } from '../people/secret.ts'
import { codeOffer } from '../ui/code-offer.ts'
import { deviceName } from '../ui/device-name.ts'
import { button, field, form, linkButton } from '../ui/forms.ts'
import { page, type Content, type Markup } from '../ui/layout.ts'
import { scopeList } from '../ui/scope-list.ts'
import { time } from '../ui/time.ts'
import type { ApplicationRow } from './applications.ts'
import { accountTexts, type AccountTexts } from './texts.ts'

export interface PasskeyRow {
  id: CredentialId
  label: string
  addedAt: Seconds
  lastUsedAt?: Seconds
  synced: boolean
}

export interface SessionRow {
  id: SessionId
  userAgent: string
  network: string
  startedAt: Seconds
  lastActiveAt: Seconds
  current: boolean
}

export interface NoticeRow {
  kind: NoticeKind
  fields: Record<string, string>
  at: Seconds
  read: boolean
}

/** What is the same on every screen of one request. */
export interface AccountFrame {
  language: Language
  address?: string
  now: Seconds
  person: string
  operator: boolean
}

export type Done = keyof AccountTexts['done'] | 'not-me'

export interface Account {
  passkeys: PasskeyRow[]
  sessions: SessionRow[]
  /** Whether password and code are a way in. Undefined for operators, who have passkeys only. */
  secret?: 'set' | 'none' | 'off'
  /** Undefined for operators, who let no application act for them. */
  applications?: ApplicationRow[]
  notices: NoticeRow[]
  /** The way in was shown within the last minutes: only then are passkeys changed. */
  fresh: boolean
  /** What the last act did. */
  done?: Done
  /** What the last act was refused for. */
  problem?: Reason
}

export const isDone = (value: string | undefined): value is Done =>
  value !== undefined && (value === 'not-me' || value in accountTexts.fr.done)

export function accountPage(frame: AccountFrame, account: Account): Markup {
  const texts = accountTexts[frame.language]
  return shell(
    frame,
    texts.title,
    ['passkey'],
    [
      screenHead(texts.title, texts.lead, frame.operator && linkButton('/console', texts.toConsole, 'plain')),
      account.problem &&
        notice({ tone: 'danger', role: 'alert', content: refusalRow(account.problem)[frame.language] }),
      account.done && doneNotice(account.done, texts),
      unreadNotice(frame, account, texts),
      passkeysCard(frame, account, texts),
      account.secret && secretCard(account.secret, texts),
      sessionsCard(frame, account.sessions, texts),
      account.applications && applicationsCard(frame, account.applications, texts),
      notMeCard(texts),
      noticesCard(frame, account.notices, texts),
    ],
  )
}

const shell = (frame: AccountFrame, title: string, scripts: string[], content: Content): Markup =>
  page({ language: frame.language, address: frame.address, person: frame.person, title, scripts, content })

function doneNotice(done: Done, texts: AccountTexts): Markup {
  if (done !== 'not-me') return notice({ tone: 'good', role: 'status', content: texts.done[done] })
  return notice({
    tone: 'good',
    role: 'status',
    title: texts.notMeDone,
    content: html`<ul>
      ${texts.notMeNext.map((step) => html`<li>${step}</li>`)}
    </ul>`,
  })
}

const unreadShown = 5

/** What is new is met first, beside the act for when it was somebody else. */
function unreadNotice(frame: AccountFrame, { notices, done }: Account, texts: AccountTexts): Content {
  const unread = notices.filter(({ read }) => !read)
  if (unread.length === 0 || done !== undefined) return undefined
  return notice({
    tone: 'caution',
    title: texts.unread,
    content: html`<ul>
        ${unread
          .slice(0, unreadShown)
          .map(
            (row) =>
              html`<li>
                ${noticeName(row, texts)}, ${time(row.at, frame.now, frame.language)}. ${noticeDetail(row)}
              </li>`,
          )}
        ${
          unread.length > unreadShown &&
          html`<li><a href="#notices">${texts.moreUnread(unread.length - unreadShown)}</a></li>`
        }
      </ul>
      <div class="row">
        ${form({
          action: '/account/notices/seen',
          layout: 'inline',
          content: button({ label: texts.allSeen, kind: 'plain' }),
        })}
        <a class="button quiet" href="#not-me">${texts.notMe}</a>
      </div>`,
  })
}

const noticeName = ({ kind }: NoticeRow, texts: AccountTexts): string => texts.noticeWords[kind]

const passkeysCard = (frame: AccountFrame, { passkeys, fresh }: Account, texts: AccountTexts): Markup =>
  card({
    id: 'passkeys',
    title: texts.passkeys,
    lead: texts.passkeysLead,
    content: [
      table({
        caption: texts.passkeys,
        captionHidden: true,
        columns: [
          texts.passkey,
          texts.kind,
          texts.added,
          texts.lastUsed,
          { label: texts.acts, hidden: true },
        ],
        rows: passkeys.map((passkey) => [
          passkey.label,
          badge(passkey.synced ? texts.synced : texts.deviceBound),
          time(passkey.addedAt, frame.now, frame.language),
          time(passkey.lastUsedAt, frame.now, frame.language),
          passkeyActs(passkey, passkeys.length === 1, texts),
        ]),
        empty: texts.noPasskeys,
      }),
      passkeys.length === 1 && html`<p class="hint">${texts.onlyOne}</p>`,
      addPasskey(fresh, texts),
    ],
  })

const passkeyActs = (passkey: PasskeyRow, only: boolean, texts: AccountTexts): Markup =>
  html`<div class="acts">
    <details class="fold">
      <summary class="button quiet">${texts.rename}<span class="unseen"> ${passkey.label}</span></summary>
      ${form({
        action: `/account/passkeys/${passkey.id}/rename`,
        layout: 'inline',
        content: [
          field({
            name: 'label',
            id: `label-${passkey.id}`,
            label: texts.renameLabel,
            value: passkey.label,
            required: true,
            maxlength: 60,
          }),
          button({ label: texts.save, kind: 'plain' }),
        ],
      })}
    </details>
    ${!only && linkButton(`/account/passkeys/${passkey.id}/remove`, texts.remove, 'quiet', passkey.label)}
  </div>`

/** `ui/assets/passkey.js` runs the ceremony and shows the button; without script the reason is said. */
const addPasskey = (fresh: boolean, texts: AccountTexts): Markup =>
  fresh
    ? html`<form
        class="form form-stack"
        method="post"
        action="/account/passkeys"
        data-passkey="create"
        data-options="/account/passkeys/options"
        data-autofill="no"
        data-cancelled="${texts.cancelled}"
        data-known="${texts.known}"
      >
        <p class="hint">${texts.addHint}</p>
        <div data-passkey-problem role="alert" class="notice danger" hidden></div>
        <div data-passkey-missing class="notice caution" hidden><p>${texts.missing}</p></div>
        <p>${button({ label: texts.addPasskey, kind: 'plain', hidden: true })}</p>
        <noscript><p class="hint">${texts.needsScript}</p></noscript>
      </form>`
    : html`<div class="stack">
        <p class="hint">${texts.addHint} ${texts.confirmFirst}</p>
        <p>${linkButton(confirmAddress('/account'), texts.confirm)}</p>
      </div>`

/** Proves a passkey afresh and comes back. */
const confirmAddress = (back: string): string => `/signin/confirm?continue=${encodeURIComponent(back)}`

const secretCard = (secret: NonNullable<Account['secret']>, texts: AccountTexts): Markup =>
  card({
    id: 'secret',
    title: texts.secret,
    lead: secret === 'off' ? texts.secretOff : texts.secretLead,
    content: html`<div class="row">
      ${
        secret !== 'off' &&
        linkButton('/account/secret', secret === 'set' ? texts.changeSecret : texts.addSecret)
      }
      ${
        secret === 'set' &&
        form({
          action: '/account/secret/remove',
          layout: 'inline',
          content: button({ label: texts.removeSecret, kind: 'quiet' }),
        })
      }
    </div>`,
  })

/** Nothing is kept until the first code proves that the app has the key. */
export function secretPage(frame: AccountFrame, email: string, offer: CodeOffer, problem?: string): Markup {
  const texts = accountTexts[frame.language]
  return shell(
    frame,
    texts.secret,
    [],
    [
      screenHead(texts.secret, texts.secretLead),
      problem && notice({ tone: 'danger', role: 'alert', content: problem }),
      form({
        action: '/account/secret',
        hidden: { sealed: offer.sealed },
        content: [
          html`<input type="text" value="${email}" autocomplete="username" hidden />`,
          field({
            name: 'secret',
            label: texts.newSecret,
            hint: texts.newSecretHint,
            type: 'password',
            autocomplete: 'new-password',
            required: true,
            minlength: 8,
            maxlength: 200,
          }),
          card({ title: texts.scan, lead: texts.scanLead, content: codeOffer(texts, offer) }),
          field({
            name: 'code',
            label: texts.firstCode,
            hint: texts.firstCodeHint,
            inputmode: 'numeric',
            autocomplete: 'one-time-code',
            pattern: '[0-9 ]{6,8}',
            required: true,
            maxlength: 8,
          }),
          button({ label: texts.save }),
        ],
      }),
    ],
  )
}

const sessionsCard = (frame: AccountFrame, sessions: SessionRow[], texts: AccountTexts): Markup =>
  card({
    id: 'sessions',
    title: texts.sessions,
    lead: texts.sessionsLead,
    aside:
      sessions.length > 1 &&
      form({
        action: '/account/sessions/end-others',
        layout: 'inline',
        content: button({ label: texts.endOthers, kind: 'plain' }),
      }),
    content: table({
      caption: texts.sessions,
      captionHidden: true,
      columns: [
        texts.device,
        texts.place,
        texts.started,
        texts.lastActive,
        { label: texts.acts, hidden: true },
      ],
      rows: sessions.map((session) => {
        const device = deviceName(session.userAgent) ?? texts.unknownDevice
        return [
          device,
          session.network,
          time(session.startedAt, frame.now, frame.language),
          time(session.lastActiveAt, frame.now, frame.language),
          session.current
            ? badge(texts.thisOne, 'good')
            : form({
                action: `/account/sessions/${session.id}/end`,
                layout: 'inline',
                content: button({ label: texts.end, kind: 'quiet', about: device }),
              }),
        ]
      }),
      empty: texts.noSessions,
    }),
  })

const applicationsCard = (frame: AccountFrame, rows: ApplicationRow[], texts: AccountTexts): Markup =>
  card({
    id: 'applications',
    title: texts.applications,
    lead: texts.applicationsLead,
    content:
      rows.length === 0
        ? emptyState(texts.noApplications)
        : rows.map((row) => applicationCard(frame, row, texts)),
  })

const applicationCard = (frame: AccountFrame, row: ApplicationRow, texts: AccountTexts): Markup =>
  card({
    id: `application-${row.client}`,
    level: 3,
    title: row.name,
    aside: row.open ? badge(texts.open, 'good') : badge(texts.shut),
    content: [
      definitions([
        ...(row.practices.length > 0
          ? [[texts.practice, row.practices.join(', ')] as [string, Content]]
          : []),
        [texts.since, time(row.since, frame.now, frame.language)],
        ...openOn(frame, row, texts),
      ]),
      html`<div>
        <p>${texts.mayDo}</p>
        ${scopeList(frame.language, row.scope)}
      </div>`,
      form({
        action: `/account/applications/${row.client}/forget`,
        layout: 'inline',
        content: button({ label: texts.forget, kind: 'plain', about: row.name }),
      }),
    ],
  })

const openOn = (frame: AccountFrame, { open }: ApplicationRow, texts: AccountTexts): [string, Content][] =>
  open
    ? [
        [texts.lastUsed, time(open.lastUsedAt, frame.now, frame.language)],
        [
          texts.openOn,
          html`${open.userAgents.map(
            (agent) => html`<div>${deviceName(agent) ?? texts.unknownDevice}</div>`,
          )}`,
        ],
      ]
    : []

const notMeCard = (texts: AccountTexts): Markup =>
  card({
    id: 'not-me',
    tone: 'danger',
    title: texts.notMe,
    lead: texts.notMeLead,
    content: form({
      action: '/account/not-me',
      layout: 'inline',
      content: button({ label: texts.notMeAct, kind: 'danger' }),
    }),
  })

const noticesCard = (frame: AccountFrame, notices: NoticeRow[], texts: AccountTexts): Markup =>
  card({
    id: 'notices',
    title: texts.notices,
    content: table({
      caption: texts.notices,
      captionHidden: true,
      columns: [texts.what, texts.detail, texts.when],
      rows: notices.map((row) => [
        html`${noticeName(row, texts)} ${!row.read && badge(texts.isNew, 'info')}`,
        noticeDetail(row),
        time(row.at, frame.now, frame.language),
      ]),
      empty: texts.noNotices,
    }),
  })

const noticeDetail = ({ fields }: NoticeRow): string =>
  [
    fields['label'],
    fields['client'],
    fields['userAgent'] && deviceName(fields['userAgent']),
    fields['network'],
    fields['value'] && fields['window'] && `${fields['value']} / ${fields['window']}`,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(' · ')

/** Removing is asked once more: it cannot be undone. */
export function removePasskeyPage(frame: AccountFrame, passkey: PasskeyRow, fresh: boolean): Markup {
  const texts = accountTexts[frame.language]
  const action = `/account/passkeys/${passkey.id}/remove`
  const act = fresh
    ? form({ action, layout: 'inline', content: button({ label: texts.remove, kind: 'danger' }) })
    : linkButton(confirmAddress(action), texts.confirm, 'primary')
  return shell(
    frame,
    texts.removeTitle,
    [],
    [
      screenHead(texts.removeTitle, texts.removeLead(passkey.label)),
      card({
        content: [
          definitions([
            [texts.passkey, passkey.label],
            [texts.added, time(passkey.addedAt, frame.now, frame.language)],
            [texts.lastUsed, time(passkey.lastUsedAt, frame.now, frame.language)],
          ]),
          !fresh && html`<p>${texts.confirmFirst}</p>`,
          html`<div class="row">${act} ${linkButton('/account', texts.keep)}</div>`,
        ],
      }),
    ],
  )
}
