/** The screens of sign-in and enrolment: each a function of its state and a problem. */

import { html } from 'hono/html'
import type { Language } from '../core/language.ts'
import type { EnrolmentPurpose } from '../people/enrolment.ts'
import type { CodeOffer } from '../people/secret.ts'
import { card, notice, screenHead } from '../ui/components.ts'
import { button, checkbox, field, form, linkButton } from '../ui/forms.ts'
import { page } from '../ui/layout.ts'
import { attributes, type Content, type Markup } from '../ui/markup.ts'
import { codeOffer } from '../ui/code-offer.ts'
import { signInTexts, type SignInTexts } from './texts.ts'

interface Screen {
  language: Language
  problem?: string
}

/** What `passkey.js` needs: where options come from, where the answer goes, what to say. */
interface Ceremony {
  id: string
  kind: 'get' | 'create'
  options: string
  action: string
  /** Also offer passkeys in the autofill of the user name field. */
  autofill?: boolean
  hidden?: Record<string, string>
  label: string
  content?: Content
  /** Address of the way in that needs no script, where there is one. */
  otherWay?: string
}

const ceremony = (t: SignInTexts, shown: Ceremony): Markup =>
  html`<form
    class="form form-stack"
    id="${shown.id}"
    method="post"
    action="${shown.action}"
    data-passkey="${shown.kind}"
    data-options="${shown.options}"
    data-autofill="${shown.autofill ? 'yes' : 'no'}"
    data-cancelled="${t.passkeyCancelled}"
    data-known="${t.passkeyKnown}"
  >
    ${Object.entries(shown.hidden ?? {}).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
    )}
    ${shown.content}
    <div data-passkey-problem role="alert" class="notice danger" hidden></div>
    <div data-passkey-missing class="notice caution" hidden><p>${t.passkeyMissing}</p></div>
    ${button({ label: shown.label, hidden: true })}
    <noscript>${withoutScript(t, shown)}</noscript>
  </form>`

/** What to do where passkeys cannot work: only the way in with a password and a code needs no script. */
const withoutScript = (t: SignInTexts, { kind, otherWay }: Ceremony): Markup =>
  notice({
    tone: 'caution',
    content: html`<p>${kind === 'create' ? t.passkeyScriptCreate : t.passkeyScript}</p>
      ${otherWay !== undefined && html`<p><a href="${otherWay}">${t.passkeyScriptOther}</a></p>`}`,
  })

const problemNotice = (problem: string | undefined): Content =>
  problem && notice({ tone: 'danger', content: problem, role: 'alert' })

export interface SignInScreen extends Screen {
  /** Already checked to be a path of ours. */
  continue?: string
  email?: string
  sharedDesk?: boolean
  /** The other way in lies open: it was used here last, or something is to be said about it. */
  otherWayOpen?: boolean
}

export function signInPage(shown: SignInScreen): Markup {
  const t = signInTexts[shown.language]
  const hidden: Record<string, string> = shown.continue === undefined ? {} : { continue: shown.continue }
  const desk = (name: string) => ({
    name,
    label: t.sharedDesk,
    hint: t.sharedDeskHint,
    checked: shown.sharedDesk,
  })
  return page({
    language: shown.language,
    title: t.signInTitle,
    width: 'narrow',
    scripts: ['passkey'],
    address: signInAddress(shown),
    content: html`${screenHead(t.signInTitle, t.signInLead)} ${problemNotice(shown.problem)}
      ${card({
        content: ceremony(t, {
          id: 'passkey',
          kind: 'get',
          options: '/signin/passkey/options',
          action: '/signin/passkey',
          autofill: true,
          hidden,
          otherWay: otherWayAddress(shown.continue),
          label: t.usePasskey,
          content: checkbox(desk('desk')),
        }),
      })}
      ${otherWay(
        t,
        shown.otherWayOpen === true,
        form({
          action: '/signin/secret',
          hidden,
          content: html`${field({
            name: 'email',
            label: t.email,
            type: 'email',
            autocomplete: 'username webauthn',
            required: true,
            value: shown.email,
            maxlength: 254,
          })}
          ${field({
            name: 'secret',
            label: t.secret,
            type: 'password',
            autocomplete: 'current-password',
            required: true,
            maxlength: 200,
          })}
          ${codeField(t.code, t.codeHint)} ${checkbox(desk('sharedDesk'))}
          ${button({ label: t.signIn, kind: 'plain' })}`,
        }),
      )}
      <p>${t.noAccount} <a href="/signin/enrol">${t.useLink}</a></p>`,
  })
}

/** Of this page; a hint of the address stays through a change of language, what somebody typed does not go into it. */
const signInAddress = ({ continue: target, email, problem }: SignInScreen): string => {
  const query = new URLSearchParams({
    ...(target !== undefined && { continue: target }),
    ...(email !== undefined && problem === undefined && { email }),
  }).toString()
  return query ? `/signin?${query}` : '/signin'
}

/** The sign-in page with the other way open. */
const otherWayAddress = (target: string | undefined): string =>
  `/signin?${new URLSearchParams({ way: 'secret', ...(target !== undefined && { continue: target }) }).toString()}`

/** Folded, because a passkey is one touch; `passkey.js` opens it where this browser has none. */
const otherWay = (t: SignInTexts, open: boolean, content: Content): Markup =>
  html`<details${attributes({ class: 'card fold', 'data-other-way': true, open })}>
    <summary><h2>${t.otherWay}</h2></summary>
    <p class="lead">${t.otherWayLead}</p>
    ${content}
  </details>`

const codeField = (label: string, hint: string): Markup =>
  field({
    name: 'code',
    label,
    hint,
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    pattern: '[0-9 ]{6,8}',
    required: true,
    maxlength: 8,
  })

export function confirmPage(shown: Screen & { continue: string; person: string }): Markup {
  const t = signInTexts[shown.language]
  return page({
    language: shown.language,
    title: t.confirmTitle,
    width: 'narrow',
    address: `/signin/confirm?continue=${encodeURIComponent(shown.continue)}`,
    scripts: ['passkey'],
    person: shown.person,
    content: html`${screenHead(t.confirmTitle, t.confirmLead)}
      ${card({
        content: ceremony(t, {
          id: 'confirm',
          kind: 'get',
          options: '/signin/confirm/options',
          action: '/signin/confirm',
          hidden: { continue: shown.continue },
          otherWay: otherWayAddress(shown.continue),
          label: t.confirm,
        }),
      })}
      <p>
        ${t.notYou}
        <a href="/signin?continue=${encodeURIComponent(shown.continue)}">${t.otherPerson}</a>
      </p>`,
  })
}

/** A page of its own between a form and where it leads: Chromium holds `form-action` against every redirect that follows. */
export function donePage(language: Language, target: string): Markup {
  const t = signInTexts[language]
  return page({
    language,
    title: t.done,
    width: 'narrow',
    content: html`${screenHead(t.done)} ${linkButton(target, t.goOn, 'primary')}`,
  })
}

/** Where the link's fragment becomes a form: by module, or pasted by hand. */
export function linkPage(shown: Screen): Markup {
  const t = signInTexts[shown.language]
  return page({
    language: shown.language,
    title: t.linkTitle,
    width: 'narrow',
    address: '/signin/enrol',
    scripts: ['enrol'],
    content: html`${screenHead(t.linkTitle, t.linkLead)} ${problemNotice(shown.problem)}
    ${card({
      content: form({
        action: '/signin/enrol',
        id: 'link-form',
        content: html`${field({
          name: 'link',
          label: t.link,
          required: true,
          autocomplete: 'off',
          spellcheck: false,
          maxlength: 400,
        })}
        ${button({ label: t.openLink })}`,
      }),
    })}`,
  })
}

export interface EnrolScreen extends Screen {
  purpose: EnrolmentPurpose
  name: string
  /** A practice of theirs switched the lesser way off, or it never was for them. */
  secretOff: boolean
}

export function enrolPage(shown: EnrolScreen): Markup {
  const t = signInTexts[shown.language]
  const setup = shown.purpose === 'setup'
  return page({
    language: shown.language,
    title: setup ? t.setupTitle : t.enrolTitle,
    width: 'narrow',
    address: '/signin/enrol',
    scripts: ['passkey', 'enrol'],
    content: html`${screenHead(setup ? t.setupTitle : t.enrolTitle, setup ? t.setupLead : t.enrolLead(shown.name))}
    ${problemNotice(shown.problem)}
    ${card({
      content: ceremony(t, {
        id: 'enrol',
        kind: 'create',
        options: '/signin/enrol/options',
        action: '/signin/enrol/passkey',
        label: t.createPasskey,
        content: setup ? setupFields(t) : undefined,
      }),
    })}
    ${
      shown.secretOff
        ? ''
        : card({
            title: t.enrolOther,
            lead: t.enrolOtherLead,
            content: linkButton('/signin/enrol/secret', t.enrolOtherGo),
          })
    }`,
  })
}

const setupFields = (t: SignInTexts): Markup =>
  html`${field({ name: 'name', label: t.name, autocomplete: 'name', required: true, maxlength: 120 })}
  ${field({ name: 'email', label: t.email, type: 'email', autocomplete: 'email', required: true, maxlength: 254 })}`

export function secretPage(shown: Screen & { offer: CodeOffer; email: string }): Markup {
  const t = signInTexts[shown.language]
  return page({
    language: shown.language,
    title: t.secretTitle,
    width: 'narrow',
    address: '/signin/enrol/secret',
    content: html`${screenHead(t.secretTitle, t.secretLead)} ${problemNotice(shown.problem)}
    ${form({
      action: '/signin/enrol/secret',
      hidden: { sealed: shown.offer.sealed },
      content: html`<input type="text" name="email" value="${shown.email}" autocomplete="username" hidden />
        ${field({
          name: 'secret',
          label: t.newSecret,
          hint: t.newSecretHint,
          type: 'password',
          autocomplete: 'new-password',
          required: true,
          minlength: 8,
          maxlength: 200,
        })}
        ${card({ title: t.scan, lead: t.scanLead, content: codeOffer(t, shown.offer) })}
        ${codeField(t.firstCode, t.codeHint)} ${button({ label: t.save })}`,
    })}`,
  })
}
