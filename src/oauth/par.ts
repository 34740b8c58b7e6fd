/**
 * POST /oauth/par: RFC 9126. The request is checked as it would be at the authorization endpoint, before any browser is
 * sent there; its name lives 60 s and is taken once. It may come signed (§3): then only what is inside counts.
 */

import type { Context } from 'hono'
import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import type { Proof } from '../tokens/dpop.ts'
import { paths, pushedRequestSeconds, type OauthEnv } from './accepted.ts'
import { bareOrSigned, requestUriPrefix, requireSigned } from './arrived-request.ts'
import { keptParameters } from './authorize-next.ts'
import { checkRequest, proveReturn } from './authorize-request.ts'
import { fieldsOf, type Fields } from './fields.ts'
import { proofOf } from './proof.ts'
import { insertPushedRequest } from './pushed-request-store.ts'
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
    const proof = await proofOf(c, services, paths.pushed, client)
    const arrived = await bareOrSigned(services, client, fields)
    requireSigned(client, arrived.way)
    const said = boundTo(proof, { ...arrived.parameters, client_id: client.id })
    const parameters = keptParameters(said)
    checkRequest(services, client, proveReturn(client, parameters).redirectUri, said)
    const name = mintSecret()
    await insertPushedRequest(services.db, {
      requestHash: hashSecret(services.primitives, name),
      client: client.id,
      parameters,
      expiresAt: services.clock.now() + pushedRequestSeconds,
    })
    return c.json({ request_uri: `${requestUriPrefix}${name}`, expires_in: pushedRequestSeconds }, 201)
  }

/** RFC 9449 §10.1: a proof here is as good as its key's `dpop_jkt`, and beside another's it is refused. Refuses `proof_invalid`. */
function boundTo(proof: Proof | undefined, fields: Fields): Fields {
  if (!proof) return fields
  if ((fields['dpop_jkt'] ?? proof.jkt) !== proof.jkt)
    throw new Refusal('proof_invalid', { fault: 'dpop_jkt' })
  return { ...fields, dpop_jkt: proof.jkt }
}

/** Whoever proves nothing leaves a row all the same: so many a minute from one network. Refuses `slowed`. */
export async function slowStrangers({ throttle }: Services, c: Context<OauthEnv>): Promise<void> {
  const taken = await throttle.take('token-source', c.get('context').network)
  if (!taken.allowed) throw new Refusal('slowed', { retryAfterSeconds: taken.retryAfterSeconds })
}
