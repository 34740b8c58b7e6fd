/** The signing keys: what each signs, in which state, since when, and what comes next; and revoking one. */

import { html } from 'hono/html'
import type { Seconds } from '../../core/time.ts'
import { movesOnAt, isKept, type KeyFacts, type KeyState } from '../../tokens/key-states.ts'
import { badge, card, code, notice, screenHead, table, type Tone } from '../../ui/components.ts'
import { button, field, form, linkButton } from '../../ui/forms.ts'
import type { Content, Markup } from '../../ui/layout.ts'
import { relativeTime, time } from '../../ui/time.ts'
import { consolePage, type ConsoleFrame } from '../pages.ts'
import { consoleTexts } from '../texts.ts'
import { keyTexts, type KeyTexts } from './texts.ts'

export interface KeysState {
  keys: readonly KeyFacts[]
  /** How long a key signs. */
  period: Seconds
  /** Digest of replacing all of them, which the passkey confirms. */
  confirms: string
}

/** What is typed to revoke it: `token ES256`. */
export const scopeOf = ({ use, alg }: Pick<KeyFacts, 'use' | 'alg'>): string => `${use} ${alg}`

const tones: Record<KeyState, Tone | undefined> = {
  next: 'info',
  current: 'good',
  retained: undefined,
  revoked: 'danger',
}

export function keysPage(frame: ConsoleFrame, { keys, period, confirms }: KeysState): Markup {
  const texts = keyTexts[frame.language]
  return consolePage(frame, {
    title: texts.title,
    section: 'keys',
    scripts: ['passkey'],
    content: [
      screenHead(texts.title, texts.lead),
      card({
        content: table({
          caption: texts.title,
          captionHidden: true,
          columns: [
            texts.key,
            texts.signs,
            texts.state,
            texts.since,
            texts.comesNext,
            { label: texts.revoke, hidden: true },
          ],
          rows: keys.map((key) => keyRow(frame, key, period, texts)),
          empty: texts.none,
        }),
      }),
      card({
        id: 'rotate',
        title: texts.rotate,
        lead: texts.rotateLead,
        content: form({
          action: '/console/keys/rotate',
          confirms: { act: confirms, cancelled: consoleTexts[frame.language].confirmCancelled },
          content: html`<p>
            ${button({ label: texts.rotate })} <span class="hint">${texts.rotateNeedsKey}</span>
          </p>`,
        }),
      }),
    ],
  })
}

const keyRow = (frame: ConsoleFrame, key: KeyFacts, period: Seconds, texts: KeyTexts): Content[] => [
  html`<span class="wrapped">${code(key.kid)}</span>`,
  html`${texts.uses[key.use]}<br /><span class="hint">${key.alg}</span>`,
  badge(texts.states[key.state], tones[key.state]),
  html`${time(key.stateAt ?? key.createdAt, frame.now, frame.language)}<br /><span class="hint"
      >${relativeTime(key.stateAt ?? key.createdAt, frame.now, frame.language)}</span
    >`,
  thenWords(frame, key, period, texts),
  key.state !== 'revoked' &&
    !isKept(key) &&
    linkButton(`/console/keys/${encodeURIComponent(key.kid)}/revoke`, texts.revoke, 'plain', key.kid),
]

function thenWords(frame: ConsoleFrame, key: KeyFacts, period: Seconds, texts: KeyTexts): Content {
  if (key.state === 'revoked') return texts.over
  if (key.state === 'next') return texts.startsAfter
  const at = movesOnAt(key, period)
  if (at === undefined) return texts.stays
  return html`${key.state === 'current' ? texts.replacedAt : texts.forgottenAt}
  ${time(at, frame.now, frame.language)}`
}

export interface RevokeState {
  key: KeyFacts
  /** Digest of revoking this very key. */
  confirms: string
  problem?: true
}

export function revokePage(frame: ConsoleFrame, { key, confirms, problem }: RevokeState): Markup {
  const texts = keyTexts[frame.language]
  const title = texts.revokeTitle(scopeOf(key))
  return consolePage(frame, {
    title,
    section: 'keys',
    scripts: ['passkey'],
    content: [
      screenHead(title, html`<span class="wrapped">${code(key.kid)}</span>`),
      notice({ tone: 'danger', title: texts.revokeLead, content: texts.stops[key.use] }),
      card({
        content: form({
          action: `/console/keys/${encodeURIComponent(key.kid)}/revoke`,
          confirms: { act: confirms, cancelled: consoleTexts[frame.language].confirmCancelled },
          content: [
            field({
              name: 'typed',
              label: texts.typed(scopeOf(key)),
              required: true,
              maxlength: 40,
              autocomplete: 'off',
              spellcheck: false,
              problem: problem && texts.typedWrong,
            }),
            html`<p class="row">
                ${button({ label: texts.revokeNow, kind: 'danger' })}
                ${linkButton('/console/keys', texts.cancel, 'quiet')}
              </p>
              <p class="hint">${texts.revokeNeedsKey}</p>`,
          ],
        }),
      }),
    ],
  })
}
