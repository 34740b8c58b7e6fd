/**
 * How far a token's SMART scopes reach: which types and letters, and of those which resources. A `patient/` scope reaches
 * what belongs to the patient in context and to nobody else; one limited by parameters, what answers to them. They limit
 * what may be asked; they never extend it.
 */

import { Refusal } from '../../core/refusal.ts'
import { isPerson, type AccessClaims } from '../../tokens/claims.ts'
import { constraintPaths, parseSmartScope, type Letter } from '../../tokens/smart-scope.ts'
import { idShape, isObject, typeOf, valuesAt, type JsonObject } from './references.ts'

/** One scope's; both absent: every resource of its types. */
export interface Reach {
  /** `Patient/p1`. */
  patient?: string
  /** `category=vital-signs`: all of them. */
  constraints: readonly string[]
}

/** `type` `*`: every type. Empty: nothing. */
export function reachesOf(claims: AccessClaims, type: string, letter: Letter): Reach[] {
  return claims.scope.split(' ').flatMap((text) => {
    const scope = parseSmartScope(text)
    if (!scope || (scope.type !== '*' && scope.type !== type) || !scope.letters.includes(letter)) return []
    const { constraints } = scope
    if (scope.context !== 'patient')
      return (scope.context === 'user') === isPerson(claims) ? [{ constraints }] : []
    // Without a patient in context it is worth nothing.
    const id = isPerson(claims) ? claims.patient : undefined
    return id !== undefined && idShape.test(id) ? [{ patient: `Patient/${id}`, constraints }] : []
  })
}

/** Refuses `insufficient_scope`. */
export function requireReach(claims: AccessClaims, type: string, letter: Letter): Reach[] {
  const reaches = reachesOf(claims, type, letter)
  if (reaches.length === 0) throw new Refusal('insufficient_scope', { scope: `user/${type}.${letter}` })
  return reaches
}

/** `owners`: whose it is. What belongs to more than the patient in context is not theirs alone, and stays. */
export const isWithin = (
  reaches: readonly Reach[],
  resource: JsonObject,
  owners: readonly string[],
): boolean =>
  reaches.some(
    ({ patient, constraints }) =>
      (patient === undefined || (owners.length > 0 && owners.every((owner) => owner === patient))) &&
      constraints.every((constraint) => answers(resource, constraint)),
  )

/** Refuses `insufficient_scope`. */
export function requireWithin(
  reaches: readonly Reach[],
  resource: JsonObject,
  owners: readonly string[],
  letter: Letter,
): void {
  if (isWithin(reaches, resource, owners)) return
  throw new Refusal('insufficient_scope', { scope: `user/${typeOf(resource)}.${letter}` })
}

/** FHIR R4 search §3.1.1.4.10, tokens: `code`, `system|code`, `|code`, `system|`. */
function answers(resource: JsonObject, constraint: string): boolean {
  const cut = constraint.indexOf('=')
  const path = constraintPaths.get(constraint.slice(0, cut))
  if (path === undefined) return false
  const [first = '', second] = constraint.slice(cut + 1).split('|')
  const [system, code] = second === undefined ? [undefined, first] : [first, second]
  return valuesAt(resource, path)
    .flatMap(codingsOf)
    .some(
      (coding) => (code === '' || coding.code === code) && (system === undefined || coding.system === system),
    )
}

/** A code, a Coding or a CodeableConcept, as codings; no system is the empty one. */
function codingsOf(value: unknown): { system: string; code: string }[] {
  if (typeof value === 'string') return [{ system: '', code: value }]
  if (!isObject(value)) return []
  const codings = Array.isArray(value['coding']) ? (value['coding'] as unknown[]) : [value]
  return codings.flatMap((coding) =>
    isObject(coding) && typeof coding['code'] === 'string'
      ? [{ system: typeof coding['system'] === 'string' ? coding['system'] : '', code: coding['code'] }]
      : [],
  )
}
