/** How each "no" of the gateway looks: what happened in Garde's own words, and one next step. */

import { html } from 'hono/html'
import type { StepUp } from './garde.ts'
import type { No } from './gateway.ts'
import type { Markup, Screen } from './layout.ts'
import type { Texts } from './texts.ts'

const marks = {
  'signed-out': '🔓',
  'step-up': '🔑',
  suspended: '⏸',
  refused: '✋',
  missing: '∅',
  unavailable: '…',
} as const satisfies Record<No['kind'], string>

/** A card with the refusal; `returnTo` is where a new sign-in leads back to. */
export function notice({ t }: Screen, no: No, returnTo: string): Markup {
  const { title, message, action } = words[no.kind](
    t,
    returnTo,
    no.kind === 'step-up' ? no.stepUp : undefined,
  )
  return html`<section class="notice ${no.kind}" role="alert">
    <span class="mark" aria-hidden="true">${marks[no.kind]}</span>
    <div>
      <h2>${title}</h2>
      ${'message' in no && no.message !== undefined ? html`<p class="said">${no.message}</p>` : ''}
      <p>${message}</p>
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
