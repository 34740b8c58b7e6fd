/** What a person sees who lets a device in: RFC 8628 §3.3. Nothing here needs a script. */

import { html } from 'hono/html'
import type { Language } from '../../core/language.ts'
import type { Seconds } from '../../core/time.ts'
import type { OpenMembership } from '../../people/memberships.ts'
import { card, notice, screenHead } from '../../ui/components.ts'
import { button, field, form } from '../../ui/forms.ts'
import { page, type Markup } from '../../ui/layout.ts'
import { spokenTime } from '../../ui/time.ts'
import { paths } from '../accepted.ts'
import { scopeList } from '../../ui/scope-list.ts'
import { practiceChoice } from '../pages.ts'
import { oauthTexts } from '../texts.ts'
import { deviceTexts } from './texts.ts'

export interface CodeEntry {
  language: Language
  /** From `verification_uri_complete`, or as it was typed. */
  code?: string
  problem?: string
  /** Left out where the page answers a form. */
  address?: string
}

export function codePage({ language, code, problem, address }: CodeEntry): Markup {
  const texts = deviceTexts[language]
  return page({
    language,
    title: texts.title,
    width: 'narrow',
    ...(address !== undefined && { address }),
    content: html`${screenHead(texts.title, texts.lead)}
    ${form({
      action: paths.device,
      content: [
        field({
          name: 'user_code',
          label: texts.code,
          hint: texts.codeHint,
          required: true,
          maxlength: 40,
          autocomplete: 'off',
          spellcheck: false,
          ...(code === undefined ? { autofocus: true } : { value: code }),
          ...(problem !== undefined && { problem }),
        }),
        button({ label: texts.continue }),
      ],
    })}`,
  })
}

export interface DeviceQuestion {
  language: Language
  code: string
  clientName: string
  scopes: string[]
  /** More than one: the person chooses. */
  among: OpenMembership[]
  askedAt: Seconds
  now: Seconds
  /** The device is on another network than this browser. */
  elsewhere: boolean
}

/** The code stands there to be compared, however the page was reached (§5.4). */
export function devicePage(question: DeviceQuestion): Markup {
  const { language, code, clientName, scopes, among, askedAt, now, elsewhere } = question
  const texts = deviceTexts[language]
  const words = oauthTexts[language]
  const only = among.length === 1 ? among[0] : undefined
  return page({
    language,
    title: texts.ask(clientName),
    width: 'narrow',
    content: html`${screenHead(texts.ask(clientName), texts.askLead(clientName, only?.practiceName))}
    ${card({
      content: html`<p>${texts.compare}</p>
        <p class="device-code"><code>${code}</code></p>
        <p class="hint">${texts.asked} ${spokenTime(askedAt, now, language)}.</p>`,
    })}
    ${notice({ tone: 'caution', content: elsewhere ? `${texts.elsewhere} ${texts.advice}` : texts.advice })}
    ${form({
      action: paths.device,
      hidden: { user_code: code },
      content: [
        only ? undefined : practiceChoice(words, among),
        html`<p>${texts.pending}</p>
          ${scopeList(language, scopes.join(' '))}
          <p class="hint">${texts.lasts}</p>`,
        button({ label: texts.allow, name: 'answer', value: 'given' }),
      ],
    })}
    ${form({
      action: paths.device,
      hidden: { user_code: code, answer: 'denied' },
      content: button({ label: texts.deny, kind: 'plain' }),
    })}`,
  })
}

export function decidedPage(
  language: Language,
  decided: { approved: true; clientName: string } | { approved: false },
): Markup {
  const texts = deviceTexts[language]
  const title = decided.approved ? texts.connected : texts.denied
  const lead = decided.approved ? texts.connectedLead(decided.clientName) : texts.deniedLead
  return page({ language, title, width: 'narrow', content: screenHead(title, lead) })
}
