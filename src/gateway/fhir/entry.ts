/** An entry of a batch or transaction, read by the same rules as a request. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import { parseTarget } from '../path.ts'
import type { FhirUpstream } from '../routes.ts'
import type { Asked } from './answer.ts'
import { parseInteraction } from './interaction.ts'
import { isObject, type JsonObject } from './references.ts'

/** The entry as if it had come alone. Refuses what `parseTarget` and `parseInteraction` refuse. */
export function askedBy(call: Call, upstream: FhirUpstream, entry: JsonObject): Asked {
  const { request } = entry
  if (!isObject(request) || typeof request['method'] !== 'string' || typeof request['url'] !== 'string')
    throw new Refusal('malformed_request', { field: 'entry.request' })
  const local = request['url'].startsWith(`${call.parts.issuer}${upstream.base}/`)
    ? request['url'].slice(call.parts.issuer.length + upstream.base.length + 1)
    : request['url']
  const { path, query } = parseTarget(`/${local}`)
  const interaction = parseInteraction(upstream, request['method'], path, query)
  if (interaction.kind === 'batch') throw new Refusal('interaction_unlisted', { nested: true })
  for (const name of ['ifNoneMatch', 'ifModifiedSince'])
    if (request[name] !== undefined) throw new Refusal('interaction_unlisted', { field: name })
  return {
    interaction,
    body: entry['resource'],
    ...(typeof request['ifMatch'] === 'string' && { ifMatch: request['ifMatch'] }),
    ...(request['ifNoneExist'] !== undefined && { ifNoneExist: 'given' }),
  }
}
