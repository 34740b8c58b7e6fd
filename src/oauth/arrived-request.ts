/**
 * How an authorization request comes: pushed (RFC 9126 §4), signed (RFC 9101), or as bare parameters; and which of them its
 * client must use. A pushed one is taken when the browser first brings its name, a signed one by its `jti`. A sign-in in
 * between needs neither again: by then the browser carries the request itself, sealed (`interaction.ts`).
 */

import type { Client } from '../clients/client.ts'
import { hasKeys } from '../clients/key-set.ts'
import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import type { Fields } from './fields.ts'
import { takePushedRequest } from './pushed-request-store.ts'
import { openRequestObject } from './request-object.ts'

export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

export interface Arrived {
  parameters: Fields
  way: 'bare' | 'signed' | 'pushed'
}

/**
 * What was pushed or signed, and nothing of what stands beside it. Refuses `request_uri_invalid`, `malformed_request`, and
 * what `openRequestObject` refuses.
 */
export async function arrivedRequest(services: Services, client: Client, fields: Fields): Promise<Arrived> {
  const { request, request_uri: address } = fields
  // RFC 9101 §5.
  if (request !== undefined && address !== undefined)
    throw new Refusal('malformed_request', { fault: 'request and request_uri' })
  if (address?.startsWith(requestUriPrefix))
    return { parameters: await takePushed(services, client, address), way: 'pushed' }
  return bareOrSigned(services, client, fields)
}

/** As it comes, or from within its signed object. A client without keys signs nothing: `checkRequest` says so. */
export const bareOrSigned = async (services: Services, client: Client, fields: Fields): Promise<Arrived> =>
  fields['request'] !== undefined && hasKeys(client.options)
    ? { parameters: await openRequestObject(services, client, fields['request']), way: 'signed' }
    : { parameters: fields, way: 'bare' }

async function takePushed(
  { db, primitives, clock }: Pick<Services, 'db' | 'primitives' | 'clock'>,
  client: Client,
  address: string,
): Promise<Fields> {
  const hash = hashSecret(primitives, address.slice(requestUriPrefix.length))
  const parameters = await takePushedRequest(db, hash, client.id, clock.now())
  if (!parameters) throw new Refusal('request_uri_invalid', { client: client.id })
  return parameters
}

/** By its profile, or by its own wish (RFC 9126 §6). Refuses `pushed_request_required`. */
export function requirePushed(client: Client, way: Arrived['way']): void {
  const demanded =
    profileRow(client.profile).pushedRequests === 'required' || client.options.pushedRequestsOnly === true
  if (demanded && way !== 'pushed') throw new Refusal('pushed_request_required', { client: client.id })
}

/** RFC 9101 §10.5. A pushed one was asked for its signature when it was pushed. Refuses `signed_request_required`. */
export function requireSigned(client: Client, way: Arrived['way']): void {
  if (client.options.signedRequestsOnly === true && way === 'bare')
    throw new Refusal('signed_request_required', { client: client.id })
}
