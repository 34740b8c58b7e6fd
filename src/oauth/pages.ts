/** What a person is asked on the way back to an application: which practice, and whether it may act for them. */

import { html } from 'hono/html'
import type { Language } from '../core/language.ts'
import type { OpenMembership } from '../people/memberships.ts'
import { card, screenHead } from '../ui/components.ts'
import { button, choices, form, linkButton } from '../ui/forms.ts'
import { page, type Markup } from '../ui/layout.ts'
import { scopeList } from '../ui/scope-list.ts'
import { paths } from './accepted.ts'
import { oauthTexts, type OauthTexts } from './texts.ts'

export interface Question {
  language: Language
  /** Of the waiting request. */
  id: string
  clientName: string
  /** Of the person, where they have said that it is them. */
  account?: string
  /** More than one: the person chooses. */
  among: OpenMembership[]
  /** Asked to consent to these, with what was allowed before; absent when nobody asks. */
  consentTo?: { now: string[]; already: string[] }
}

export function questionPage({ language, id, clientName, account, among, consentTo }: Question): Markup {
  const texts = oauthTexts[language]
  const only = among.length === 1 ? among[0] : undefined
  const title = consentTo ? texts.consent(clientName) : texts.choosePractice
  const lead = consentTo
    ? texts.consentLead(clientName, only?.practiceName)
    : texts.choosePracticeLead(clientName)
  return page({
    language,
    title,
    width: 'narrow',
    address: `${paths.resume}?id=${id}`,
    content: html`${screenHead(title, lead)}
    ${form({
      action: paths.resume,
      hidden: { id, ...(account !== undefined && { account }) },
      content: [
        only ? undefined : practiceChoice(texts, among),
        consentTo && asked(language, consentTo),
        button(
          consentTo ? { label: texts.allow, name: 'consent', value: 'given' } : { label: texts.continue },
        ),
      ],
    })}
    ${consentTo && refusal(texts, id, account)}`,
  })
}

export interface AccountQuestion {
  language: Language
  id: string
  clientName: string
  /** Who is signed in. */
  account: { id: string; name: string; email: string }
}

/** `prompt=select_account`: a browser has one session, so the choice is to go on or to sign in as somebody else. */
export function accountPage({ language, id, clientName, account }: AccountQuestion): Markup {
  const texts = oauthTexts[language]
  const here = `${paths.resume}?id=${id}`
  return page({
    language,
    title: texts.chooseAccount,
    width: 'narrow',
    address: here,
    content: html`${screenHead(texts.chooseAccount, texts.chooseAccountLead(clientName))}
      ${card({
        content: [
          html`<p><strong>${account.name}</strong><br /><span class="hint">${account.email}</span></p>`,
          form({
            action: paths.resume,
            hidden: { id, account: account.id },
            content: button({ label: texts.goOnAs(account.name) }),
          }),
        ],
      })}
      <p>${linkButton(`/signin?continue=${encodeURIComponent(here)}`, texts.somebodyElse, 'plain')}</p>`,
  })
}

/** A form of its own: whoever refuses need not choose a practice first. */
const refusal = (texts: OauthTexts, id: string, account?: string): Markup =>
  form({
    action: paths.resume,
    hidden: { id, consent: 'denied', ...(account !== undefined && { account }) },
    content: button({ label: texts.deny, kind: 'plain' }),
  })

export const practiceChoice = (texts: OauthTexts, among: OpenMembership[]): Markup =>
  choices({
    name: 'membership',
    label: texts.practice,
    options: among.map(({ id, practiceName, role }) => ({
      value: id,
      label: practiceName,
      hint: texts.roles[role],
    })),
  })

/** What is new stands first; what was allowed before is said, since it is allowed again. */
const asked = (language: Language, { now, already }: NonNullable<Question['consentTo']>): Markup => {
  const texts = oauthTexts[language]
  return html`<p>${already.length > 0 ? texts.asksMore : texts.asks}</p>
    ${scopeList(language, now.join(' '))}
    ${
      already.length > 0 &&
      html`<p>${texts.already}</p>
        ${scopeList(language, already.join(' '))}`
    }
    <p class="hint">${texts.never}</p>`
}

/**
 * Browsers hold a redirect that follows a form post to the form's `form-action`, which names nobody but us. So the way
 * back from our own pages is a page that moves on by itself (`Refresh`), with a link for whoever it does not move.
 */
export function handOverPage(language: Language, after: 'signedIn' | 'signedOut', address: string): Markup {
  const texts = oauthTexts[language]
  return page({
    language,
    title: texts[after],
    width: 'narrow',
    content: html`${screenHead(texts[after], texts.backLead)}
      <p>${linkButton(address, texts.backLink, 'primary')}</p>`,
  })
}

export function signOutPage(language: Language, hidden: Record<string, string>): Markup {
  const texts = oauthTexts[language]
  return page({
    language,
    title: texts.signOut,
    width: 'narrow',
    content: html`${screenHead(texts.signOut, texts.signOutLead)}
    ${form({
      action: paths.logoutConfirmed,
      hidden,
      content: [button({ label: texts.signOutButton }), linkButton('/account', texts.stay, 'plain')],
    })}`,
  })
}

export const signedOutPage = (language: Language): Markup => {
  const texts = oauthTexts[language]
  return page({
    language,
    title: texts.signedOut,
    width: 'narrow',
    content: screenHead(texts.signedOut, texts.signedOutLead),
  })
}
