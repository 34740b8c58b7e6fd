/** What can be asked (FHIR R4 http §3.1.0), as one function from a call to an answer; HTTP and bundles both use it. */

import { capabilityStatement } from './capability.ts'
import { etag, Fault, type Resource, type Stored } from './fhir.ts'
import { search, type SearchContext } from './search.ts'

export interface Call {
  method: string
  /** Without leading slash, without query: `Patient/p1`. */
  path: string
  query: URLSearchParams
  body?: unknown
  ifMatch?: string
  ifNoneMatch?: string
}

export interface Answer {
  status: number
  body?: Resource
  location?: string
  etag?: string
  lastModified?: string
}

type Interaction = (context: SearchContext, call: Call, type: string, id: string) => Answer

/** method and number of path segments → interaction. */
const table: Readonly<Record<string, Interaction>> = {
  'GET 1': (context, call, type) =>
    type === 'metadata'
      ? { status: 200, body: capabilityStatement(context.base) }
      : { status: 200, body: search(context, type, call.query) },
  'POST 1': create,
  'GET 2': read,
  'PUT 2': update,
  'DELETE 2': remove,
  'POST 2': searchByForm,
}

export function interact(context: SearchContext, call: Call): Answer {
  const segments = call.path.split('/')
  const [type = '', id = ''] = segments
  const interaction = table[`${call.method === 'HEAD' ? 'GET' : call.method} ${segments.length}`]
  if (interaction) return interaction(context, call, type, id)
  throw segments.length > 2
    ? new Fault(404, 'not-supported', 'this server has nothing at that address')
    : new Fault(405, 'not-supported', 'that method is not spoken here')
}

function read({ store }: SearchContext, call: Call, type: string, id: string): Answer {
  const stored = store.require(type, id)
  if (call.ifNoneMatch === etag(stored)) return { status: 304, etag: etag(stored) }
  return { status: 200, body: stored, ...versionOf(stored) }
}

function create({ store, base }: SearchContext, call: Call, type: string): Answer {
  const stored = store.create(withoutMeta(resourceIn(call, type)))
  return { ...saved(stored, base), status: 201 }
}

/** Creates where there was none (FHIR's update as create): 201 then, 200 otherwise. */
function update({ store, base }: SearchContext, call: Call, type: string, id: string): Answer {
  const resource = resourceIn(call, type)
  if (resource.id !== id) throw new Fault(400, 'invalid', 'the id in the body is not the one in the address')
  const before = store.find(type, id)
  if (call.ifMatch !== undefined && (!before || call.ifMatch !== etag(before)))
    throw new Fault(412, 'conflict', 'it has another version by now')
  return { ...saved(store.put({ ...withoutMeta(resource), id }), base), status: before ? 200 : 201 }
}

function remove({ store }: SearchContext, _call: Call, type: string, id: string): Answer {
  store.remove(type, id)
  return { status: 204 }
}

function searchByForm(context: SearchContext, call: Call, type: string, id: string): Answer {
  if (id !== '_search') throw new Fault(405, 'not-supported', 'that method is not spoken here')
  const query = new URLSearchParams(call.query)
  if (call.body instanceof URLSearchParams) for (const [name, value] of call.body) query.append(name, value)
  return { status: 200, body: search(context, type, query) }
}

function resourceIn(call: Call, type: string): Resource {
  const body = call.body as Partial<Resource> | undefined
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Fault(400, 'structure', 'expected a resource in the body')
  if (body.resourceType !== type)
    throw new Fault(400, 'invalid', 'the body is of another type than the address')
  return body as Resource
}

/** Version and time are this server's to say. */
function withoutMeta(resource: Resource): Resource {
  const { versionId: _version, lastUpdated: _at, ...meta } = resource.meta ?? {}
  return { ...resource, meta }
}

const versionOf = (stored: Stored) => ({ etag: etag(stored), lastModified: stored.meta.lastUpdated })

const saved = (stored: Stored, base: string) => ({
  body: stored,
  location: `${base}/${stored.resourceType}/${stored.id}/_history/${stored.meta.versionId}`,
  ...versionOf(stored),
})
