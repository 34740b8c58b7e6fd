/** POST /oauth/token: RFC 6749 §3.2. The client proves who it is, then its grant type is a row of one table. */

import type { Context } from 'hono'
import type { Actor } from '../audit/event.ts'
import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import type { Proof } from '../tokens/dpop.ts'
import type { RequestContext } from '../web.ts'
import { paths, type OauthEnv } from './accepted.ts'
import { authenticateClient } from './client-authentication.ts'
import { fieldsOf, requireField, type Fields } from './fields.ts'
import { exchangeCode } from './grant-authorization-code.ts'
import { serveClient } from './grant-client-credentials.ts'
import { serveDevice } from './grant-device-code.ts'
import { actForPerson } from './grant-token-exchange.ts'
import { refresh } from './grant-refresh-token.ts'
import type { TokenAnswer } from './issue.ts'
import { proofOf, requireProof } from './proof.ts'

export interface TokenRequest {
  services: Services
  client: Client
  fields: Fields
  context: RequestContext
  /** The key that the tokens will be bound to. */
  proof: Proof | undefined
  /** From here on the caller has shown something only it can have: refusals are recorded under its name. */
  identify(actor: Actor): void
}

export const grantTypes = {
  authorization_code: exchangeCode,
  refresh_token: refresh,
  client_credentials: serveClient,
  'urn:ietf:params:oauth:grant-type:device_code': serveDevice,
  'urn:ietf:params:oauth:grant-type:token-exchange': actForPerson,
} as const satisfies Record<string, (request: TokenRequest) => Promise<TokenAnswer>>

export const token =
  (services: Services) =>
  async (c: Context<OauthEnv>): Promise<Response> => {
    const fields = await fieldsOf(c)
    const client = await authenticateThrottled(services, c, fields)
    c.set('client', client)
    const type = requireField(fields, 'grant_type')
    if (!Object.hasOwn(grantTypes, type)) throw new Refusal('unsupported_grant_type')
    if (!(client.grantTypes as readonly string[]).includes(type))
      throw new Refusal('grant_type_not_allowed', { client: client.id, type })
    const proof = await proofOf(c, services, paths.token, client)
    requireProof(client, proof)
    const answer = await grantTypes[type as keyof typeof grantTypes]({
      services,
      client,
      fields,
      context: c.get('context'),
      proof,
      identify: (actor) => c.set('actor', actor),
    })
    return c.json(answer)
  }

/** A source that guesses client credentials is slowed; one that succeeds never is. Refuses `slowed`. */
export async function authenticateThrottled(
  services: Services,
  c: Context<OauthEnv>,
  fields: Fields,
): Promise<Client> {
  try {
    const client = await authenticateClient(services, c.req.header('authorization'), fields)
    if (profileRow(client.profile).kind === 'confidential') c.set('actor', { kind: 'client', id: client.id })
    return client
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const taken = await services.throttle.take('token-source', c.get('context').network)
    if (taken.allowed) throw error
    throw new Refusal('slowed', { ...error.detail, retryAfterSeconds: taken.retryAfterSeconds })
  }
}
