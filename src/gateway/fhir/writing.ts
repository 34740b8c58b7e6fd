/**
 * Create, update, delete: checked against what is stored and what would result, before anything is forwarded; whom a
 * record belongs to never changes. A durable intent goes first, its settlement after. The check holds when the write
 * arrives: it is forwarded only for the version that was checked (`If-Match`), where the upstream knows versions.
 */

import { Refusal } from '../../core/refusal.ts'
import type { Call } from '../call.ts'
import type { FhirUpstream } from '../routes.ts'
import { ask, type Question, type Reply } from './exchange.ts'
import {
  countServed,
  inspectionOf,
  isNewborn,
  publicBase,
  recordServed,
  requireOwnAnswer,
  requireOwnBody,
  type Inspection,
  type Served,
} from './inspect.ts'
import { letters, routeOf, type Write } from './interaction.ts'
import { bareOutcome } from './outcome.ts'
import { withVersion, type Asked, type FhirAnswer } from './answer.ts'
import {
  idShape,
  isObject,
  localReference,
  organizationsOf,
  typeOf,
  valuesAt,
  type JsonObject,
} from './references.ts'
import { requireReach, requireWithin } from './scope.ts'

/** A write that may be forwarded. */
export interface Checked {
  write: Write
  body?: JsonObject
  /** Whose record it is; `Patient/urn:uuid:…` while a transaction has not created them. */
  owners: readonly string[]
  /** The version that was checked; `*`: that there was none. */
  ifMatch?: string
  ifNoneMatch?: '*'
}

/** Refuses everything that would change or create a record of another practice, or out of the token's reach. */
export async function checkWrite(inspection: Inspection, write: Write, asked: Asked): Promise<Checked> {
  if (asked.ifNoneExist !== undefined) throw new Refusal('interaction_unlisted', { header: 'if-none-exist' })
  const { call, upstream } = inspection
  const letter = letters[write.kind]
  const reaches = requireReach(call.claims, write.type, letter)
  call.allowed(false)
  const body = write.kind === 'delete' ? undefined : requireBody(write, asked.body)
  const stored = write.kind === 'create' ? undefined : await findStored(inspection, write.type, write.id)
  if (write.kind === 'delete') {
    if (!stored) throw new Refusal('patient_unresolved', { fault: 'nothing stored' })
    requireWithin(reaches, stored.document, stored.owners, letter)
    return { write, owners: stored.owners, ...versionOf(stored.reply, asked.ifMatch) }
  }
  const resulting = await requireOwnBody(inspection, body ?? {})
  if (stored) requireSameOwner(call, upstream, stored, body ?? {}, resulting.owners)
  if (stored) requireWithin(reaches, stored.document, stored.owners, letter)
  requireWithin(reaches, body ?? {}, resulting.owners, letter)
  const owners = write.kind === 'create' && write.type === 'Patient' ? [] : resulting.owners
  const version = stored ? versionOf(stored.reply, asked.ifMatch) : absent(write, asked.ifMatch)
  return { write, ...(body && { body }), owners, ...version }
}

function requireBody(write: Exclude<Write, { kind: 'delete' }>, body: unknown): JsonObject {
  if (!isObject(body) || typeOf(body) !== write.type)
    throw new Refusal('malformed_request', { fault: 'resourceType' })
  if (write.kind === 'update' && body['id'] !== write.id)
    throw new Refusal('malformed_request', { fault: 'id' })
  // The server chooses; this name, which nobody can guess and refer to, stands in while the body is read.
  return write.kind === 'create' ? { ...body, id: crypto.randomUUID() } : body
}

interface Stored {
  document: JsonObject
  owners: string[]
  reply: Reply
}

/** Undefined: there is none, and an update would create it. Refuses when it is another practice's. */
async function findStored(inspection: Inspection, type: string, id: string): Promise<Stored | undefined> {
  const { call, upstream } = inspection
  const reply = await ask(call, upstream, { method: 'GET', path: `/${type}/${id}` })
  // Whose a deleted one was cannot be told, and writing it would bring it back.
  if (reply.status === 410) throw new Refusal('patient_unresolved', { fault: 'deleted' })
  if (reply.status === 404) return undefined
  const { document } = reply
  if (reply.status !== 200 || !isObject(document) || typeOf(document) !== type || document['id'] !== id)
    throw new Refusal('answer_uninspectable', { stored: reply.status })
  const { owners } = await requireOwnAnswer(inspection, document)
  return { document, owners, reply }
}

function requireSameOwner(
  call: Call,
  upstream: FhirUpstream,
  stored: Stored,
  body: JsonObject,
  owners: string[],
): void {
  const bases = [upstream.upstream, publicBase(call, upstream)]
  const same = (a: readonly string[], b: readonly string[]) => a.toSorted().join() === b.toSorted().join()
  const organizations = (patient: JsonObject) => organizationsOf(patient, bases)
  if (same(stored.owners, owners) && same(organizations(stored.document), organizations(body))) return
  throw new Refusal('ownership_immutable', { type: typeOf(body) })
}

/** A caller who saw another version is told so here: what was checked is the version stored now. */
function versionOf(reply: Reply, asked: string | undefined): { ifMatch?: string } {
  const version = valuesAt(isObject(reply.document) ? reply.document : {}, 'meta.versionId')[0]
  const stored = reply.etag ?? (typeof version === 'string' ? `W/"${version}"` : undefined)
  if (asked !== undefined && asked !== stored) throw new Refusal('conflict', { header: 'if-match' })
  return stored === undefined ? {} : { ifMatch: stored }
}

/**
 * What refers to a patient's name already would become theirs, so only the upstream chooses such a name; whoever has one
 * is not created under it.
 */
function absent(write: Write, ifMatch: string | undefined): { ifNoneMatch?: '*' } {
  if (write.kind === 'update' && write.type === 'Patient')
    throw new Refusal('patient_unresolved', { fault: 'nothing stored' })
  if (ifMatch !== undefined) throw new Refusal('conflict', { header: 'if-match' })
  return write.kind === 'update' ? { ifNoneMatch: '*' } : {}
}

/** As it is sent: the body without the name that stood in for the server's. */
export function bodyToSend({ write, body }: Checked): JsonObject | undefined {
  if (write.kind !== 'create' || !body) return body
  const { id: _standIn, ...rest } = body
  return rest
}

export async function performWrite(
  call: Call,
  upstream: FhirUpstream,
  asked: Write,
  more: Asked,
): Promise<FhirAnswer> {
  const inspection = inspectionOf(call, upstream)
  const checked = await checkWrite(inspection, asked, more)
  const allowed = call.allowed(false)
  await call.admit(checked.owners, 'opened', allowed)
  await recordIntent(call, checked)
  call.allowed(false)
  const reply = await ask(call, upstream, questionOf(checked, more.prefer))
  await settle(call, checked, reply.status, locationOf(inspection, reply))
  return answerOf(inspection, checked, reply)
}

/** One entry per patient; one without where nobody has a name yet. */
export async function recordIntent(call: Call, { write: asked, owners }: Checked): Promise<void> {
  const known = owners.filter((owner) => !isNewborn(owner))
  const bodies = known.map((owner) => ({ kind: 'access.intent' as const, patient: call.pseudonym(owner) }))
  await call.append(bodies.length > 0 ? bodies : [{ kind: 'access.intent' }], known, routeOf(asked))
}

/** `created`: the name the upstream gave what was created. */
export async function settle(
  call: Call,
  { write: asked, owners }: Checked,
  status: number,
  created: string | undefined,
): Promise<void> {
  const born = asked.kind === 'create' && asked.type === 'Patient' && created !== undefined ? [created] : []
  const known = [...owners.filter((owner) => !isNewborn(owner)), ...born]
  const bodies = known.map((owner) => ({
    kind: 'access.settled' as const,
    status,
    patient: call.pseudonym(owner),
  }))
  await call.append(bodies.length > 0 ? bodies : [{ kind: 'access.settled', status }], known, routeOf(asked))
}

const preference = /^(?:return=(?:minimal|representation|OperationOutcome)|handling=strict)$/

function questionOf(checked: Checked, prefer: string | undefined): Question {
  const { write: asked, ifMatch, ifNoneMatch } = checked
  const method = { create: 'POST', update: 'PUT', delete: 'DELETE' }[asked.kind]
  const path = asked.kind === 'create' ? `/${asked.type}` : `/${asked.type}/${asked.id}`
  const body = bodyToSend(checked)
  const headers = [
    ...(ifMatch === undefined ? [] : ['if-match', ifMatch]),
    ...(ifNoneMatch === undefined ? [] : ['if-none-match', ifNoneMatch]),
    ...(prefer !== undefined && preference.test(prefer) ? ['prefer', prefer] : []),
  ]
  return { method, path, headers, ...(body && { body }) }
}

const resourceAddress = /^([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/

/** `Type/id` of an address within this API. */
export function localAddress({ reading }: Inspection, address: string | undefined): string | undefined {
  return address === undefined ? undefined : resourceAddress.exec(localReference(address, reading.bases))?.[1]
}

function locationOf(inspection: Inspection, { location, document }: Reply): string | undefined {
  const said = localAddress(inspection, location)
  if (said !== undefined || !isObject(document)) return said
  const id = document['id']
  return typeof id === 'string' && idShape.test(id) ? `${typeOf(document)}/${id}` : undefined
}

/** What the upstream says of it is inspected like a read; a resource that comes back was served. */
async function answerOf(inspection: Inspection, checked: Checked, reply: Reply): Promise<FhirAnswer> {
  const { call, upstream } = inspection
  const { status, document } = reply
  const address = localAddress(inspection, reply.location)
  const location = address === undefined ? {} : { location: `${publicBase(call, upstream)}/${address}` }
  if (document === undefined) return withVersion(reply, { status, ...location })
  if (isObject(document) && typeOf(document) === checked.write.type && status < 300) {
    const served: Served = new Map()
    const belonging = await requireOwnAnswer(inspection, document)
    const letter = letters[checked.write.kind]
    requireWithin(requireReach(call.claims, typeOf(document), letter), document, belonging.owners, letter)
    countServed(served, belonging, typeOf(document))
    // Counted before the write; one just created is nobody's stranger.
    await recordServed(call, routeOf(checked.write), served, 'opened', status, undefined)
    call.allowed(false)
    return withVersion(reply, { status, document, ...location })
  }
  return { status, document: bareOutcome(document), ...location }
}
