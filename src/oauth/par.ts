/**
 * POST /oauth/par: RFC 9126. The request is checked as it would be at the authorization endpoint, before any browser is
 * sent there; its name lives 60 s and is taken once.
 */

import type { Context } from 'hono'
import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import { pushedRequestSeconds, type OauthEnv } from './accepted.ts'
import { keptParameters } from './authorize-next.ts'
import { checkRequest, proveReturn } from './authorize-request.ts'
import { fieldsOf } from './fields.ts'
import { insertPushedRequest } from './pushed-request-store.ts'
import { requestUriPrefix } from './pushed-request.ts'
import { authenticateThrottled } from './token.ts'

export const pushedAuthorization =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const client = await authenticateThrottled(services, c, fields)
    c.set('client', client)
    // RFC 9126 §2.1.
    if (fields['request_uri'] !== undefined) throw new Refusal('malformed_request', { fault: 'request_uri' })
    if (profileRow(client.profile).kind === 'public') await slowStrangers(services, c)
    const parameters = keptParameters({ ...fields, client_id: client.id })
    const { to } = await proveReturn(services, parameters)
    checkRequest(services, client, to.redirectUri, { ...fields, ...parameters })
    const name = mintSecret()
    await insertPushedRequest(services.db, {
      requestHash: hashSecret(services.primitives, name),
      client: client.id,
      parameters,
      expiresAt: services.clock.now() + pushedRequestSeconds,
    })
    return c.json({ request_uri: `${requestUriPrefix}${name}`, expires_in: pushedRequestSeconds }, 201)
  }

/** Whoever proves nothing leaves a row all the same: so many a minute from one network. Refuses `slowed`. */
async function slowStrangers({ throttle }: Services, c: Context<OauthEnv>): Promise<void> {
  const taken = await throttle.take('token-source', c.get('context').network)
  if (!taken.allowed) throw new Refusal('slowed', { retryAfterSeconds: taken.retryAfterSeconds })
}
