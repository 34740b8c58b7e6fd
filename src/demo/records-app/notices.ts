/** How each "no" of the gateway looks: what happened in Garde's own words, and one next step. */

import { html } from 'hono/html'
import type { StepUp } from './garde.ts'
import type { No } from './gateway.ts'
import type { Markup, Screen } from './layout.ts'
import type { Texts } from './texts.ts'

/** Drawn rather than typed: not every machine has a font with pictures. */
const marks: Record<No['kind'], string> = {
  'signed-out': 'M7 11V8a5 5 0 0 1 9.5-2M6 11h12v9H6z',
  'step-up': 'M14 7a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 11H3v4M6 11v3',
  suspended: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM10 9v6M14 9v6',
  refused: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM6 6l12 12',
  missing: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  unavailable: 'M12 3l10 18H2zM12 10v5M12 18v.1',
}

export const mark = (kind: No['kind']): Markup =>
  html`<svg class="mark" viewBox="0 0 24 24" width="32" height="32" aria-hidden="true">
    <path d="${marks[kind]}" />
  </svg>`

/** A card with the refusal. `returnTo`: where a new sign-in leads back to; `typed`: a form below still holds what was typed. */
export function notice({ t }: Screen, no: No, returnTo: string, typed = false): Markup {
  const { title, message, action } = words[no.kind](
    t,
    returnTo,
    no.kind === 'step-up' ? no.stepUp : undefined,
  )
  return html`<section class="notice ${no.kind}" role="alert">
    ${mark(no.kind)}
    <div>
      <h2>${title}</h2>
      ${'message' in no && no.message !== undefined ? html`<p class="said">${no.message}</p>` : ''}
      <p>${message}${typed ? ` ${t.kept}` : ''}</p>
      ${action}
    </div>
  </section>`
}

interface Words {
  title: string
  message: string
  action?: Markup
}

const link = (href: string, label: string): Markup => html`<a class="button" href="${href}">${label}</a>`

const words: Record<No['kind'], (t: Texts, returnTo: string, stepUp?: StepUp) => Words> = {
  'signed-out': (t, returnTo) => ({
    title: t.signedOutTitle,
    message: t.signedOutNext,
    action: link(signInPath(returnTo), t.signIn),
  }),
  'step-up': (t, returnTo, stepUp) => ({
    title: t.stepUpTitle,
    message: t.stepUpWhy,
    action: link(signInPath(returnTo, stepUp), t.stepUpNext),
  }),
  suspended: (t, returnTo) => ({
    title: t.suspendedTitle,
    message: t.suspendedNext,
    action: link(returnTo, t.retry),
  }),
  refused: (t) => ({ title: t.refusedTitle, message: t.refusedNext }),
  missing: (t) => ({ title: t.missingTitle, message: t.missingNext }),
  unavailable: (t, returnTo) => ({
    title: t.unavailableTitle,
    message: t.unavailableNext,
    action: link(returnTo, t.retry),
  }),
}

export function signInPath(returnTo: string, stepUp: StepUp = {}): string {
  const query = new URLSearchParams({ return: returnTo })
  if (stepUp.acrValues !== undefined) query.set('acr', stepUp.acrValues)
  if (stepUp.maxAge !== undefined) query.set('max_age', String(stepUp.maxAge))
  return `/sign-in?${query.toString()}`
}
