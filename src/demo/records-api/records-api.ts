/**
 * A medical-records API for the demonstration and the tests: a FHIR R4 subset over `node:http`, in memory,
 * deterministic. It stands behind the gateway like any customer's; nothing of the product's core knows it.
 */

import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { JWTPayload } from 'jose'
import { assertionHeader, type VerifyAssertion } from './assertion.ts'
import { processBundle } from './bundles.ts'
import { asFault, Fault, outcome, type Bundle } from './fhir.ts'
import { interact, type Answer, type Call } from './interactions.ts'
import { renameReferences } from './references.ts'
import type { SearchContext } from './search.ts'
import { createStore, type Store } from './store.ts'

export interface RecordsApiOptions {
  /** Where callers see this API (the gateway's address of it), no trailing slash; links begin with it. */
  publicBase: string
  /** Absent: a bare upstream that asks nobody for anything. */
  verifyAssertion?: VerifyAssertion
  /** Keep what reached it in `received`. */
  remember?: boolean
  now?: () => Date
}

/** One call that arrived, allowed or not. */
export interface Received {
  method: string
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  /** Claims of the verified assertion. */
  assertion?: JWTPayload
}

export interface RecordsApi {
  handler: RequestListener
  /** Puts every resource of a bundle under its own id, `urn:uuid` references resolved. */
  load(bundle: Bundle): void
  store: Store
  received: Received[]
}

export function createRecordsApi(options: RecordsApiOptions): RecordsApi {
  const store = createStore(options.publicBase, options.now ?? (() => new Date()))
  const context: SearchContext = { store, base: options.publicBase }
  const received: Received[] = []
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const { method = 'GET', url = '/', headers } = request
    const arrived: Received = { method, url, headers }
    if (options.remember) received.push(arrived)
    const assertion = headers[assertionHeader]
    if (options.verifyAssertion)
      arrived.assertion = await options.verifyAssertion({
        method,
        url,
        assertion: typeof assertion === 'string' ? assertion : undefined,
      })
    const call = await readCall(request)
    if (call.path === '' && call.method === 'POST')
      return { status: 200, body: processBundle(context, call.body) }
    return interact(context, call)
  }
  return {
    handler: (request, response) => {
      answer(request)
        .catch((error: unknown): Answer => {
          const fault = asFault(error)
          return { status: fault.status, body: outcome(fault) }
        })
        .then((given) => send(request, response, given))
        .catch(() => response.destroy())
    },
    load: (bundle) => load(store, bundle),
    store,
    received,
  }
}

function load(store: Store, bundle: Bundle): void {
  const entries = bundle.entry ?? []
  const names = new Map<string, string>()
  for (const { fullUrl, resource } of entries)
    if (fullUrl?.startsWith('urn:uuid:') && resource?.id)
      names.set(fullUrl, `${resource.resourceType}/${resource.id}`)
  for (const { resource } of entries)
    if (resource?.id) store.put({ ...renameReferences(resource, names), id: resource.id })
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? '/', 'http://api.invalid')
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
  const body = request.method === 'POST' || request.method === 'PUT' ? await readBody(request) : undefined
  return {
    method: request.method ?? 'GET',
    path: url.pathname.slice(1),
    query: url.searchParams,
    ...(body !== undefined && { body }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
  }
}

const largestBody = 5 * 1024 * 1024

async function readBody(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) throw new Fault(413, 'too-long', 'at most 5 MB')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (type === 'application/x-www-form-urlencoded') return new URLSearchParams(text)
  if (type !== 'application/fhir+json' && type !== 'application/json')
    throw new Fault(415, 'not-supported', 'send application/fhir+json')
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Fault(400, 'structure', 'the body is not JSON')
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const body = answer.body ? Buffer.from(JSON.stringify(answer.body)) : undefined
  const modified = answer.lastModified !== undefined && new Date(answer.lastModified).toUTCString()
  response.writeHead(answer.status, {
    ...(body && { 'Content-Type': 'application/fhir+json; charset=utf-8', 'Content-Length': body.length }),
    ...(answer.etag !== undefined && { ETag: answer.etag }),
    ...(modified && { 'Last-Modified': modified }),
    ...(answer.location !== undefined && { Location: answer.location }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
