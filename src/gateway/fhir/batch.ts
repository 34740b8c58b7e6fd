/**
 * `POST [base]` (FHIR R4 http.html §3.1.0.11). In a batch each entry is decided, done and recorded on its own; a refused
 * one gets its own refusal inside the answer. A transaction is all or nothing: every write is checked, then all are sent
 * as one.
 */

import { Refusal, refusalRow, type Reason } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import { recordRefusal } from '../refused.ts'
import type { FhirUpstream } from '../routes.ts'
import type { FhirAnswer } from './answer.ts'
import { askedBy } from './entry.ts'
import { routeOf } from './interaction.ts'
import { perform } from './perform.ts'
import { isObject, typeOf, type JsonObject } from './references.ts'
import { transaction } from './transaction.ts'

const mostEntries = 100

export async function bundle(call: Call, upstream: FhirUpstream, document: unknown): Promise<FhirAnswer> {
  if (!isObject(document) || typeOf(document) !== 'Bundle')
    throw new Refusal('malformed_request', { expected: 'Bundle' })
  const entries = entriesOf(document)
  if (document['type'] === 'transaction') return transaction(call, upstream, entries)
  if (document['type'] !== 'batch') throw new Refusal('interaction_unlisted', { bundle: 'type' })
  const entry: JsonObject[] = []
  for (const one of entries) entry.push(await answerEntry(call, upstream, one))
  // What was gathered before a restriction does not leave after it.
  call.allowed(true)
  return { status: 200, document: { resourceType: 'Bundle', type: 'batch-response', entry } }
}

function entriesOf(document: JsonObject): JsonObject[] {
  const entries = document['entry'] ?? []
  if (!Array.isArray(entries) || !(entries as unknown[]).every(isObject))
    throw new Refusal('malformed_request', { field: 'entry' })
  if (entries.length > mostEntries) throw new Refusal('too_large', { entries: entries.length })
  return entries as JsonObject[]
}

async function answerEntry(call: Call, upstream: FhirUpstream, entry: JsonObject): Promise<JsonObject> {
  let route = 'batch'
  try {
    const asked = askedBy(call, upstream, entry)
    route = routeOf(asked.interaction)
    return described(await perform(call, upstream, asked))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await recordRefusal(call, error, route)
    return refusedEntry(error.reason)
  }
}

const described = ({ status, document, etag, lastModified, location }: FhirAnswer): JsonObject => ({
  ...(document && typeOf(document) !== 'OperationOutcome' && { resource: document }),
  response: {
    status: String(status),
    ...(location !== undefined && { location }),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified: instant(lastModified) }),
    ...(document && typeOf(document) === 'OperationOutcome' && { outcome: document }),
  },
})

/** HTTP's date as FHIR's instant. */
function instant(date: string): string {
  const at = new Date(date)
  return Number.isNaN(at.getTime()) ? date : at.toISOString()
}

function refusedEntry(reason: Reason): JsonObject {
  const { status, fhir, en } = refusalRow(reason)
  const issue = [{ severity: 'error', code: fhir, details: { text: en } }]
  return { response: { status: String(status), outcome: { resourceType: 'OperationOutcome', issue } } }
}
