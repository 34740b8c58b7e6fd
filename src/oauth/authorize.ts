/**
 * GET and POST /oauth/authorize (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2), and /oauth/resume, where a request that
 * waited for a sign-in or an answer goes on: the same steps over the same parameters.
 */

import type { Context } from 'hono'
import type { Client } from '../clients/client.ts'
import { parseParameters } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Seconds } from '../core/time.ts'
import { findConsent } from '../grants/consent-store.ts'
import { findLaunch, type Launch } from '../grants/launch-store.ts'
import { membershipsOf } from '../people/memberships.ts'
import { browserHash, proofShown } from '../people/session-cookie.ts'
import type { Services } from '../services.ts'
import { askLanguage } from '../ui/language.ts'
import type { OauthEnv } from './accepted.ts'
import { arrivedRequest, requirePushed, requireSigned, type Arrived } from './arrived-request.ts'
import { answerNext, type Asked } from './authorize-next.ts'
import { withPatient } from './patient/choose.ts'
import { decideNext, type Next } from './authorize-decision.ts'
import { checkRequest, proveReturn, requireClient, type AuthorizeRequest } from './authorize-request.ts'
import { fieldsOf, parametersOf, requireField, type Fields } from './fields.ts'
import { readHint } from './id-token-hint.ts'
import { isAnswered } from './interaction-store.ts'
import { openInteraction } from './interaction.ts'
import { patientSearchIn } from './patient/search.ts'

type Answer = Promise<Response>

export const authorize =
  (services: Services) =>
  async (c: Context<OauthEnv>): Answer => {
    const fields = await fieldsToldOf(services, c)
    const client = await requireClient(services, fields)
    return proceed(services, c, client, await arrivedRequest(services, client, fields))
  }

/**
 * RFC 6749 §4.1.2.1: that something is there twice is told to the client, unless that leaves in doubt where to tell it
 * (RFC 9101 §5: beside a request object nothing is proven). Refuses `repeated_parameter`.
 */
async function fieldsToldOf(services: Services, c: Context<OauthEnv>): Promise<Fields> {
  const parameters = await parametersOf(c)
  const names = [...parameters.keys()]
  const elsewhere = parameters.has('request') || parameters.has('request_uri')
  if (new Set(names).size < names.length && !elsewhere) {
    const once = (name: string) =>
      parameters.getAll(name).length === 1 ? [[name, parameters.get(name)]] : []
    const clear = Object.fromEntries(['client_id', 'redirect_uri', 'state'].flatMap(once)) as Fields
    if (clear['client_id'] !== undefined && clear['redirect_uri'] !== undefined)
      c.set('answerTo', proveReturn(await requireClient(services, clear), clear))
  }
  return parseParameters(parameters)
}

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
    const { parameters } = interaction
    const client = await requireClient(services, parameters)
    return proceed(
      services,
      c,
      client,
      { parameters, way: 'bare' },
      { id, interaction, choice: choiceIn(c, fields) },
    )
  }

/** Answers count only when they were posted from our own page. */
const choiceIn = (
  c: Context<OauthEnv>,
  { account, membership, consent, patient, leave, ...sought }: Fields,
): Asked['choice'] =>
  c.req.method !== 'POST'
    ? {}
    : {
        ...(account && { account }),
        ...(membership && { membership }),
        ...((consent === 'given' || consent === 'denied') && { consent }),
        ...(patient && { patient }),
        ...(leave && { leave: true as const }),
        ...(sought['search'] && { search: patientSearchIn(sought) }),
      }

async function proceed(
  services: Services,
  c: Context<OauthEnv>,
  client: Client,
  { parameters, way }: Arrived,
  waited?: Pick<Asked, 'id' | 'interaction' | 'choice'>,
): Answer {
  const to = proveReturn(client, parameters)
  c.set('answerTo', to)
  if (!waited) {
    requirePushed(client, way)
    requireSigned(client, way)
  }
  const request = checkRequest(services, client, to.redirectUri, parameters)
  if (!waited && request.language) askLanguage(c, services.config.issuer, request.language)
  const asked: Asked = { choice: {}, ...waited, request, to, parameters }
  return answerNext(services, c, asked, await nextFor(services, c, asked))
}

async function nextFor(services: Services, c: Context<OauthEnv>, asked: Asked): Promise<Next> {
  const { request, choice, interaction } = asked
  const subject = await subjectOf(services, request)
  const session = c.get('session')
  if (!session) return signedOut(c, asked)
  const { holder } = session
  // Operators hold no patient scope and belong to no practice.
  if (holder.kind === 'operator') return { do: 'refuse', reason: 'no_membership' }
  const now = services.clock.now()
  const launch = await launchOf(services, request, now)
  const next = decideNext({
    request,
    session,
    choice,
    now,
    since: interaction && { at: interaction.createdAt, proof: interaction.proof },
    proof: proofShown(services, c),
    ...(subject !== undefined && { subject }),
    ...(launch && { launch }),
    memberships: await membershipsOf(services, holder.id, now),
    consented: await findConsent(services.db, holder.id, request.client.id),
    decide: (facts, at) => services.restrictions.decide(facts, at),
  })
  return withPatient(services, c, asked, next)
}

/** Looked at, not taken: it counts when there is something to grant. */
async function launchOf(
  { db, primitives }: Services,
  { launch, client, resource }: AuthorizeRequest,
  now: Seconds,
): Promise<Launch | 'gone' | undefined> {
  if (launch?.by !== 'token') return undefined
  const made = await findLaunch(db, hashSecret(primitives, launch.token), now)
  return made?.client === client.id && made.resource === resource ? made : 'gone'
}

/**
 * Whom the client means, by the claim `sub` or by an ID token it was given (OpenID Connect Core §3.1.2.1). Refuses
 * `malformed_request` for a token that is not ours or another client's, and where the two differ.
 */
async function subjectOf(services: Services, request: AuthorizeRequest): Promise<string | undefined> {
  const { idTokenHint, subject, client } = request
  if (!idTokenHint) return subject
  const hint = await readHint(services, idTokenHint)
  const hinted = hint?.client === client.id ? hint.session.holder.id : undefined
  if (hinted === undefined || (subject !== undefined && subject !== hinted))
    throw new Refusal('malformed_request', { fault: 'id_token_hint' })
  return hinted
}

/** Who is denied learns it here, not after another sign-in. */
function signedOut(c: Context<OauthEnv>, { request }: Asked): Next {
  const stopped = c.get('stopped')
  if (stopped?.reason === 'restricted') return { do: 'refuse', reason: 'restricted', detail: stopped.detail }
  if (request.prompts.includes('none')) return { do: 'refuse', reason: 'login_required' }
  return { do: 'sign-in', stepUp: false }
}
