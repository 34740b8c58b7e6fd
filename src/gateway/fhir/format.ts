/** JSON only: what is inspected has one form. */

import { Refusal } from '../../core/refusal.ts'

/** Refuses every parameter that is not a way of saying JSON (`interaction_unlisted`). */
export function requireFormat(name: string, value: string): void {
  if (name === '_pretty') return
  if (name === '_format' && /^(json|application\/(fhir\+)?json)$/.test(value)) return
  throw new Refusal('interaction_unlisted', { parameter: name.slice(0, 40) })
}
