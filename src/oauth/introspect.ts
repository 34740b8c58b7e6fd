/**
 * POST /oauth/introspect: RFC 7662, signed where asked (RFC 9701). A client may ask about its own tokens and those of the
 * audiences it is registered for. Of everything else, and of what opens nothing now, the answer is the same two words.
 */

import type { Context } from 'hono'
import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Seconds } from '../core/time.ts'
import { factsOfGrant, fallOf } from '../grants/grant.ts'
import { findGround } from '../grants/store.ts'
import type { Facts } from '../restrictions/facts.ts'
import { factsOfToken } from '../restrictions/token-facts.ts'
import type { Services } from '../services.ts'
import type { AccessClaims } from '../tokens/claims.ts'
import type { OauthEnv } from './accepted.ts'
import { fieldsOf, requireField } from './fields.ts'
import { findRefreshToken } from './refresh-store.ts'
import { verified } from './issued-token.ts'
import { authenticateThrottled } from './token.ts'

const signedType = 'application/token-introspection+jwt'

type Introspection = { active: false } | ({ active: true } & Record<string, unknown>)
const inactive: Introspection = { active: false }

/** Refuses `client_unknown`, `client_authentication_failed`, `malformed_request`, `state_unavailable`. */
export const introspect =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const client = await authenticateThrottled(services, c, fields)
    if (profileRow(client.profile).kind === 'public')
      throw new Refusal('client_authentication_failed', { client: client.id, fault: 'public client' })
    const token = requireField(fields, 'token')
    // A refresh token is one opaque word, an access token three between dots: no hint is needed (RFC 7662 §2.1).
    const said = token.includes('.')
      ? await accessToken(services, client, token)
      : await refreshToken(services, client, token)
    if (!(c.req.header('accept') ?? '').includes(signedType)) return c.json(said)
    return c.body(await signed(services, client, said), 200, { 'Content-Type': signedType })
  }

/** No query: what the token says, and what the journal says of it. */
async function accessToken(services: Services, client: Client, token: string): Promise<Introspection> {
  const claims = await verified(services, token)
  if (!claims) return inactive
  const mayKnow = claims.client_id === client.id || client.options.introspects?.includes(claims.aud) === true
  if (!mayKnow || stopped(services, factsOfToken(claims, true))) return inactive
  return {
    ...present(claims, shownOfTokens),
    active: true,
    token_type: claims.cnf ? 'DPoP' : 'Bearer',
  }
}

const shownOfTokens = [
  'scope',
  'client_id',
  'sub',
  'aud',
  'iss',
  'exp',
  'iat',
  'jti',
  'cnf',
  'act',
  'granted_to',
  'practice',
  'role',
  'sid',
  'acr',
  'amr',
  'auth_time',
  'patient',
  'encounter',
  'fhirUser',
] as const

const present = (claims: AccessClaims, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => names.includes(name)))

/** Where nobody knows what is restricted, nobody says that a token is good or bad. Refuses `state_unavailable`. */
function stopped({ restrictions, clock }: Services, facts: Facts): boolean {
  const verdict = restrictions.decide(facts, clock.now())
  if (!verdict.allow && verdict.reason === 'state_unavailable') throw new Refusal(verdict.reason)
  return !verdict.allow
}

/** Only its own: nobody else can use it. */
async function refreshToken(services: Services, client: Client, token: string): Promise<Introspection> {
  const now: Seconds = services.clock.now()
  const row = await findRefreshToken(services.db, hashSecret(services.primitives, token))
  if (!row || row.client !== client.id || row.takenAt !== null || row.expiresAt <= now) return inactive
  const ground = await findGround(services.db, row.grant)
  if (!ground || fallOf(ground, now)) return inactive
  if (stopped(services, factsOfGrant(ground))) return inactive
  const { grant, membership } = ground
  const { launch } = grant.context
  return {
    active: true,
    scope: grant.scope,
    client_id: grant.client,
    sub: grant.practitioner,
    aud: grant.resource,
    iss: services.config.issuer,
    exp: row.expiresAt,
    iat: row.issuedAt,
    ...(grant.jkt !== null && { cnf: { jkt: grant.jkt } }),
    practice: grant.practice,
    role: membership.role,
    sid: grant.session,
    acr: grant.acr,
    amr: grant.amr,
    auth_time: grant.authTime,
    ...(launch && { patient: launch.patient }),
    ...(launch?.encounter !== undefined && { encounter: launch.encounter }),
  }
}

/** RFC 9701 §5: about the caller's question, to the caller alone. */
const signed = (
  { keys, config, clock }: Services,
  client: Client,
  token_introspection: Introspection,
): Promise<string> =>
  keys.sign('token', 'token-introspection+jwt', {
    iss: config.issuer,
    aud: client.id,
    iat: clock.now(),
    token_introspection,
  })
