/**
 * A listed route of a `rest` API. Where the path names the patient, their practice is checked before anything is
 * forwarded and both bodies stream; where only the answer names them, it is held and read first.
 */

import { Refusal } from '../core/refusal.ts'
import { assertionHeader } from './assertion.ts'
import type { Call } from './call.ts'
import { isSafe, type Allowed } from './decide.ts'
import { shapeAnswerHeaders, type RequestHeaders } from './headers.ts'
import { writeExact } from './exact-json.ts'
import type { OpenPassages } from './open-passages.ts'
import { Passage } from './passage.ts'
import { readAnswer } from './patients.ts'
import { namesAt } from './pointer.ts'
import type { UpstreamCall } from './ports.ts'
import type { Answer } from './refuse.ts'
import type { RestUpstream, RouteMatch } from './routes.ts'

const answerLimit = 8 * 1024 * 1024
const mostPatients = 500

export async function passRest(
  call: Call,
  upstream: RestUpstream,
  { route, parameters }: RouteMatch,
  path: string,
  query: string,
  headers: RequestHeaders,
  open: OpenPassages,
): Promise<Passage | Answer> {
  const safe = isSafe(call.method)
  const allowed = call.allowed(safe)
  requireScopes(call.claims.scope, route.scopes)
  if (query !== '') requireQuery(route.query, query)
  const source = route.patient
  const patient = source !== 'none' && source.from === 'path' ? parameters[source.parameter] : undefined
  if (patient !== undefined) {
    if (!call.isOwn(patient)) await call.requireOwn(patient)
    const admitted = call.admit([patient], 'opened', allowed)
    if (admitted) await admitted
  }
  const outgoing = await shape(call, upstream, route.assertion, path, query, headers)
  if (source !== 'none' && source.from === 'answer') return inspected(call, outgoing, source.pointer, allowed)
  if (!safe) {
    await recordIntent(call, patient)
    // Asking whose patient it is may have taken long: what was restricted meanwhile is not written.
    call.allowed(false)
  }
  const streamsBody =
    headers.contentLength !== undefined
      ? headers.contentLength !== '0'
      : headers.transferEncoding !== undefined
  return new Passage(call, outgoing, patient, streamsBody, open)
}

/** Refuses `insufficient_scope`. */
function requireScopes(scope: string, required: readonly string[]): void {
  if (required.length === 0) return
  const granted = scope.split(' ')
  for (const one of required)
    if (!granted.includes(one)) throw new Refusal('insufficient_scope', { scope: one })
}

/** Refuses `interaction_unlisted` and `repeated_parameter`. */
function requireQuery(listed: readonly string[], query: string): void {
  const seen = new Set<string>()
  for (const name of new URLSearchParams(query).keys()) {
    if (!listed.includes(name)) throw new Refusal('interaction_unlisted', { parameter: name.slice(0, 40) })
    if (seen.has(name)) throw new Refusal('repeated_parameter', { name: name.slice(0, 40) })
    seen.add(name)
  }
}

async function shape(
  call: Call,
  upstream: RestUpstream,
  assertion: 'token' | 'request',
  path: string,
  query: string,
  headers: RequestHeaders,
): Promise<UpstreamCall> {
  const { claims, method, recordsName, parts } = call
  const local = upstream.prefix + path
  const bound = { method, url: upstream.origin + local }
  const word =
    assertion === 'token'
      ? parts.assertions.forToken(claims, upstream.upstream, recordsName)
      : parts.assertions.forRequest(claims, upstream.upstream, recordsName, bound)
  const outgoing = headers.passing
  outgoing.push(assertionHeader, typeof word === 'string' ? word : await word, 'x-request-id', call.id)
  for (const one of call.origin.headers) outgoing.push(one)
  return {
    method,
    origin: upstream.origin,
    path: query === '' ? local : `${local}?${query}`,
    headers: outgoing,
  }
}

const recordIntent = (call: Call, patient: string | undefined): Promise<void> =>
  call.append(
    [{ kind: 'access.intent', ...(patient !== undefined && { patient: call.pseudonym(patient) }) }],
    patient === undefined ? [] : [patient],
  )

const uninspected: ReadonlySet<string> = new Set([
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'range',
])

/** Reads only (`resource.ts`): the whole answer, JSON, and whoever it names at the pointer. */
async function inspected(
  call: Call,
  outgoing: UpstreamCall,
  pointer: string,
  allowed: Allowed,
): Promise<Answer> {
  const headers: string[] = ['accept-encoding', 'identity']
  for (let i = 0; i + 1 < outgoing.headers.length; i += 2) {
    const name = outgoing.headers[i] as string
    if (!uninspected.has(name)) headers.push(name, outgoing.headers[i + 1] as string)
  }
  const answer = await call.parts.forwarder.call({ ...outgoing, headers }, answerLimit)
  // Whatever is said beside the record itself cannot be told to be about nobody.
  if (answer.status === 404 || answer.status === 410)
    throw new Refusal('patient_unresolved', { status: answer.status })
  if (answer.status !== 200) throw new Refusal('answer_uninspectable', { status: answer.status })
  const document = readAnswer(answer)
  const patients = [...new Set(namesAt(document, pointer))]
  if (patients.length === 0 || patients.length > mostPatients)
    throw new Refusal('patient_unresolved', { pointer })
  for (const patient of patients) await call.requireOwn(requireName(patient))
  const access = patients.length === 1 ? 'opened' : 'listed'
  await call.admit(patients, access, allowed)
  await call.append(
    patients.map((patient) => ({
      kind: 'access.served' as const,
      patient: call.pseudonym(patient),
      access,
      types: { [call.route]: 1 },
      status: 200,
    })),
    patients,
  )
  call.allowed(true)
  const { 'content-length': _length, ...upstreamHeaders } = answer.headers
  const shaped = shapeAnswerHeaders(upstreamHeaders, call.upstream.headers, () => undefined)
  return {
    kind: 'answer',
    status: 200,
    headers: [...shaped, 'x-request-id', call.id],
    body: writeExact(document),
  }
}

/** As it will stand in the lookup's path: one segment, in its only spelling. */
function requireName(patient: string): string {
  if (/^[A-Za-z0-9\-._~!$&'()*+,=:@]{1,128}$/.test(patient) && !/^\.{1,2}$/.test(patient)) return patient
  throw new Refusal('patient_unresolved', { fault: 'name' })
}
