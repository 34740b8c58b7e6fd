/**
 * POST /oauth/revoke: RFC 7009, by any client for its own tokens. Either token of a grant ends the grant and everything
 * that came of it (§2.1 allows it for access tokens too): what a person gives back is given back whole.
 */

import type { Context } from 'hono'
import type { Client } from '../clients/client.ts'
import { Refusal } from '../core/refusal.ts'
import type { GrantId } from '../core/ids.ts'
import { hashSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import { isPerson } from '../tokens/claims.ts'
import type { OauthEnv } from './accepted.ts'
import { fieldsOf, requireField } from './fields.ts'
import { verified } from './issued-token.ts'
import { findRefreshToken } from './refresh-store.ts'
import { endWithTokens } from './reuse.ts'
import { authenticateThrottled } from './token.ts'

/**
 * 200 whether or not there was anything to end (§2.2). Refuses `client_unknown`, `client_authentication_failed`,
 * `malformed_request`, `token_not_revocable`.
 */
export const revoke =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const client = await authenticateThrottled(services, c, fields)
    c.set('client', client)
    const token = requireField(fields, 'token')
    const grant = token.includes('.')
      ? await grantOfAccessToken(services, client, token)
      : await grantOfRefreshToken(services, client, token)
    if (grant) await endWithTokens({ services, client, context: c.get('context') }, grant, 'revoked')
    return c.body(null, 200)
  }

/**
 * A service's own token hangs from no grant, and one it acts with hangs from somebody else's: both live 300 s at most, and
 * §2.2.1 has a word for that.
 */
async function grantOfAccessToken(
  services: Services,
  client: Client,
  token: string,
): Promise<GrantId | undefined> {
  const claims = await verified(services, token)
  if (!claims || claims.client_id !== client.id) return undefined
  if (!isPerson(claims) || claims.act) throw new Refusal('token_not_revocable', { client: client.id })
  return claims.grant_id
}

/** A spent one too: whoever gives back yesterday's wants no more of today's. */
const grantOfRefreshToken = async (
  { db, primitives }: Services,
  client: Client,
  token: string,
): Promise<GrantId | undefined> => {
  const found = await findRefreshToken(db, hashSecret(primitives, token))
  return found?.client === client.id ? found.grant : undefined
}
