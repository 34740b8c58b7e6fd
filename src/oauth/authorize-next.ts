/** What follows from the decision: a sign-in, a question, a code, or a refusal. One row each. */

import type { Context } from 'hono'
import { scopeNames } from '../clients/scope.ts'
import { utf8 } from '../core/bytes.ts'
import { mintId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { saveConsent } from '../grants/consent-store.ts'
import { takeLaunch } from '../grants/launch-store.ts'
import { insertGrant } from '../grants/store.ts'
import { findHolder } from '../people/holder.ts'
import { browserHash, proofShown, requireSession } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import { eventHead } from '../web.ts'
import {
  codeSeconds,
  interactionBytes,
  paths,
  requestParameters,
  type OauthEnv,
  type Return,
} from './accepted.ts'
import { answerAddress } from './authorize-answer.ts'
import type { Next, Situation } from './authorize-decision.ts'
import { askPatient } from './patient/choose.ts'
import type { AuthorizeRequest } from './authorize-request.ts'
import { consentedTo } from './claims-parameter.ts'
import { insertCode } from './code-store.ts'
import type { Fields } from './fields.ts'
import { handOver } from './hand-over.ts'
import { takeInteraction } from './interaction-store.ts'
import { sealInteraction, type Interaction } from './interaction.ts'
import { accountPage, questionPage, type Question } from './pages.ts'

/** A checked request, its own parameters, and, where it has waited, under which name and what was answered. */
export interface Asked {
  request: AuthorizeRequest
  to: Return
  parameters: Fields
  choice: Situation['choice']
  id?: string
  interaction?: Interaction
}

type Answers = {
  [Do in Next['do']]: (
    services: Services,
    c: Context<OauthEnv>,
    asked: Asked,
    next: Extract<Next, { do: Do }>,
  ) => Response | Promise<Response>
}

const answers: Answers = {
  'sign-in': async (services, c, asked, { stepUp }) => {
    const id = asked.id ?? (await keepWaiting(services, c, asked))
    const { loginHint } = asked.request
    const query = new URLSearchParams({
      continue: resumeAddress(id),
      ...(!stepUp && loginHint && { email: loginHint }),
    })
    return c.redirect(`${stepUp ? '/signin/confirm' : '/signin'}?${query.toString()}`, 303)
  },
  'ask-account': async (services, c, asked) => {
    if (asked.id === undefined) return c.redirect(resumeAddress(await keepWaiting(services, c, asked)), 303)
    const { holder } = requireSession(c)
    const person = await findHolder(services, holder)
    return c.html(
      accountPage({
        language: c.get('context').language,
        id: asked.id,
        clientName: asked.request.client.name,
        account: { id: holder.id, name: person?.name ?? '', email: person?.email ?? '' },
      }),
    )
  },
  ask: async (services, c, asked, { among, consent, consented }) => {
    // A question has an address of its own, so that it survives a change of language or a reload.
    if (asked.id === undefined) return c.redirect(resumeAddress(await keepWaiting(services, c, asked)), 303)
    return c.html(
      questionPage({
        language: c.get('context').language,
        id: asked.id,
        clientName: asked.request.client.name,
        ...(asked.choice.account !== undefined && { account: asked.choice.account }),
        among,
        ...(consent && { consentTo: consentTo(asked.request, consented) }),
      }),
    )
  },
  'ask-patient': async (services, c, asked, next) => {
    const { id } = asked
    if (id === undefined) return c.redirect(resumeAddress(await keepWaiting(services, c, asked)), 303)
    const answer = await askPatient(services, c, { ...asked, id }, next)
    return answer === 'sign-in' ? answers[answer](services, c, asked, { do: answer, stepUp: true }) : answer
  },
  grant: async (services, c, asked, next) => {
    const code = await makeGrant(services, c, asked, next)
    const address = answerAddress(services.config.issuer, asked.to, { code })
    const { body, status, headers } = await handOver(c, address)
    return c.newResponse(body, status, headers)
  },
  refuse: (_services, _c, _asked, { reason, detail }) => {
    throw new Refusal(reason, detail)
  },
}

export const answerNext = <Do extends Next['do']>(
  services: Services,
  c: Context<OauthEnv>,
  asked: Asked,
  next: Extract<Next, { do: Do }>,
): Response | Promise<Response> => (answers[next.do] as Answers[Do])(services, c, asked, next)

/** What is new is told apart from what was allowed before; where nothing is, there is nothing to tell apart. */
function consentTo(
  request: AuthorizeRequest,
  consented: string | undefined,
): NonNullable<Question['consentTo']> {
  const before = scopeNames(consented ?? '')
  const all = consentedTo(request)
  const more = all.filter((scope) => !before.includes(scope))
  if (more.length === 0) return { now: all, already: [] }
  return { now: more, already: all.filter((scope) => before.includes(scope)) }
}

const resumeAddress = (id: string): string => `${paths.resume}?id=${id}`

const keepWaiting = (services: Services, c: Context<OauthEnv>, { parameters }: Asked): Promise<string> =>
  sealInteraction(services, browserHash(services, c), {
    parameters: keptParameters(parameters),
    at: services.clock.now(),
    proof: proofSeen(services, c),
  })

/** A form that another site posts comes without our cookies (SameSite=Lax): that none is there says nothing. */
function proofSeen(services: Services, c: Context<OauthEnv>): string | undefined {
  const proof = proofShown(services, c)
  return c.req.method === 'POST' && proof === '' ? undefined : proof
}

/** Those that mean something, if they may wait. Refuses `too_large`. */
export function keptParameters(parameters: Fields): Record<string, string> {
  const kept = requestParameters.flatMap((name) =>
    parameters[name] === undefined ? [] : [[name, parameters[name]] as const],
  )
  const waiting = Object.fromEntries(kept)
  if (utf8(JSON.stringify(waiting)).length > interactionBytes) throw new Refusal('too_large')
  return waiting
}

/** One transaction: the waiting request is taken, the consent kept, the grant and its code made, all recorded. */
async function makeGrant(
  services: Services,
  c: Context<OauthEnv>,
  { request, interaction }: Asked,
  { membership, consentGiven, consented, acr, launch }: Extract<Next, { do: 'grant' }>,
): Promise<string> {
  const { db, primitives, clock } = services
  const session = requireSession(c)
  const { practitioner, practice } = membership
  const now = clock.now()
  const head = eventHead(c.get('context'), { kind: 'practitioner', id: practitioner })
  const code = mintSecret()
  const grant = mintId('grant')
  const client = request.client.id
  const scope = request.scopes.join(' ')
  await db.transaction(async (tx) => {
    if (interaction && !(await takeInteraction(tx, interaction))) throw new Refusal('interaction_expired')
    if (request.launch?.by === 'token') {
      const of = { client, practitioner, practice, resource: request.resource }
      const hash = hashSecret(primitives, request.launch.token)
      if (!(await takeLaunch(tx, hash, of, now))) throw new Refusal('launch_invalid', { client })
    }
    if (consentGiven) {
      const wider = scopeNames(`${consented ?? ''} ${consentedTo(request).join(' ')}`).join(' ')
      await saveConsent(tx, { practitioner, client, scope: wider, givenAt: now })
    }
    await insertGrant(tx, head, {
      id: grant,
      client,
      practitioner,
      practice,
      membership: membership.id,
      session: session.id,
      scope,
      resource: request.resource,
      acr,
      amr: session.amr,
      authTime: session.authTime,
      nonce: request.nonce ?? null,
      jkt: null,
      context: { ...(request.claims && { claims: request.claims }), ...(launch && { launch }) },
      createdAt: now,
      endedAt: null,
    })
    await insertCode(tx, {
      codeHash: hashSecret(primitives, code),
      grant,
      client,
      redirectUri: request.redirectUri,
      codeChallenge: request.codeChallenge,
      jkt: request.jkt ?? null,
      expiresAt: now + codeSeconds,
    })
  })
  return code
}
