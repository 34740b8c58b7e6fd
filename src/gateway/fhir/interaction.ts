/** Which of the interactions we understand a request is (FHIR R4 http.html §3.1.0); every other one is refused by default. */

import { Refusal } from '../../core/refusal.ts'
import type { FhirUpstream } from '../routes.ts'
import { ownerPaths } from './compartment.ts'
import { requireFormat } from './format.ts'
import { idShape } from './references.ts'
import { parseSearch, type Search } from './search.ts'

export type Interaction =
  | { kind: 'capabilities' }
  | { kind: 'batch' }
  | { kind: 'read'; type: string; id: string }
  | { kind: 'search'; type: string; search: Search }
  | { kind: 'create'; type: string }
  | { kind: 'update'; type: string; id: string }
  | { kind: 'delete'; type: string; id: string }
export type Write = Extract<Interaction, { kind: 'create' | 'update' | 'delete' }>

/** method and number of segments after the base. */
const table: Readonly<Record<string, Exclude<Interaction['kind'], 'capabilities'>>> = {
  'POST 0': 'batch',
  'GET 0': 'search',
  'GET 1': 'search',
  'POST 1': 'create',
  'GET 2': 'read',
  'PUT 2': 'update',
  'DELETE 2': 'delete',
}

/** `path` follows the base: `/Patient/p1`, or nothing. Refuses `interaction_unlisted` and what `parseSearch` refuses. */
export function parseInteraction(
  upstream: FhirUpstream,
  method: string,
  path: string,
  query: string,
): Interaction {
  const [type = '', id = '', ...more] = path.slice(1).split('/')
  if (method === 'GET' && type === 'metadata' && id === '') return onlyFormat(query, { kind: 'capabilities' })
  const kind = table[`${method} ${path === '' ? 0 : id === '' ? 1 : 2 + more.length}`]
  if (kind === undefined) throw new Refusal('interaction_unlisted', { method, segments: more.length + 2 })
  if (kind === 'search') return { kind, type, search: parseSearch(upstream, type, query) }
  if (kind === 'batch') return onlyFormat(query, { kind })
  requireType(upstream, type, kind)
  if (kind === 'create') return onlyFormat(query, { kind, type })
  if (!idShape.test(id)) throw new Refusal('interaction_unlisted', { fault: 'id' })
  return onlyFormat(query, { kind, type, id })
}

/** What is about nobody belongs to all practices, so nobody's app writes it. */
function requireType(upstream: FhirUpstream, type: string, kind: string): void {
  const known = type === 'Patient' || ownerPaths.has(type)
  if (known || (kind === 'read' && upstream.patientFree.has(type))) return
  throw new Refusal('interaction_unlisted', { type: type.slice(0, 40), kind })
}

/** Conditional writes, `_elements`, `_summary` and the like would have the upstream choose or cut what is checked. */
function onlyFormat<I extends Interaction>(query: string, interaction: I): I {
  for (const [name, value] of new URLSearchParams(query)) requireFormat(name, value)
  return interaction
}

export const routeOf = (interaction: Interaction): string =>
  'type' in interaction ? `${interaction.type || 'system'}.${interaction.kind}` : interaction.kind

/** SMART App Launch 2.2: the letter of the interaction. */
export const letters = { read: 'r', search: 's', create: 'c', update: 'u', delete: 'd' } as const
