/** Which client asks, and how it proves it: RFC 6749 §2.3, OpenID Connect Core §9, RFC 7521 §4.2, by the client's profile row. */

import type { Client } from '../clients/client.ts'
import type { ClientAuthentication } from '../clients/profiles.ts'
import { fromBase64, text, utf8 } from '../core/bytes.ts'
import { parseId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import { assertionType, clientNamedBy, proveAssertion } from './client-assertion.ts'
import { requireField, type Fields } from './fields.ts'

interface Presented {
  id: string
  method: ClientAuthentication
  secret?: string
  assertion?: string
}

/** Refuses `malformed_request`, `client_unknown`, `client_authentication_failed`. */
export async function authenticateClient(
  services: Services,
  authorization: string | undefined,
  fields: Fields,
): Promise<Client> {
  const { primitives } = services
  const { id, method, secret, assertion } = presented(authorization, fields)
  const client = await services.findClient(parseId('client', id))
  if (!client) throw new Refusal('client_unknown')
  if (!client.authentication.includes(method))
    throw new Refusal('client_authentication_failed', { client: client.id, method })
  if (method === 'none') return client
  if (method === 'private_key_jwt') {
    await proveAssertion(services, client, assertion ?? '')
    return client
  }
  const sent = utf8(hashSecret(primitives, secret ?? ''))
  if (!primitives.equal(sent, utf8(client.secretHash ?? '')))
    throw new Refusal('client_authentication_failed', { client: client.id, method })
  return client
}

/** One method a request (RFC 6749 §2.3). */
function presented(authorization: string | undefined, fields: Fields): Presented {
  const { client_id: id = '', client_secret: secret, client_assertion: assertion } = fields
  if (assertion !== undefined || fields['client_assertion_type'] !== undefined) {
    if (authorization !== undefined || secret !== undefined)
      throw new Refusal('malformed_request', { fault: 'two client authentications' })
    return readAssertion(id, requireField(fields, 'client_assertion'), fields['client_assertion_type'])
  }
  if (authorization === undefined)
    return secret === undefined ? { id, method: 'none' } : { id, method: 'client_secret_post', secret }
  const basic = readBasic(authorization)
  if (secret !== undefined || (id !== '' && id !== basic.id))
    throw new Refusal('malformed_request', { fault: 'two client authentications' })
  return basic
}

/** RFC 7521 §4.2: `client_id` may be left out; where it is there, it is the one that the assertion names. */
function readAssertion(id: string, assertion: string, type: string | undefined): Presented {
  if (type !== assertionType)
    throw new Refusal('client_authentication_failed', { fault: 'client_assertion_type' })
  const named = clientNamedBy(assertion)
  if (id !== '' && id !== named) throw new Refusal('client_authentication_failed', { fault: 'client_id' })
  return { id: named, method: 'private_key_jwt', assertion }
}

/** RFC 6749 §2.3.1: both halves form-encoded, then joined. Any other scheme is not an authentication we know. */
function readBasic(authorization: string): Presented {
  const [scheme = '', credentials = ''] = authorization.split(' ')
  if (scheme.toLowerCase() !== 'basic') throw new Refusal('client_authentication_failed', { scheme: 'other' })
  try {
    const [id = '', secret = ''] = text(fromBase64(credentials)).split(':').map(formDecode)
    return { id, method: 'client_secret_basic', secret }
  } catch {
    throw new Refusal('client_authentication_failed', { fault: 'basic' })
  }
}

const formDecode = (value: string): string => decodeURIComponent(value.replaceAll('+', ' '))
