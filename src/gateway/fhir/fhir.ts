/** A FHIR request: read whole, done by the table of interactions, written out again. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import { parseExact, writeExact } from '../exact-json.ts'
import type { RequestView } from '../request-view.ts'
import { answerSafeguards, type RequestHeaders } from '../headers.ts'
import { isJson } from '../patients.ts'
import type { Answer } from '../refuse.ts'
import type { FhirUpstream } from '../routes.ts'
import type { FhirAnswer } from './answer.ts'
import { bundle } from './batch.ts'
import { parseInteraction, routeOf, type Interaction } from './interaction.ts'
import { perform } from './perform.ts'

const bodyLimit = 4 * 1024 * 1024

export async function passFhir(
  call: Call,
  upstream: FhirUpstream,
  path: string,
  query: string,
  headers: RequestHeaders,
  view: Pick<RequestView, 'body'>,
): Promise<Answer> {
  const interaction = parseInteraction(upstream, call.method, path, query)
  call.route = routeOf(interaction)
  const reads = hasBody.has(interaction.kind)
  // A restricted caller is told so before any body is read; each entry of a batch is decided on its own.
  call.allowed(!reads || interaction.kind === 'batch')
  const body = reads ? await readBody(headers, view) : undefined
  if (interaction.kind === 'batch') return toAnswer(call, await bundle(call, upstream, body))
  const { ifMatch, ifNoneExist, prefer } = headers
  const asked = {
    interaction,
    ...(reads && { body }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneExist !== undefined && { ifNoneExist }),
    ...(prefer !== undefined && { prefer }),
  }
  return toAnswer(call, await perform(call, upstream, asked))
}

const hasBody: ReadonlySet<Interaction['kind']> = new Set(['create', 'update', 'batch'])

/** Refuses `unsupported_media_type`, `malformed_request`, `too_large`. */
async function readBody(headers: RequestHeaders, view: Pick<RequestView, 'body'>): Promise<unknown> {
  if (!isJson(headers.contentType) || (headers.contentEncoding ?? 'identity') !== 'identity')
    throw new Refusal('unsupported_media_type')
  const bytes = await view.body(bodyLimit)
  try {
    return parseExact(bytes)
  } catch {
    throw new Refusal('malformed_request', { fault: 'JSON' })
  }
}

function toAnswer(call: Call, { status, document, etag, lastModified, location }: FhirAnswer): Answer {
  return {
    kind: 'answer',
    status,
    headers: [
      ...answerSafeguards,
      ...(document ? ['content-type', 'application/fhir+json; charset=utf-8'] : []),
      ...(etag === undefined ? [] : ['etag', etag]),
      ...(lastModified === undefined ? [] : ['last-modified', lastModified]),
      ...(location === undefined ? [] : ['location', location]),
      'x-request-id',
      call.id,
    ],
    body: document ? writeExact(document) : '',
  }
}
