/**
 * `client_credentials`: RFC 6749 §4.4, SMART App Launch 2.2 (Backend Services). A token of the client's own, for its one
 * practice: nobody's session, no refresh token, 300 s at most. One query, and one row of the audit that many may share.
 */

import type { Client } from '../clients/client.ts'
import { isServiceScope, narrowScopes, scopeNames } from '../clients/scope.ts'
import { base64url, randomBytes } from '../core/bytes.ts'
import type { PracticeId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import type { ServiceClaims } from '../tokens/claims.ts'
import { eventHead } from '../web.ts'
import { accessTokenSeconds } from './accepted.ts'
import type { TokenAnswer } from './issue.ts'
import type { TokenRequest } from './token.ts'

/** Refuses `scope_not_allowed`, `resource_unknown`, `restricted`, `state_unavailable`, `audit_unavailable`. */
export async function serveClient({
  services,
  client,
  fields,
  context,
  proof,
}: TokenRequest): Promise<TokenAnswer> {
  const scope = serviceScope(client, fields['scope'])
  const aud = serviceResource(services, client, fields['resource'])
  const claims = { ...serviceClaims(services, client, scope, aud), ...(proof && { cnf: { jkt: proof.jkt } }) }
  const token = await services.keys.sign('token', 'at+jwt', { ...claims })
  await services.recorder.record({
    ...eventHead(context, { kind: 'client', id: client.id }),
    kind: 'service-token.issued',
    client: client.id,
    practice: claims.practice,
    jti: claims.jti,
    scope,
    expiresAt: claims.exp,
  })
  const token_type = proof ? 'DPoP' : 'Bearer'
  return { access_token: token, token_type, expires_in: claims.exp - claims.iat, scope }
}

/** As much of each scope as it has; all it has where none is asked for. Refuses `scope_not_allowed`. */
function serviceScope({ id, scopes }: Client, asked: string | undefined): string {
  const held = scopes.filter(isServiceScope)
  const { granted, refused } = narrowScopes(asked === undefined ? held : scopeNames(asked), held)
  if (granted.length === 0 || refused.length > 0) throw new Refusal('scope_not_allowed', { client: id })
  return granted.join(' ')
}

/** RFC 8707 §2: its only resource, or the one it names. Refuses `resource_unknown`. */
function serviceResource(
  { resources }: Pick<Services, 'resources'>,
  client: Client,
  asked: string | undefined,
): string {
  const named = asked ?? (client.resources.length === 1 ? client.resources[0] : undefined)
  if (named === undefined || !client.resources.includes(named) || !resources.findByAudience(named))
    throw new Refusal('resource_unknown', { client: client.id })
  return named
}

/** RFC 9068 §2.2. What ends sessions later than the journal's sequence it was judged on ends it too. */
function serviceClaims(services: Services, client: Client, scope: string, aud: string): ServiceClaims {
  const now = services.clock.now()
  const practice = practiceOf(client)
  const verdict = services.restrictions.decide({ client: client.id, practice, safe: true }, now)
  if (!verdict.allow) throw new Refusal(verdict.reason, { by: verdict.by })
  const { patientsPerDay } = client.options
  return {
    iss: services.config.issuer,
    sub: client.id,
    aud,
    exp: now + accessTokenSeconds,
    iat: now,
    jti: base64url(randomBytes(16)),
    client_id: client.id,
    scope,
    practice,
    session_started_at: now,
    session_sequence: verdict.basis.sequence,
    ...(patientsPerDay !== undefined && { patients_per_day: patientsPerDay }),
  }
}

function practiceOf({ id, practice }: Client): PracticeId {
  if (practice === undefined) throw new Error(`client ${id} serves nobody`)
  return practice
}
