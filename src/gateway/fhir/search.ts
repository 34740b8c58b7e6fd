/**
 * Which searches are understood, as a table of parameters. A search is pinned before it is forwarded: to one patient
 * whose practice was checked, or to the practice. What comes back is checked all the same; the pin takes away what a
 * filtered page would betray (how many were left out, and that there were any).
 */

import { Refusal } from '../../core/refusal.ts'
import type { FhirUpstream } from '../routes.ts'
import { ownerPaths, ownPins, patientPin, practicePin } from './compartment.ts'
import { requireFormat } from './format.ts'
import { idShape } from './references.ts'
import type { Reach } from './scope.ts'

export interface Search {
  /** Understood, in the order given, without pins to a practice. */
  parameters: [string, string][]
  /** `Patient/p1`: everything that matches is about them. */
  patient?: string
}

const controls: ReadonlyMap<string, RegExp> = new Map([
  ['_id', /^[A-Za-z0-9\-.]{1,64}(?:,[A-Za-z0-9\-.]{1,64})*$/],
  ['_count', /^\d{1,4}$/],
  ['_lastUpdated', /^(?:eq|ne|gt|lt|ge|le|sa|eb)?[\d:TZ.+-]{4,35}$/],
  ['_sort', /^-?_?[A-Za-z][A-Za-z-]*(?:,-?_?[A-Za-z][A-Za-z-]*)*$/],
  ['_include', /^[A-Z][A-Za-z]+:[a-z][a-z-]*(?::[A-Z][A-Za-z]+)?$/],
])

/** No chain, no `_has`, no type modifier: those ask about other resources than the ones that come back. */
const ordinary = /^[a-z][a-z0-9-]*(?::(?:exact|contains|missing|text|not|above|below|in|of-type))?$/

/** Refuses `interaction_unlisted`, `patient_unresolved`. */
export function parseSearch(upstream: FhirUpstream, type: string, query: string): Search {
  const parameters = [...new URLSearchParams(query)].filter(([name, value]) => !isFormat(name, value))
  if (type === '') return parsePage(upstream, parameters)
  if (type !== 'Patient' && !ownerPaths.has(type) && !upstream.patientFree.has(type))
    throw new Refusal('interaction_unlisted', { type: type.slice(0, 40), kind: 'search' })
  const search: Search = { parameters: [] }
  for (const [name, value] of parameters) {
    if (isPin(type, name)) pin(search, patientNamed(upstream, value))
    else requireParameter(upstream, type, name, value)
    search.parameters.push([name, value])
  }
  const ids = search.parameters.filter(([name]) => name === '_id')
  if (type === 'Patient' && ids.length === 1 && idShape.test(ids[0]?.[1] ?? ''))
    pin(search, `Patient/${ids[0]?.[1]}`)
  return search
}

function isFormat(name: string, value: string): boolean {
  if (name !== '_format' && name !== '_pretty') return false
  requireFormat(name, value)
  return true
}

/** A paging link at the root (HAPI's `?_getpages=…`): nothing but the parameters of such links. */
function parsePage({ paging }: FhirUpstream, parameters: [string, string][]): Search {
  const known = parameters.every(([name]) => paging.has(name) || name === '_count')
  if (parameters.length === 0 || !known) throw new Refusal('interaction_unlisted', { kind: 'system search' })
  return { parameters }
}

function requireParameter(upstream: FhirUpstream, type: string, name: string, value: string): void {
  const control = controls.get(name)
  if (control ? control.test(value) : upstream.paging.has(name)) return
  // Whose organization is the gateway's to say.
  if (!control && ordinary.test(name) && !(type === 'Patient' && name.startsWith('organization'))) return
  throw new Refusal('interaction_unlisted', { parameter: name.slice(0, 40) })
}

const bareName = (name: string): string => name.split(':', 1)[0] ?? ''

const isPin = (type: string, name: string): boolean =>
  ownerPaths.has(type) &&
  ['patient', 'subject', ownPins.get(type)].includes(bareName(name)) &&
  requirePlainPin(name)

/** `subject:Patient=p1` says the same as `subject=p1`; `patient.name` and `subject:identifier` ask somebody else. */
function requirePlainPin(name: string): true {
  const modifier = name.slice(bareName(name).length)
  if (modifier === '' || modifier === ':Patient') return true
  throw new Refusal('interaction_unlisted', { parameter: name.slice(0, 40) })
}

/** Exactly one patient of this API. */
function patientNamed(upstream: FhirUpstream, value: string): string {
  const local = value.startsWith(`${upstream.upstream}/`) ? value.slice(upstream.upstream.length + 1) : value
  const id = local.startsWith('Patient/') ? local.slice('Patient/'.length) : local
  if (!idShape.test(id)) throw new Refusal('patient_unresolved', { parameter: 'patient' })
  return `Patient/${id}`
}

function pin(search: Search, patient: string): void {
  if (search.patient !== undefined && search.patient !== patient)
    throw new Refusal('interaction_unlisted', { pins: 2 })
  search.patient = patient
}

/**
 * As far as the token reaches: to the patient in context, where nothing reaches further, and by what its one scope is
 * limited to. What comes back is checked all the same. Refuses `insufficient_scope` for a search about somebody else.
 */
export function narrowSearch(type: string, search: Search, reaches: readonly Reach[]): Search {
  const [reach] = reaches
  const patient = reaches.every((one) => one.patient !== undefined) ? reach?.patient : undefined
  const limits = reaches.length === 1 ? (reach?.constraints ?? []) : []
  // A paging link of the upstream's says no type; what it was made from was narrowed.
  const added = type === '' ? [] : limits.map((limit): [string, string] => pair(limit))
  const parameters = [...search.parameters, ...added.filter((one) => !holds(search, one))]
  if (patient === undefined || type === '') return { ...search, parameters }
  if (search.patient !== undefined && search.patient !== patient)
    throw new Refusal('insufficient_scope', { scope: `user/${type}.s` })
  if (search.patient !== undefined) return { ...search, parameters }
  const name = type === 'Patient' ? '_id' : patientPin(type)
  if (name === undefined) throw new Refusal('insufficient_scope', { scope: `user/${type}.s` })
  return { parameters: [...parameters, [name, patient.slice('Patient/'.length)]], patient }
}

const pair = (limit: string): [string, string] => [
  limit.slice(0, limit.indexOf('=')),
  limit.slice(limit.indexOf('=') + 1),
]

const holds = ({ parameters }: Search, [name, value]: [string, string]): boolean =>
  parameters.some(([one, other]) => one === name && other === value)

/** What the upstream is asked. */
export function upstreamQuery(type: string, { parameters, patient }: Search, recordsName: string): string {
  const query = new URLSearchParams(parameters)
  const name = patient === undefined || type === 'Patient' ? practicePin(type) : undefined
  if (name !== undefined) query.append(name, recordsName)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

const pins: ReadonlySet<string> = new Set([
  'organization',
  'patient.organization',
  'subject:Patient.organization',
])

/** A link of the upstream's as the caller may follow it; undefined when it leads anywhere else than to such a search. */
export function publicLink(
  upstream: FhirUpstream,
  bases: readonly string[],
  publicBase: string,
  url: string,
): string | undefined {
  const base = bases.find((one) => url === one || url.startsWith(`${one}/`) || url.startsWith(`${one}?`))
  const [path = '', query = ''] = base === undefined ? [] : url.slice(base.length).split('?', 2)
  const type = path.slice(1)
  if (base === undefined || type.includes('/')) return undefined
  const own = [...new URLSearchParams(query)].filter(([name]) => !pins.has(name))
  const text = new URLSearchParams(own).toString()
  try {
    parseSearch(upstream, type, text)
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
  return `${publicBase}${type === '' ? '' : `/${type}`}?${text}`
}
