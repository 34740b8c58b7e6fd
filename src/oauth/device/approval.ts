/**
 * GET and POST /device: RFC 8628 §3.3. Somebody signed in types the device's code, compares it, and lets the device in or
 * not. Opening the page looks nothing up: only a form of ours does, at so many a minute and person, so that codes are not
 * guessed and no stranger's page spends a doctor's tries.
 */

import type { Context } from 'hono'
import { z } from 'zod'
import type { Client } from '../../clients/client.ts'
import { scopeNames } from '../../clients/scope.ts'
import { findClient } from '../../clients/store.ts'
import { Refusal } from '../../core/refusal.ts'
import { membershipsOf } from '../../people/memberships.ts'
import { requireSession } from '../../people/session-cookie.ts'
import type { Session } from '../../people/session.ts'
import type { Services } from '../../services.ts'
import { readForm } from '../../ui/body.ts'
import { paths, type OauthEnv } from '../accepted.ts'
import { decideNext, type Next } from '../authorize-decision.ts'
import { codePage, decidedPage, devicePage } from './pages.ts'
import { approve, deny } from './settle.ts'
import { findUndecided, type DeviceRequest } from './store.ts'
import { hashUserCode, readUserCode } from './user-code.ts'

const answerShape = z.object({
  user_code: z.string(),
  answer: z.enum(['given', 'denied']).optional(),
  membership: z.string().optional(),
})
type Answer = z.output<typeof answerShape>

export interface Waiting {
  /** As the device shows it. */
  code: string
  request: DeviceRequest
  client: Client
}

/** `user_code` in the address (§3.3.1) is typed for the person, and nothing else. */
export const enterCode = (c: Context<OauthEnv>): Response | Promise<Response> => {
  const code = readUserCode(c.req.query('user_code') ?? '')
  const { language } = c.get('context')
  const address = code === undefined ? paths.device : `${paths.device}?user_code=${code}`
  return c.html(codePage({ language, address, ...(code !== undefined && { code }) }))
}

/**
 * Refuses `user_code_unknown`, `slowed`, `no_membership`, `authentication_unmet`, `restricted`, `session_required`,
 * `cross_site`, `malformed_request`.
 */
export const answerDevice =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const session = requireSession(c)
    const answer = await readForm(c, answerShape)
    const { language } = c.get('context')
    const code = readUserCode(answer.user_code)
    c.set('drawRefusal', (row) =>
      codePage({ language, problem: row[language], code: code ?? answer.user_code.slice(0, 40) }),
    )
    const waiting = await requireWaiting(services, session, code)
    const next = await nextFor(services, session, waiting, answer)
    return answers[next.do](services, c, waiting, next as never)
  }

/** Each try counts, right or wrong: guesses that hit must not be free. Refuses `slowed`, `user_code_unknown`. */
async function requireWaiting(
  services: Services,
  { holder }: Session,
  code: string | undefined,
): Promise<Waiting> {
  const taken = await services.throttle.take('device-code', holder.id)
  if (!taken.allowed) throw new Refusal('slowed', { retryAfterSeconds: taken.retryAfterSeconds })
  const hash = code !== undefined && hashUserCode(services, code)
  const request = hash && (await findUndecided(services.db, hash, services.clock.now()))
  const client = request && (await findClient(services.db, request.client))
  if (!code || !request || !client) throw new Refusal('user_code_unknown')
  return { code, request, client }
}

/** As at the authorization endpoint, but always asked, and never by less than a passkey (§5.4: remote phishing). */
async function nextFor(
  services: Services,
  session: Session,
  { request, client }: Waiting,
  { answer, membership }: Answer,
): Promise<Next> {
  const { holder } = session
  if (holder.kind === 'operator') return { do: 'refuse', reason: 'no_membership' }
  if (answer === 'denied') return { do: 'refuse', reason: 'consent_denied' }
  const now = services.clock.now()
  return decideNext({
    request: {
      client,
      scopes: scopeNames(request.scope),
      literalReturn: false,
      prompts: [],
      acr: { values: ['garde:passkey', 'garde:passkey-hw'], essential: true },
    },
    session,
    memberships: await membershipsOf(services, holder.id, now),
    consented: undefined,
    choice: { ...(membership !== undefined && { membership }), ...(answer && { consent: answer }) },
    // A weaker sign-in than asked for counts as tried again only when it is later than the device's request.
    since: { at: request.createdAt, proof: undefined },
    proof: '',
    decide: (facts, at) => services.restrictions.decide(facts, at),
    now,
  })
}

type Answers = {
  [Do in Next['do']]: (
    services: Services,
    c: Context<OauthEnv>,
    waiting: Waiting,
    next: Extract<Next, { do: Do }>,
  ) => Promise<Response>
}

const answers: Answers = {
  'sign-in': async (_services, c, { code }, { stepUp }) => {
    const target = encodeURIComponent(`${paths.device}?user_code=${code}`)
    return c.redirect(`${stepUp ? '/signin/confirm' : '/signin'}?continue=${target}`, 303)
  },
  'ask-account': () => {
    throw new Error('a device asks for no account')
  },
  'ask-patient': () => {
    throw new Error('a device is opened on no patient')
  },
  ask: async (services, c, { code, client, request }, { among }) => {
    const { language, network } = c.get('context')
    return c.html(
      devicePage({
        language,
        code,
        clientName: client.name,
        scopes: scopeNames(request.scope),
        among,
        askedAt: request.createdAt,
        now: services.clock.now(),
        elsewhere: request.network !== network,
      }),
    )
  },
  grant: async (services, c, waiting, next) => {
    await approve(services, c, waiting, next)
    return c.html(decidedPage(c.get('context').language, { approved: true, clientName: waiting.client.name }))
  },
  refuse: async (services, c, waiting, { reason, detail }) => {
    if (reason !== 'consent_denied') throw new Refusal(reason, detail)
    await deny(services, c, waiting)
    return c.html(decidedPage(c.get('context').language, { approved: false }))
  },
}
