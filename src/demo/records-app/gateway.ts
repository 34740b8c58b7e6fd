/** Asking for records: always through the gateway, and every way it can say no as a value the pages know how to show. */

import type { Language } from '../../core/language.ts'
import type { Bundle, Resource } from '../records-api/fhir.ts'
import type { Garde, StepUp } from './garde.ts'
import type { Visit } from './visit.ts'

export type No =
  | { kind: 'signed-out' }
  | { kind: 'step-up'; stepUp: StepUp; message?: string }
  /** A restriction: care may go on elsewhere, this is stopped, and why. */
  | { kind: 'suspended'; message?: string }
  | { kind: 'refused'; message?: string }
  | { kind: 'missing' }
  | { kind: 'unavailable'; message?: string }
export type Answer<T> = { kind: 'ok'; value: T } | No

export interface Gateway {
  read<T extends Resource = Resource>(visit: Visit, language: Language, path: string): Promise<Answer<T>>
  search(visit: Visit, language: Language, path: string): Promise<Answer<Bundle>>
  create(visit: Visit, language: Language, resource: Resource): Promise<Answer<Resource>>
}

/** `base`: the FHIR base the gateway serves. */
export function createGateway(garde: Garde, base: string): Gateway {
  const ask = async <T>(
    visit: Visit,
    language: Language,
    path: string,
    body?: Resource,
  ): Promise<Answer<T>> => {
    const token = await garde.token(visit)
    if (token === undefined) return { kind: 'signed-out' }
    const response = await fetch(`${base}/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: 'application/fhir+json',
        'Accept-Language': language,
        ...(body && { 'Content-Type': 'application/fhir+json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => undefined)
    if (!response) return { kind: 'unavailable' }
    const json: unknown = await response.json().catch(() => undefined)
    return response.ok ? { kind: 'ok', value: json as T } : noOf(response, json)
  }
  return {
    read: ask,
    search: (visit, language, path) => ask(visit, language, path),
    create: (visit, language, resource) => ask(visit, language, resource.resourceType, resource),
  }
}

function noOf(response: Response, body: unknown): No {
  const text = messageIn(body)
  const message = text === undefined ? {} : { message: text }
  if (response.status === 401) {
    const challenge = response.headers.get('www-authenticate') ?? ''
    if (parameter(challenge, 'error') !== 'insufficient_user_authentication') return { kind: 'signed-out' }
    return { kind: 'step-up', stepUp: stepUpIn(challenge), ...message }
  }
  if (response.status === 423) return { kind: 'suspended', ...message }
  if (response.status === 404 || response.status === 410) return { kind: 'missing' }
  if (response.status === 429 || response.status >= 500) return { kind: 'unavailable', ...message }
  return { kind: 'refused', ...message }
}

/** RFC 9470 §3. */
function stepUpIn(challenge: string): StepUp {
  const acrValues = parameter(challenge, 'acr_values')
  const maxAge = parameter(challenge, 'max_age')
  return {
    ...(acrValues !== undefined && { acrValues }),
    ...(maxAge !== undefined && /^\d+$/.test(maxAge) && { maxAge: Number(maxAge) }),
  }
}

const parameter = (challenge: string, name: string): string | undefined => {
  const found = new RegExp(`(?:^|[ ,])${name}=(?:"([^"]*)"|([^ ,]+))`).exec(challenge)
  return found?.[1] ?? found?.[2]
}

/** From an OperationOutcome or a problem document. */
function messageIn(body: unknown): string | undefined {
  const said = body as {
    issue?: { details?: { text?: string }; diagnostics?: string }[]
    title?: string
    detail?: string
  } | null
  const issue = said?.issue?.[0]
  return issue?.details?.text ?? issue?.diagnostics ?? said?.detail ?? said?.title
}
