/** Tokens from a grant: access tokens of RFC 9068 as `tokens/claims.ts` says, ID tokens of OpenID Connect Core §2. */

import { idTokenAlgorithm } from '../clients/client.ts'
import { profileRow, type ProfileRow } from '../clients/profiles.ts'
import { coversScope, includesScope, narrowScopes, scopeNames } from '../clients/scope.ts'
import { base64url, randomBytes } from '../core/bytes.ts'
import type { GrantId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { Seconds } from '../core/time.ts'
import { record } from '../audit/store.ts'
import type { Db } from '../db/db.ts'
import { factsOfGrant, fallOf, type Ground } from '../grants/grant.ts'
import { bindGrant, findGround } from '../grants/store.ts'
import type { Services } from '../services.ts'
import type { PersonClaims } from '../tokens/claims.ts'
import { eventHead } from '../web.ts'
import { accessTokenSeconds } from './accepted.ts'
import { atHash } from './at-hash.ts'
import { mayReach } from './audience.ts'
import { claimsFor } from './person.ts'
import { bindsRefresh } from './proof.ts'
import { insertRefreshToken } from './refresh-store.ts'
import type { TokenRequest } from './token.ts'

/** RFC 6749 §5.1; `scope` is always there. */
export interface TokenAnswer {
  access_token: string
  /** RFC 8693 §2.2.1: only in the answer to an exchange. */
  issued_token_type?: string
  token_type: 'Bearer' | 'DPoP'
  expires_in: Seconds
  scope: string
  refresh_token?: string
  id_token?: string
  /** SMART App Launch 2.2, "Launch context arrives with your access_token". */
  patient?: string
  encounter?: string
  intent?: string
  need_patient_banner?: boolean
  /** The practice. */
  tenant?: string
}

/**
 * The grant with all it stands on, while it stands and no restriction stops it. Inside the transaction that took a code
 * or refresh token, so that a refusal gives it back: a lifted restriction must not cost a sign-in. Refuses `grant_ended`,
 * `restricted`, `session_ended`, `step_up_required`, `state_unavailable`.
 */
export async function requireGround(services: Services, tx: Db, id: GrantId): Promise<Ground> {
  const now = services.clock.now()
  const ground = await findGround(tx, id)
  if (!ground) throw new Error('a grant outlived what it stands on')
  const fall = fallOf(ground, now)
  if (fall) throw new Refusal('grant_ended', { fall })
  const verdict = services.restrictions.decide(factsOfGrant(ground), now)
  if (!verdict.allow) throw new Refusal(verdict.reason, { by: verdict.by })
  return ground
}

/** `asked`: fewer scopes than granted (RFC 6749 §6). `nonce`: only in the answer to a code. */
export async function issueTokens(
  { services, client, fields, context, proof }: TokenRequest,
  tx: Db,
  ground: Ground,
  by: 'code' | 'refresh' | 'device',
): Promise<TokenAnswer> {
  const { grant } = ground
  const scope = narrowedScope(ground, fields['scope'])
  checkAudience(services, ground, fields['resource'])
  const claims = { ...accessClaims(services, ground, scope), ...(proof && { cnf: { jkt: proof.jkt } }) }
  if (proof && grant.jkt === null && bindsRefresh(client.profile)) await bindGrant(tx, grant.id, proof.jkt)
  const token = await services.keys.sign('token', 'at+jwt', { ...claims })
  const nonce = by === 'code' ? grant.nonce : null
  await record(tx, {
    ...eventHead(context, { kind: 'client', id: grant.client }),
    kind: 'token.issued',
    grant: grant.id,
    client: grant.client,
    practitioner: grant.practitioner,
    jti: claims.jti,
    expiresAt: claims.exp,
    by,
  })
  return {
    access_token: token,
    token_type: proof ? 'DPoP' : 'Bearer',
    expires_in: claims.exp - claims.iat,
    scope,
    ...(includesScope(grant.scope, 'offline_access') &&
      givesRefresh[profileRow(client.profile).refresh](by) && {
        refresh_token: await rotate(services, tx, ground),
      }),
    ...(includesScope(scope, 'openid') && { id_token: await idToken(services, ground, scope, token, nonce) }),
    ...launchedOn(grant),
  }
}

/** FAPI 2.0 §5.3.2.1-9: one that is not rotated is given once and stays good. */
const givesRefresh: Record<ProfileRow['refresh'], (by: 'code' | 'refresh' | 'device') => boolean> = {
  rotated: () => true,
  bound: (by) => by !== 'refresh',
  none: () => false,
}

/** The same at each refresh. */
function launchedOn({ context: { launch }, practice }: Ground['grant']): Partial<TokenAnswer> {
  if (!launch) return {}
  const { needPatientBanner, ...known } = launch
  return { ...known, need_patient_banner: needPatientBanner, tenant: practice }
}

/** What was granted, what the client may still have, and what it asks for now. Refuses `scope_not_allowed`. */
function narrowedScope({ grant, client }: Ground, asked: string | undefined): string {
  const granted = scopeNames(grant.scope)
  const wanted = asked === undefined ? granted : scopeNames(asked)
  const scope = narrowScopes(wanted, client.scopes).granted
  if (scope.length === 0 || wanted.some((name) => !coversScope(granted, name)))
    throw new Refusal('scope_not_allowed', { client: grant.client })
  return scope.join(' ')
}

/** RFC 8707 §2.2: the audience was chosen at the authorization endpoint. Refuses `resource_unknown`. */
function checkAudience(services: Services, { grant, client }: Ground, asked: string | undefined): void {
  if (!mayReach(services, client, grant.resource) || (asked !== undefined && asked !== grant.resource))
    throw new Refusal('resource_unknown', { client: grant.client })
}

/** RFC 9068 §2.2. It ends with the session, and with the membership, at the latest. */
function accessClaims(services: Services, ground: Ground, scope: string): PersonClaims {
  const { config, clock } = services
  const { grant, session, membership } = ground
  const { launch } = grant.context
  const now = clock.now()
  return {
    iss: config.issuer,
    sub: grant.practitioner,
    aud: grant.resource,
    exp: Math.min(now + accessTokenSeconds, session.endsAt, membership.endAt ?? Infinity),
    iat: now,
    jti: base64url(randomBytes(16)),
    client_id: grant.client,
    scope,
    sid: grant.session,
    acr: grant.acr,
    amr: grant.amr,
    auth_time: grant.authTime,
    practice: grant.practice,
    role: membership.role,
    grant_id: grant.id,
    ...(membership.role === 'secretary' && { doctors: membership.doctors }),
    ...session.facts,
    ...(launch && { patient: launch.patient }),
    ...(launch?.encounter !== undefined && { encounter: launch.encounter }),
    ...fhirUserFor(services, ground, scope),
  }
}

/** For whoever is told of the token (RFC 7662): that is asked often, and then reads no row. */
const fhirUserFor = (services: Services, ground: Ground, scope: string): Pick<PersonClaims, 'fhirUser'> => {
  const { fhirUser } = claimsFor({ scopes: scopeNames(scope), named: undefined }, ground, services)
  return includesScope(scope, 'openid') && fhirUser !== undefined ? { fhirUser } : {}
}

async function idToken(
  services: Services,
  ground: Ground,
  scope: string,
  accessToken: string,
  nonce: string | null,
): Promise<string> {
  const { config, clock, keys } = services
  const { grant } = ground
  const now = clock.now()
  const alg = idTokenAlgorithm(ground.client)
  const claims = {
    ...claimsFor({ scopes: scopeNames(scope), named: grant.context.claims?.id_token }, ground, services),
    iss: config.issuer,
    sub: grant.practitioner,
    aud: grant.client,
    exp: now + accessTokenSeconds,
    iat: now,
    auth_time: grant.authTime,
    acr: grant.acr,
    amr: grant.amr,
    sid: grant.session,
    at_hash: await atHash(accessToken, alg),
    ...(nonce !== null && { nonce }),
  }
  return keys.sign('token', 'JWT', claims, alg)
}

/** The next refresh token; it ends with the session. */
async function rotate({ primitives, clock }: Services, tx: Db, { grant, session }: Ground): Promise<string> {
  const token = mintSecret()
  await insertRefreshToken(tx, {
    tokenHash: hashSecret(primitives, token),
    grant: grant.id,
    issuedAt: clock.now(),
    expiresAt: session.endsAt,
  })
  return token
}
