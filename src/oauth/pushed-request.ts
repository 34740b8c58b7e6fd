/**
 * An authorization request that was pushed (RFC 9126 §4), taken when the browser first brings its name. A sign-in in
 * between does not need it again: by then the browser carries the request itself, sealed (`interaction.ts`).
 */

import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { parseId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Services } from '../services.ts'
import type { Fields } from './fields.ts'
import { takePushedRequest } from './pushed-request-store.ts'

export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:'

export interface Arrived {
  parameters: Fields
  pushed: boolean
}

/** What was pushed, and nothing of what stands beside its name. Refuses `request_uri_invalid`. */
export async function arrivedRequest(
  { db, primitives, clock }: Pick<Services, 'db' | 'primitives' | 'clock'>,
  fields: Fields,
): Promise<Arrived> {
  const address = fields['request_uri']
  if (!address?.startsWith(requestUriPrefix)) return { parameters: fields, pushed: false }
  const client = parseId('client', fields['client_id'])
  const hash = hashSecret(primitives, address.slice(requestUriPrefix.length))
  const parameters = await takePushedRequest(db, hash, client, clock.now())
  if (!parameters) throw new Refusal('request_uri_invalid', { client })
  return { parameters, pushed: true }
}

/** By its profile, or by its own wish (RFC 9126 §6). Refuses `pushed_request_required`. */
export function requirePushed(client: Client, pushed: boolean): void {
  const demanded =
    profileRow(client.profile).pushedRequests === 'required' || client.options.pushedRequestsOnly === true
  if (demanded && !pushed) throw new Refusal('pushed_request_required', { client: client.id })
}
