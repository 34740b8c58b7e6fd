/** One interaction, decided, done and recorded on its own: as a request, or as an entry of a batch. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import type { FhirUpstream } from '../routes.ts'
import { notServed, withVersion, type Asked, type FhirAnswer } from './answer.ts'
import { ask } from './exchange.ts'
import {
  countServed,
  inspectionOf,
  publicBase,
  recordServed,
  requireOwnAnswer,
  type Served,
} from './inspect.ts'
import { letters, routeOf, type Interaction } from './interaction.ts'
import { isObject, typeOf, type JsonObject } from './references.ts'
import { requireReach, requireWithin, type Reach } from './scope.ts'
import { performSearch } from './searching.ts'
import { performWrite } from './writing.ts'

export async function perform(call: Call, upstream: FhirUpstream, asked: Asked): Promise<FhirAnswer> {
  const { interaction } = asked
  if (interaction.kind === 'capabilities') return capabilities(call, upstream)
  const reaches = requireReach(call.claims, interaction.type || '*', letters[interaction.kind])
  if (interaction.kind === 'read') return read(call, upstream, interaction, reaches)
  if (interaction.kind === 'search') return performSearch(call, upstream, interaction, reaches)
  return performWrite(call, upstream, interaction, asked)
}

async function capabilities(call: Call, upstream: FhirUpstream): Promise<FhirAnswer> {
  call.allowed(true)
  const { status, document } = await ask(call, upstream, { method: 'GET', path: '/metadata' })
  if (status !== 200 || !isObject(document) || typeOf(document) !== 'CapabilityStatement')
    throw new Refusal('answer_uninspectable', { fault: 'expected a CapabilityStatement' })
  await call.append([{ kind: 'access.answered', status }], [], 'capabilities')
  const { description } = isObject(document['implementation']) ? document['implementation'] : {}
  const implementation = { description: description ?? upstream.name, url: publicBase(call, upstream) }
  return { status, document: { ...document, implementation, ...withSecurity(call, upstream, document) } }
}

/** Where SMART applications of before 2.2 look: the `oauth-uris` extension. What the upstream says there is not ours. */
function withSecurity(call: Call, { resource }: FhirUpstream, document: JsonObject): { rest?: JsonObject[] } {
  const rest = document['rest']
  if (!Array.isArray(rest)) return {}
  const said = call.parts.smartConfiguration(resource)
  const extension = Object.entries(oauthUris).flatMap(([url, name]) =>
    typeof said[name] === 'string' ? [{ url, valueUri: said[name] }] : [],
  )
  const service = {
    system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
    code: 'SMART-on-FHIR',
  }
  const security = {
    cors: true,
    service: [{ coding: [service] }],
    extension: [{ url: oauthUrisUrl, extension }],
  }
  return { rest: (rest as unknown[]).filter(isObject).map((one) => ({ ...one, security })) }
}

const oauthUrisUrl = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris'
const oauthUris = {
  authorize: 'authorization_endpoint',
  token: 'token_endpoint',
  introspect: 'introspection_endpoint',
  revoke: 'revocation_endpoint',
  manage: 'management_endpoint',
} as const

async function read(
  call: Call,
  upstream: FhirUpstream,
  interaction: Extract<Interaction, { kind: 'read' }>,
  reaches: readonly Reach[],
): Promise<FhirAnswer> {
  call.allowed(true)
  const { type, id } = interaction
  // Another patient than the one in context: the upstream need not be asked.
  if (type === 'Patient' && !reaches.some(({ patient = `Patient/${id}` }) => patient === `Patient/${id}`))
    throw new Refusal('insufficient_scope', { scope: 'user/Patient.r' })
  const reply = await ask(call, upstream, { method: 'GET', path: `/${type}/${id}` })
  if (reply.status !== 200) return notServed(call, upstream, interaction, reply)
  const { document } = reply
  if (!isObject(document) || typeOf(document) !== type || document['id'] !== id)
    throw new Refusal('answer_uninspectable', { fault: 'another resource' })
  const belonging = await requireOwnAnswer(inspectionOf(call, upstream), document)
  requireWithin(reaches, document, belonging.owners, 'r')
  const served: Served = new Map()
  countServed(served, belonging, type)
  // Asked again at the last moment: what was restricted while the upstream thought is not served.
  await recordServed(call, routeOf(interaction), served, 'opened', 200, call.allowed(true))
  call.allowed(true)
  return withVersion(reply, { status: 200, document })
}
