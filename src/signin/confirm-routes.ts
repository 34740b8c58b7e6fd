/** /signin/confirm: a fresh passkey for the session that is open, to go on (step-up) or for one act of another page. */

import type { Hono } from 'hono'
import { z } from 'zod'
import { confirmationOptions } from '../people/confirmation.ts'
import { findHolder } from '../people/holder.ts'
import type { Needs } from '../people/needs.ts'
import { listPasskeys } from '../people/own-passkeys.ts'
import { assertionOptions, verifyAssertion } from '../people/passkey.ts'
import { stepUp } from '../people/session.ts'
import { browserHash, requireSession } from '../people/session-cookie.ts'
import { eventHead, type Env } from '../web.ts'
import { continuePath, homeOf } from './flow.ts'
import { readJson, setCookies } from './form-routes.ts'
import { confirmPage } from './pages.ts'

const optionsBody = z.object({
  /** Digest of the act to confirm; a step-up of the session when absent. */
  act: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
})
const answerBody = z.object({ answer: z.unknown(), continue: z.string().optional() })

export function addConfirmRoutes(routes: Hono<Env>, services: Needs): void {
  routes.get('/signin/confirm', async (c) => {
    const session = c.get('session')
    const target = continuePath(c.req.query('continue'))
    // Whoever has no passkey proves themselves afresh as they signed in.
    if (!session || (await listPasskeys(services, session.holder)).length === 0)
      return c.redirect(target ? `/signin?continue=${encodeURIComponent(target)}` : '/signin', 303)
    const card = await findHolder(services, session.holder)
    return c.html(
      confirmPage({
        language: c.get('context').language,
        continue: target ?? homeOf(session.holder),
        person: card?.name ?? '',
      }),
    )
  })

  routes.post('/signin/confirm/options', async (c) => {
    const session = requireSession(c)
    const { act } = await readJson(c, optionsBody)
    const browser = browserHash(services, c)
    const purpose = { for: 'step-up', session: session.id } as const
    return c.json(
      act === undefined
        ? await assertionOptions(services, browser, purpose, session.holder)
        : await confirmationOptions(services, session, browser, act),
    )
  })

  routes.post('/signin/confirm', async (c) => {
    const session = requireSession(c)
    const body = await readJson(c, answerBody)
    const head = eventHead(c.get('context'), session.holder)
    const { holder, acr, amr, credential } = await verifyAssertion(
      services,
      body.answer,
      browserHash(services, c),
      { for: 'step-up', session: session.id },
      head,
      session.holder,
    )
    setCookies(c, await stepUp(services, session, { acr, amr, ...(credential && { credential }) }, head))
    return c.json({ continue: continuePath(body.continue) ?? homeOf(holder) })
  })
}
