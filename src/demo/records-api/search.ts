/** Search: filter, sort, page by cursor, include. Unknown parameters are refused, because ignoring one widens the answer. */

import { Fault, type Bundle, type BundleEntry, type Stored } from './fhir.ts'
import { alternatives, matches, referenceString } from './matching.ts'
import { localReference } from './references.ts'
import { findParameter, isServed, valuesAt, type SearchParameter } from './search-parameters.ts'
import { pageOf } from './page.ts'
import type { Store } from './store.ts'

export interface SearchContext {
  store: Store
  /** Public address of the API: links and full URLs begin with it. */
  base: string
}

/** Said by some callers, and of no consequence here. */
const ignored = new Set(['_format', '_pretty', '_total'])
const control = new Set(['_count', '_cursor', '_sort', '_include', '_revinclude', '_summary'])

export function search(context: SearchContext, type: string, query: URLSearchParams): Bundle {
  if (!isServed(type)) throw new Fault(404, 'not-supported', 'this server does not hold that type')
  const found = candidates(context, type, query).filter((stored) => answers(context, stored, query))
  const page = pageOf(type, found, query)
  const matched = page.items.map((item) => entry(context, item, 'match'))
  const included = query.get('_summary') === 'count' ? [] : include(context, page.items, query)
  const link = (relation: string, parameters: URLSearchParams) => ({
    relation,
    url: `${context.base}/${type}?${parameters.toString()}`,
  })
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [link('self', query), ...(page.next ? [link('next', page.next)] : [])],
    entry: [...matched, ...included.map((item) => entry(context, item, 'include'))],
  }
}

const entry = ({ base }: SearchContext, item: Stored, mode: 'match' | 'include'): BundleEntry => ({
  fullUrl: `${base}/${item.resourceType}/${item.id}`,
  resource: item,
  search: { mode },
})

/** The index first: one patient's, or one id's, instead of the whole shelf. */
function candidates({ store, base }: SearchContext, type: string, query: URLSearchParams): Stored[] {
  const id = query.get('_id')
  if (id) return alternatives(id).flatMap((one) => store.find(type, one) ?? [])
  const patient = findParameter(type, 'patient') && (query.get('patient') ?? query.get('subject'))
  if (!patient) return store.all(type)
  const names = alternatives(patient).map((one) => localReference(one, base) ?? `Patient/${one}`)
  return [...new Set(names.flatMap((name) => store.about(type, name)))]
}

function answers(context: SearchContext, stored: Stored, query: URLSearchParams): boolean {
  return [...query].every(([name, wanted]) => {
    if (ignored.has(name) || control.has(name)) return true
    return answersOne(context, stored, name, wanted)
  })
}

/** `name`, `name:exact` is not spoken; `subject:Patient.name` and `patient.organization` are one step of chaining. */
function answersOne(context: SearchContext, stored: Stored, name: string, wanted: string): boolean {
  const [head = '', chained] = name.split('.', 2)
  const [bare = '', target] = head.split(':', 2)
  const parameter = requireParameter(stored.resourceType, bare)
  if (chained === undefined) {
    if (target === undefined) return matches(parameter, valuesAt(stored, parameter), wanted, context)
    if (parameter.kind !== 'reference') throw new Fault(400, 'not-supported', 'that modifier is not spoken')
    return matches(parameter, valuesAt(stored, parameter), `${target}/${wanted}`, context)
  }
  return targets(context, stored, parameter, target).some((other) =>
    answersOne(context, other, chained, wanted),
  )
}

function requireParameter(type: string, name: string): SearchParameter {
  const parameter = findParameter(type, name)
  if (!parameter) throw new Fault(400, 'not-supported', `${type} is not searched by ${name.slice(0, 40)}`)
  return parameter
}

function targets(
  { store, base }: SearchContext,
  stored: Stored,
  parameter: SearchParameter,
  only?: string,
): Stored[] {
  return valuesAt(stored, parameter).flatMap((value) => {
    const [type = '', id = ''] = (localReference(referenceString(value) ?? '', base) ?? '').split('/')
    if (!isServed(type) || (only !== undefined && only !== type)) return []
    return store.find(type, id) ?? []
  })
}

/** `_include=Observation:subject[:Patient]` and `_revinclude=Observation:subject`; each resource once. */
function include(context: SearchContext, matched: Stored[], query: URLSearchParams): Stored[] {
  const found = new Map<string, Stored>()
  const add = (item: Stored) => {
    if (!matched.includes(item)) found.set(`${item.resourceType}/${item.id}`, item)
  }
  for (const wanted of query.getAll('_include')) {
    const [type = '', name = '', only] = wanted.split(':')
    const parameter = requireReference(type, name)
    const sources = matched.filter((item) => item.resourceType === type)
    for (const item of sources) targets(context, item, parameter, only).forEach(add)
  }
  for (const wanted of query.getAll('_revinclude')) {
    const [type = '', name = ''] = wanted.split(':')
    const parameter = requireReference(type, name)
    for (const other of context.store.all(type))
      if (targets(context, other, parameter).some((target) => matched.includes(target))) add(other)
  }
  return [...found.values()]
}

function requireReference(type: string, name: string): SearchParameter {
  const parameter = findParameter(type, name)
  if (parameter?.kind !== 'reference')
    throw new Fault(400, 'not-supported', 'expected an include such as Observation:subject')
  return parameter
}
