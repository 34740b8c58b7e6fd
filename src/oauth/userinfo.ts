/** GET and POST /oauth/userinfo: OpenID Connect Core §5.3. The token comes in the header only (RFC 6750 §2.1, RFC 9700). */

import type { Context } from 'hono'
import { includesScope, scopeNames } from '../clients/scope.ts'
import { Refusal } from '../core/refusal.ts'
import { factsOfGrant, fallOf, type Ground } from '../grants/grant.ts'
import { findGround } from '../grants/store.ts'
import type { Services } from '../services.ts'
import { isPerson, type PersonClaims } from '../tokens/claims.ts'
import { readShown, requireHolder } from '../tokens/dpop.ts'
import { paths, type OauthEnv } from './accepted.ts'
import { verifyAnyAudience } from './issued-token.ts'
import { claimsFor } from './person.ts'

/** Refuses `token_…`, `proof_…`, `session_ended`, `restricted`, `step_up_required`, `insufficient_scope`. */
export const userinfo =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const { claims, ground } = await requirePerson(services, c, paths.userinfo)
    if (!includesScope(claims.scope, 'openid')) throw new Refusal('insufficient_scope')
    const asked = { scopes: scopeNames(claims.scope), named: ground.grant.context.claims?.userinfo }
    return c.json({ sub: claims.sub, ...claimsFor(asked, ground, services) })
  }

/**
 * Whose access token the header shows, and what it stands on now. Refuses `token_…`, `proof_…`, `session_ended`,
 * `restricted`, `step_up_required`, and `insufficient_scope` to a service.
 */
export async function requirePerson(
  services: Services,
  c: Context<OauthEnv>,
  path: string,
): Promise<{ claims: PersonClaims; ground: Ground }> {
  const now = services.clock.now()
  const shown = readShown(c.req.header('authorization') ?? '')
  if (!shown) throw new Refusal('token_missing')
  const claims = await verifyAnyAudience(services, shown.token)
  const target = `${services.config.issuer}${path}`
  const at = { proof: c.req.header('dpop'), method: c.req.method, target }
  await requireHolder(services.proofs, shown, claims, at, now)
  if (!isPerson(claims)) throw new Refusal('insufficient_scope', { client: claims.sub })
  c.set('actor', { kind: 'practitioner', id: claims.sub })
  const ground = await findGround(services.db, claims.grant_id)
  if (!ground || fallOf(ground, now)) throw new Refusal('session_ended', { grant: claims.grant_id })
  const verdict = services.restrictions.decide(factsOfGrant(ground), now)
  if (!verdict.allow) throw new Refusal(verdict.reason, { by: verdict.by })
  return { claims, ground }
}
