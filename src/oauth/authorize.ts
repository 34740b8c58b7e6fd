/**
 * GET and POST /oauth/authorize (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2), and /oauth/resume, where a request that
 * waited for a sign-in or an answer goes on: the same steps over the same parameters.
 */

import type { Context } from 'hono'
import { Refusal } from '../core/refusal.ts'
import { membershipsOf } from '../people/memberships.ts'
import { browserHash } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import type { OauthEnv } from './accepted.ts'
import { answerNext, type Asked } from './authorize-next.ts'
import { decideNext, type Next } from './authorize-decision.ts'
import { checkRequest, proveReturn } from './authorize-request.ts'
import { fieldsOf, requireField, type Fields } from './fields.ts'
import { findConsent, isAnswered } from './interaction-store.ts'
import { openInteraction } from './interaction.ts'

type Answer = Promise<Response>

export const authorize =
  (services: Services) =>
  async (c: Context<OauthEnv>): Answer =>
    proceed(services, c, await fieldsOf(c))

/** `id` names the waiting request; the browser that brought it must bring it back. Refuses `interaction_expired`. */
export const resume =
  (services: Services) =>
  async (c: Context<OauthEnv>): Answer => {
    const fields = await fieldsOf(c)
    const id = requireField(fields, 'id')
    const now = services.clock.now()
    const interaction = await openInteraction(services, browserHash(services, c), id, now)
    if (!interaction || (await isAnswered(services.db, interaction.idHash)))
      throw new Refusal('interaction_expired')
    return proceed(services, c, interaction.parameters, { id, interaction, choice: choiceIn(c, fields) })
  }

/** Answers count only when they were posted from our own page. */
const choiceIn = (c: Context<OauthEnv>, { membership, consent }: Fields): Asked['choice'] =>
  c.req.method !== 'POST'
    ? {}
    : {
        ...(membership && { membership }),
        ...((consent === 'given' || consent === 'denied') && { consent }),
      }

async function proceed(
  services: Services,
  c: Context<OauthEnv>,
  parameters: Fields,
  waited?: Pick<Asked, 'id' | 'interaction' | 'choice'>,
): Answer {
  const { client, to } = await proveReturn(services, parameters)
  c.set('answerTo', to)
  const request = checkRequest(services, client, to.redirectUri, parameters)
  const asked: Asked = { choice: {}, ...waited, request, to, parameters }
  return answerNext(services, c, asked, await nextFor(services, c, asked))
}

async function nextFor(services: Services, c: Context<OauthEnv>, asked: Asked): Promise<Next> {
  const { request, choice, interaction } = asked
  const session = c.get('session')
  if (!session) return signedOut(c, asked)
  const { holder } = session
  // Operators hold no patient scope and belong to no practice.
  if (holder.kind === 'operator') return { do: 'refuse', reason: 'no_membership' }
  const now = services.clock.now()
  return decideNext({
    request,
    session,
    choice,
    now,
    since: interaction?.createdAt,
    memberships: await membershipsOf(services, holder.id, now),
    consented: request.client.firstParty
      ? undefined
      : await findConsent(services.db, holder.id, request.client.id),
    decide: (facts, at) => services.restrictions.decide(facts, at),
  })
}

/** Who is denied learns it here, not after another sign-in. */
function signedOut(c: Context<OauthEnv>, { request }: Asked): Next {
  const stopped = c.get('stopped')
  if (stopped?.reason === 'restricted') return { do: 'refuse', reason: 'restricted', detail: stopped.detail }
  if (request.prompts.includes('none')) return { do: 'refuse', reason: 'login_required' }
  return { do: 'sign-in', stepUp: false }
}
