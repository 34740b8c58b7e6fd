/** A search: pinned, asked, and built anew from the entries that may leave. No total: it would count the others. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import { requireListing } from '../decide.ts'
import type { FhirUpstream } from '../routes.ts'
import { ask } from './exchange.ts'
import {
  countServed,
  inspectionOf,
  publicBase,
  recordServed,
  requireOwnAnswer,
  type Inspection,
  type Served,
} from './inspect.ts'
import { routeOf, type Interaction } from './interaction.ts'
import { notServed, type FhirAnswer } from './answer.ts'
import { idShape, isObject, typeOf, type JsonObject } from './references.ts'
import { isWithin, reachesOf, type Reach } from './scope.ts'
import { narrowSearch, publicLink, upstreamQuery } from './search.ts'

type SearchOf = Extract<Interaction, { kind: 'search' }>

export async function performSearch(
  call: Call,
  upstream: FhirUpstream,
  whole: SearchOf,
  reaches: readonly Reach[],
): Promise<FhirAnswer> {
  const interaction = { ...whole, search: narrowSearch(whole.type, whole.search, reaches) }
  const { type, search: asked } = interaction
  const allowed = call.allowed(true)
  if (asked.patient === undefined) requireListing(allowed)
  else if (type !== 'Patient') await call.requireOwn(asked.patient)
  const path = `${type === '' ? '' : `/${type}`}${upstreamQuery(type, asked, call.recordsName)}`
  const reply = await ask(call, upstream, { method: 'GET', path })
  if (reply.status !== 200) return notServed(call, upstream, interaction, reply)
  const bundle = requireSearchset(reply.document)
  const served: Served = new Map()
  const entry = await ownEntries(inspectionOf(call, upstream), interaction, bundle, served, reaches)
  const access = asked.patient === undefined ? 'listed' : 'opened'
  await recordServed(call, routeOf(interaction), served, access, 200, call.allowed(true))
  call.allowed(true)
  const link = publicLinks(call, upstream, bundle)
  return {
    status: 200,
    document: {
      resourceType: 'Bundle',
      type: 'searchset',
      ...(link.length > 0 && { link }),
      ...(entry.length > 0 && { entry }),
    },
  }
}

function requireSearchset(document: unknown): JsonObject {
  if (isObject(document) && typeOf(document) === 'Bundle' && document['type'] === 'searchset') return document
  throw new Refusal('answer_uninspectable', { fault: 'expected a searchset' })
}

/** Those of other practices, and out of the token's reach, are left out; one that cannot be resolved refuses the whole, so that nothing goes missing unseen. */
async function ownEntries(
  inspection: Inspection,
  { type, search: { patient } }: SearchOf,
  bundle: JsonObject,
  served: Served,
  reaches: readonly Reach[],
): Promise<JsonObject[]> {
  const { call, upstream } = inspection
  const own: JsonObject[] = []
  let left = 0
  for (const { resource, mode } of entriesOf(bundle)) {
    // What comes along was not asked for under its own scope.
    const along = type !== '' && typeOf(resource) !== type
    const reach = along ? reachesOf(call.claims, typeOf(resource), 'r') : reaches
    if (reach.length === 0) continue
    const belonging = await requireOwnAnswer(inspection, resource).catch(leaveOut)
    const astray = mode === 'match' && patient !== undefined && !belonging?.owners.includes(patient)
    const out = belonging && !isWithin(reach, resource, belonging.owners)
    if (!belonging || astray || out || (mode === 'match' && along)) {
      left += 1
      continue
    }
    countServed(served, belonging, typeOf(resource))
    own.push({
      fullUrl: `${publicBase(call, upstream)}/${typeOf(resource)}/${String(resource['id'])}`,
      resource,
      search: { mode },
    })
  }
  if (left > 0) call.parts.log('warn', 'entries left out of a search', { request: call.id, left })
  return own
}

function leaveOut(error: unknown): undefined {
  if (error instanceof Refusal && error.reason === 'other_practice') return undefined
  throw error
}

interface Entry {
  resource: JsonObject
  mode: 'match' | 'include'
}

/** Outcomes are advice about the search and are not passed on. Refuses `answer_uninspectable`. */
function entriesOf(bundle: JsonObject): Entry[] {
  const entries = bundle['entry'] ?? []
  if (!Array.isArray(entries)) throw new Refusal('answer_uninspectable', { fault: 'entry' })
  return (entries as unknown[]).flatMap((entry) => {
    const resource = isObject(entry) ? entry['resource'] : undefined
    const search = isObject(entry) && isObject(entry['search']) ? entry['search'] : {}
    if (!isObject(resource)) throw new Refusal('answer_uninspectable', { fault: 'entry without resource' })
    if (typeOf(resource) === 'OperationOutcome') return []
    if (typeof resource['id'] !== 'string' || !idShape.test(resource['id']))
      throw new Refusal('answer_uninspectable', { fault: 'entry without id' })
    return [{ resource, mode: search['mode'] === 'include' ? ('include' as const) : ('match' as const) }]
  })
}

const relations: ReadonlySet<unknown> = new Set(['self', 'first', 'previous', 'prev', 'next'])

/** Rewritten to the public base; `last` would count. */
function publicLinks(call: Call, upstream: FhirUpstream, bundle: JsonObject): JsonObject[] {
  const base = publicBase(call, upstream)
  const links = Array.isArray(bundle['link']) ? (bundle['link'] as unknown[]) : []
  return links.flatMap((link) => {
    if (!isObject(link) || !relations.has(link['relation']) || typeof link['url'] !== 'string') return []
    const url = publicLink(upstream, [upstream.upstream, base], base, link['url'])
    return url === undefined ? [] : [{ relation: link['relation'], url }]
  })
}
