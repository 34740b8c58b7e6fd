/** All or nothing: each write is checked as if alone, with the names the transaction itself gives; then all go as one. */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import type { FhirUpstream } from '../routes.ts'
import type { FhirAnswer } from './answer.ts'
import { askedBy } from './entry.ts'
import { ask } from './exchange.ts'
import { inspectionOf, isNewborn, publicBase, type Inspection } from './inspect.ts'
import type { Write } from './interaction.ts'
import { bareOutcome } from './outcome.ts'
import { isObject, typeOf, type JsonObject } from './references.ts'
import { bodyToSend, checkWrite, localAddress, recordIntent, settle, type Checked } from './writing.ts'

interface Planned {
  checked: Checked
  fullUrl: string | undefined
}

export async function transaction(
  call: Call,
  upstream: FhirUpstream,
  entries: JsonObject[],
): Promise<FhirAnswer> {
  const inspection = inspectionOf(call, upstream, namesGiven(entries))
  const planned: Planned[] = []
  for (const entry of entries) planned.push(await plan(inspection, entry))
  requireDistinct(planned)
  const allowed = call.allowed(false)
  const owners = planned.flatMap(({ checked }) => checked.owners.filter((owner) => !isNewborn(owner)))
  await call.admit([...new Set(owners)], 'opened', allowed)
  for (const { checked } of planned) await recordIntent(call, checked)
  call.allowed(false)
  const reply = await ask(call, upstream, { method: 'POST', path: '', body: bundleOf(planned) })
  if (reply.status >= 400) {
    for (const { checked } of planned) await settle(call, checked, reply.status, undefined)
    return { status: reply.status, document: bareOutcome(reply.document) }
  }
  return answered(inspection, planned, reply.document)
}

const uuid = /^urn:uuid:[0-9a-f-]{36}$/i

/** `urn:uuid:…` → what it stands for while the transaction is checked. */
function namesGiven(entries: readonly JsonObject[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const { fullUrl, resource, request } of entries) {
    if (typeof fullUrl !== 'string' || !fullUrl.startsWith('urn:')) continue
    if (!uuid.test(fullUrl) || names.has(fullUrl))
      throw new Refusal('malformed_request', { field: 'fullUrl' })
    const method = isObject(request) ? request['method'] : undefined
    if (!isObject(resource) || (method !== 'POST' && method !== 'PUT')) continue
    names.set(fullUrl, `${typeOf(resource)}/${method === 'PUT' ? String(resource['id']) : fullUrl}`)
  }
  return names
}

/** Reads in a transaction would be answered before anybody checked them. */
async function plan(inspection: Inspection, entry: JsonObject): Promise<Planned> {
  const { call, upstream } = inspection
  const asked = askedBy(call, upstream, entry)
  const { interaction } = asked
  if (interaction.kind !== 'create' && interaction.kind !== 'update' && interaction.kind !== 'delete')
    throw new Refusal('interaction_unlisted', { transaction: interaction.kind })
  const checked = await checkWrite(inspection, interaction, asked)
  // Any other name than a `urn:` would have the upstream relink references that were checked as they stand.
  const { fullUrl } = entry
  return { checked, fullUrl: typeof fullUrl === 'string' && uuid.test(fullUrl) ? fullUrl : undefined }
}

/** Two writes of one resource would make the second's check one of a state that is gone. */
function requireDistinct(planned: readonly Planned[]): void {
  const targets = planned.flatMap(({ checked: { write } }) =>
    write.kind === 'create' ? [] : [`${write.type}/${write.id}`],
  )
  if (new Set(targets).size !== targets.length)
    throw new Refusal('malformed_request', { fault: 'written twice' })
}

const methods: Readonly<Record<Write['kind'], string>> = { create: 'POST', update: 'PUT', delete: 'DELETE' }

const bundleOf = (planned: readonly Planned[]): JsonObject => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: planned.map(({ checked, fullUrl }) => {
    const { write, ifMatch, ifNoneMatch } = checked
    const resource = bodyToSend(checked)
    return {
      ...(fullUrl !== undefined && { fullUrl }),
      ...(resource && { resource }),
      request: {
        method: methods[write.kind],
        url: write.kind === 'create' ? write.type : `${write.type}/${write.id}`,
        ...(ifMatch !== undefined && { ifMatch }),
        ...(ifNoneMatch !== undefined && { ifNoneMatch }),
      },
    }
  }),
})

/** Statuses, addresses and versions; the resources themselves are what the caller sent and need not come back. */
async function answered(
  inspection: Inspection,
  planned: readonly Planned[],
  document: unknown,
): Promise<FhirAnswer> {
  const { call, upstream } = inspection
  const entries = isObject(document) && typeOf(document) === 'Bundle' ? document['entry'] : undefined
  if (!Array.isArray(entries) || entries.length !== planned.length)
    throw new Refusal('answer_uninspectable', { fault: 'transaction-response' })
  const responses = (entries as unknown[]).map((one) => responseIn(inspection, one))
  const born = new Map(planned.map(({ fullUrl }, i) => [`Patient/${fullUrl}`, responses[i]?.address]))
  const entry: JsonObject[] = []
  for (const [i, { checked }] of planned.entries()) {
    const { response, status, address } = responses[i] ?? responseIn(inspection, undefined)
    const owners = checked.owners.map((owner) => born.get(owner) ?? owner)
    await settle(call, { ...checked, owners }, Number(status) || 0, address)
    const location = address === undefined ? undefined : `${publicBase(call, upstream)}/${address}`
    const etag = typeof response['etag'] === 'string' ? response['etag'] : undefined
    entry.push({ response: { status, ...(location && { location }), ...(etag !== undefined && { etag }) } })
  }
  return { status: 200, document: { resourceType: 'Bundle', type: 'transaction-response', entry } }
}

function responseIn(inspection: Inspection, entry: unknown) {
  const response = isObject(entry) && isObject(entry['response']) ? entry['response'] : {}
  const said = response['location']
  const address = localAddress(inspection, typeof said === 'string' ? said : undefined)
  return { response, status: String(response['status']).slice(0, 3), address }
}
