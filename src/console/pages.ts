/** What every screen of the security desk shares: its frame, and how people, scopes and restrictions are named. */

import { html } from 'hono/html'
import type { OperatorId, SessionId } from '../core/ids.ts'
import type { Language } from '../core/language.ts'
import type { Seconds } from '../core/time.ts'
import {
  reasonWords,
  type Author,
  type Effect,
  type Restriction,
  type Selector,
} from '../restrictions/restriction.ts'
import { badge, emptyState, type Tone } from '../ui/components.ts'
import { deviceName } from '../ui/device-name.ts'
import { linkButton } from '../ui/forms.ts'
import { page, type Content, type Markup } from '../ui/layout.ts'
import { spokenTime, time } from '../ui/time.ts'
import { consoleTexts, type ConsoleTexts } from './texts.ts'

/** Display names of ids; what is missing is shown as the id it is. */
export type Names = ReadonlyMap<string, string>
export const nameOf =
  (names: Names) =>
  (id: string): string =>
    names.get(id) ?? id

export interface ConsoleFrame {
  language: Language
  address?: string
  now: Seconds
  operator: { id: OperatorId; name: string; session: SessionId }
  names: Names
}

export type Section = keyof ConsoleTexts['sections']

const sectionAddress: Record<Section, string> = {
  now: '/console',
  events: '/console/events',
  cut: '/console/cut',
  clients: '/console/clients',
  keys: '/console/keys',
  audit: '/console/audit',
}

export interface Screen {
  title: string
  section?: Section
  content: Content
  scripts?: string[]
}

export function consolePage(frame: ConsoleFrame, { title, section, content, scripts }: Screen): Markup {
  const words = consoleTexts[frame.language].sections
  return page({
    language: frame.language,
    address: frame.address,
    title,
    content,
    scripts,
    width: 'wide',
    person: frame.operator.name,
    navigation: (Object.keys(words) as Section[]).map((name) => ({
      href: sectionAddress[name],
      label: words[name],
      current: name === section,
    })),
  })
}

export const effectWords = (effect: Effect, texts: ConsoleTexts): string =>
  effect.kind === 'quota' ? texts.effects.quota(effect.patients) : texts.effects[effect.kind]

const effectTone: Record<Effect['kind'], Tone> = {
  deny: 'danger',
  'read-only': 'caution',
  'step-up': 'caution',
  quota: 'caution',
}

export const effectBadge = (effect: Effect, texts: ConsoleTexts): Markup =>
  badge(effectWords(effect, texts), effectTone[effect.kind])

/** `cabinet des Tilleuls et application Dossiers`: every key must match, and every key is said. */
export function scopeWords(selector: Selector, names: Names, texts: ConsoleTexts): string {
  if ('everything' in selector) return texts.everything
  const parts = (Object.keys(texts.scopeOf) as (keyof ConsoleTexts['scopeOf'])[])
    .map((key) => ({ key, id: selector[key] }))
    .filter((part): part is { key: keyof ConsoleTexts['scopeOf']; id: never } => part.id !== undefined)
    .map(({ key, id }) => texts.scopeOf[key](nameOf(names)(id)))
  return parts.join(texts.and)
}

/** Opened and listed are counted apart; what has no words is shown as the name it is. */
export function ruleWords(rule: string, texts: ConsoleTexts): string {
  const name = rule.replace(/-listed$/, '')
  return `${texts.rules[name] ?? name}${name === rule ? '' : texts.onlyListed}`
}

export const authorWords = (author: Author, names: Names, texts: ConsoleTexts): string =>
  author.kind === 'rule' ? texts.rule(ruleWords(author.rule, texts)) : nameOf(names)(author.id)

export const expiryWords = (frame: ConsoleFrame, expiresAt: Seconds | undefined): string => {
  const texts = consoleTexts[frame.language]
  return expiresAt === undefined
    ? texts.untilLifted
    : texts.until(spokenTime(expiresAt, frame.now, frame.language))
}

export const deviceWords = (userAgent: string, network: string, texts: ConsoleTexts): Markup =>
  html`${deviceName(userAgent) ?? texts.unknownDevice}<br /><span class="hint">${network}</span>`

/** Restrictions as a list of small blocks: they are few, and each is read whole. */
export function restrictionList(
  frame: ConsoleFrame,
  restrictions: readonly Restriction[],
  empty: string,
): Markup {
  const texts = consoleTexts[frame.language]
  if (restrictions.length === 0) return emptyState(empty)
  return html`<ul class="blocks">
    ${restrictions.map(
      (restriction) =>
        html`<li class="block">
          <div class="row">
            ${effectBadge(restriction.effect, texts)}
            ${restriction.endsSessions && badge(texts.endsSessions, 'danger')}
          </div>
          <p class="block-title">${scopeWords(restriction.selector, frame.names, texts)}</p>
          <p>${reasonWords(restriction, frame.language)}</p>
          <p class="hint">
            ${authorWords(restriction.author, frame.names, texts)} ·
            ${time(restriction.createdAt, frame.now, frame.language)} ·
            ${expiryWords(frame, restriction.expiresAt)}
          </p>
          <p>
            ${linkButton(
              `/console/restrictions/${restriction.id}`,
              texts.seeOrLift,
              'plain',
              scopeWords(restriction.selector, frame.names, texts),
            )}
          </p>
        </li>`,
    )}
  </ul>`
}
