/**
 * `token-exchange`: RFC 8693. A service acts for the person whose access token it was handed: a token of its own, which
 * says so (`act`), for no more scopes, no longer, on the same session and grant. Nobody is impersonated: without `act`
 * nothing is issued. No refresh token.
 */

import type { Client } from '../clients/client.ts'
import { coversScope, launchScopes, narrowScopes, openidScopes, scopeNames } from '../clients/scope.ts'
import { base64url, randomBytes } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import { fallOf, type Ground } from '../grants/grant.ts'
import { findGround } from '../grants/store.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import type { Services } from '../services.ts'
import { isPerson, type AccessClaims, type Act, type PersonClaims } from '../tokens/claims.ts'
import { eventHead } from '../web.ts'
import { accessTokenSeconds } from './accepted.ts'
import { requireField, type Fields } from './fields.ts'
import type { TokenAnswer } from './issue.ts'
import { verified } from './issued-token.ts'
import type { TokenRequest } from './token.ts'

/** RFC 8693 §3: what we issue, and take. */
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'

/** Services that a call may pass through, one acting for the one before. */
const mostActors = 3

/**
 * Refuses `malformed_request`, `subject_token_invalid`, `actor_token_invalid`, `acting_not_allowed`, `proof_required`,
 * `scope_not_allowed`, `resource_unknown`, `state_unavailable`, `audit_unavailable`.
 */
export async function actForPerson(request: TokenRequest): Promise<TokenAnswer> {
  const { services, client, fields, proof } = request
  checkTypes(fields)
  const subject = await requireSubject(services, client, requireField(fields, 'subject_token'))
  await checkActor(request)
  // A token that only its key's holder could use must not become one that anybody can.
  if (subject.cnf && !proof) throw new Refusal('proof_required', { client: client.id })
  const ground = await requireStanding(services, subject)
  const aud = requireTarget(services, client, ground, subject, fields)
  const claims: PersonClaims = {
    ...carriedOver(subject, aud),
    ...actedBy(client, subject),
    ...within(services, subject),
    aud,
    scope: narrowedScope(client, subject, fields['scope']),
    ...(proof && { cnf: { jkt: proof.jkt } }),
  }
  requireUnrestricted(services, claims)
  return issue(request, subject, claims)
}

/** §2.1: an access token for an access token; a type without its token says nothing. */
function checkTypes(fields: Fields): void {
  const { subject_token_type: subject, requested_token_type: requested = accessTokenType } = fields
  const { actor_token: actor, actor_token_type: actorType } = fields
  const fault =
    (subject !== accessTokenType && 'subject_token_type') ||
    (requested !== accessTokenType && 'requested_token_type') ||
    (actorType !== (actor === undefined ? undefined : accessTokenType) && 'actor_token_type')
  if (fault) throw new Refusal('malformed_request', { fault })
}

/** A person's, given to a client on whose tokens this one may act. Refuses `subject_token_invalid`, `acting_not_allowed`. */
async function requireSubject(services: Services, client: Client, token: string): Promise<PersonClaims> {
  const claims = await verified(services, token)
  if (!claims) throw new Refusal('subject_token_invalid', { client: client.id })
  if (!isPerson(claims)) throw new Refusal('subject_token_invalid', { client: client.id, fault: 'service' })
  if (!client.options.actsOnTokensOf?.includes(claims.client_id))
    throw new Refusal('acting_not_allowed', { client: client.id, of: claims.client_id })
  if (actorsOf(claims.act).length >= mostActors)
    throw new Refusal('subject_token_invalid', { client: client.id, fault: 'chain' })
  return claims
}

const actorsOf = (act: Act | undefined): Act[] => (act ? [act, ...actorsOf(act.act)] : [])

/** The client has proven itself already; a token it shows beside must be its own, shown as what it is. */
async function checkActor({ services, client, fields, proof }: TokenRequest): Promise<void> {
  const token = fields['actor_token']
  if (token === undefined) return
  const claims = await verified(services, token)
  const its = claims && !isPerson(claims) && claims.client_id === client.id
  const held = claims?.cnf === undefined || claims.cnf.jkt === proof?.jkt
  const { allow } = claims ? verdictOn(services, claims) : { allow: false }
  if (!its || !held || !allow) throw new Refusal('actor_token_invalid', { client: client.id })
}

/** What the token stands on still stands: session, membership, person, grant, and the client that was let in. */
async function requireStanding(services: Services, { grant_id }: PersonClaims): Promise<Ground> {
  const ground = await findGround(services.db, grant_id)
  const fall = ground ? fallOf(ground, services.clock.now()) : 'grant'
  if (!ground || fall) throw new Refusal('subject_token_invalid', { grant: grant_id, fall })
  return ground
}

/**
 * Who, for which practice, by which sign-in: fixed facts that no exchange moves. Ids of one API's records stay there: in
 * another's they are somebody else.
 */
function carriedOver({ cnf: _cnf, act: _act, ...subject }: PersonClaims, aud: string): PersonClaims {
  const { patient: _patient, encounter: _encounter, fhirUser: _fhirUser, ...rest } = subject
  return aud === subject.aud ? subject : rest
}

/** §4.1: the newest actor outermost. `granted_to` stays the client whom the person let in. */
const actedBy = (
  { id }: Client,
  { act, client_id, granted_to = client_id }: PersonClaims,
): Pick<PersonClaims, 'client_id' | 'granted_to' | 'act'> => ({
  client_id: id,
  granted_to,
  act: { sub: id, ...(act && { act }) },
})

/** Never longer than the token it came from. */
function within({ clock }: Services, { exp }: PersonClaims): Pick<PersonClaims, 'iat' | 'exp' | 'jti'> {
  const now = clock.now()
  return { iat: now, exp: Math.min(exp, now + accessTokenSeconds), jti: base64url(randomBytes(16)) }
}

/**
 * §2.1, RFC 8707: the same API, or another that both this client and the one the person let in are registered for: no
 * exchange reaches what the application could not have asked for. Refuses `resource_unknown`.
 */
function requireTarget(
  { resources }: Pick<Services, 'resources'>,
  client: Client,
  ground: Ground,
  subject: PersonClaims,
  { resource, audience }: Fields,
): string {
  const target = resource ?? audience ?? subject.aud
  const agreed = resource === undefined || audience === undefined || resource === audience
  const open = [client, ground.client].every(({ resources: its }) => its.includes(target))
  if (!agreed || !open || !resources.findByAudience(target))
    throw new Refusal('resource_unknown', { client: client.id })
  return target
}

/** Those of sign-in and of launches are no records: nobody signs in here, and nothing is launched. */
const signIn: readonly string[] = [...openidScopes, ...launchScopes]

/**
 * Of the records that the token opens, those that this client is registered for; or what it asks for, where that is no
 * more than both. Refuses `scope_not_allowed`.
 */
function narrowedScope(client: Client, subject: PersonClaims, asked: string | undefined): string {
  const held = scopeNames(subject.scope).filter((name) => !signIn.includes(name))
  const open = asked === undefined ? narrowScopes(held, client.scopes).granted : scopeNames(asked)
  const covered = open.every((name) => coversScope(held, name) && coversScope(client.scopes, name))
  if (open.length === 0 || !covered) throw new Refusal('scope_not_allowed', { client: client.id })
  return open.join(' ')
}

/** Whoever is cut, the person, the client they let in or one that acts: RFC 8693 §2.2.2 has one word for it. */
function requireUnrestricted(services: Services, claims: PersonClaims): void {
  const verdict = verdictOn(services, claims)
  if (verdict.allow) return
  if (verdict.reason === 'state_unavailable') throw new Refusal(verdict.reason)
  throw new Refusal('subject_token_invalid', { stopped: verdict.reason, by: verdict.by })
}

const verdictOn = ({ restrictions, clock }: Services, claims: AccessClaims) =>
  restrictions.decide(factsOfToken(claims, true), clock.now())

/** Recorded with the token it came from, so that a chain can be walked back. */
async function issue(
  { services, client, context, proof }: TokenRequest,
  subject: PersonClaims,
  claims: PersonClaims,
): Promise<TokenAnswer> {
  const token = await services.keys.sign('token', 'at+jwt', { ...claims })
  await services.recorder.record({
    ...eventHead(context, { kind: 'client', id: client.id }),
    kind: 'token.issued',
    grant: claims.grant_id,
    client: client.id,
    practitioner: claims.sub,
    jti: claims.jti,
    expiresAt: claims.exp,
    by: 'exchange',
    from: subject.jti,
  })
  return {
    access_token: token,
    issued_token_type: accessTokenType,
    token_type: proof ? 'DPoP' : 'Bearer',
    expires_in: claims.exp - claims.iat,
    scope: claims.scope,
  }
}
