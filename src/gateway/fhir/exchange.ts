/** One question to a FHIR upstream: sent with the caller's assertion, answered whole, uncompressed, within bounds. */

import { Refusal } from '../../core/refusal.ts'
import { assertionHeader } from '../assertion.ts'
import type { Call } from '../call.ts'
import { writeExact } from '../exact-json.ts'
import { isJson, readAnswer } from '../patients.ts'
import type { UpstreamAnswer } from '../ports.ts'
import type { FhirUpstream } from '../routes.ts'

/** An answer is held in memory while it is inspected. */
export const answerLimit = 8 * 1024 * 1024

export interface Question {
  method: string
  /** After the base, with query: `/Patient?name=a`. */
  path: string
  body?: unknown
  headers?: readonly string[]
}

export interface Reply {
  status: number
  /** Parsed; undefined when there was none. */
  document: unknown
  etag?: string
  lastModified?: string
  location?: string
}

export async function ask(call: Call, upstream: FhirUpstream, question: Question): Promise<Reply> {
  const path = `${upstream.prefix}${question.path}`
  const body = question.body === undefined ? undefined : writeExact(question.body)
  const headers = [
    assertionHeader,
    await assertionFor(call, upstream, question.method, path),
    'accept',
    'application/fhir+json',
    'accept-encoding',
    'identity',
    'x-request-id',
    call.id,
    ...call.origin.headers,
    ...(question.headers ?? []),
    ...(body ? ['content-type', 'application/fhir+json'] : []),
  ]
  const { method } = question
  const { origin } = upstream
  const answer = await call.parts.forwarder.call(
    { method, origin, path, headers, ...(body && { body }) },
    answerLimit,
  )
  return replyOf(answer)
}

function assertionFor(
  call: Call,
  upstream: FhirUpstream,
  method: string,
  path: string,
): string | Promise<string> {
  const { assertions } = call.parts
  if (upstream.resource.assertion === 'token')
    return assertions.forToken(call.claims, upstream.upstream, call.recordsName)
  const url = `${upstream.origin}${path.split('?', 1)[0]}`
  return assertions.forRequest(call.claims, upstream.upstream, call.recordsName, { method, url })
}

/** Faults of the upstream's own are its own: their text stays here. 401 there means our assertion, not the caller's token. */
function replyOf(answer: UpstreamAnswer): Reply {
  const { status, headers, body } = answer
  if (status === 503) throw new Refusal('upstream_unreachable', { status })
  if (status >= 500 || status === 401 || status === 407 || (status >= 300 && status < 400))
    throw new Refusal('answer_uninspectable', { status })
  // That there is nothing is said by the status, however the page that says it is written.
  const silent = body.length === 0 || ((status === 404 || status === 410) && !isJson(headers['content-type']))
  return {
    status,
    document: silent ? undefined : readAnswer(answer),
    ...(headers['etag'] !== undefined && { etag: headers['etag'] }),
    ...(headers['last-modified'] !== undefined && { lastModified: headers['last-modified'] }),
    ...(headers['location'] !== undefined && { location: headers['location'] }),
  }
}
