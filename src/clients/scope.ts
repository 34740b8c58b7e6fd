/**
 * Scopes a client can register: those of OpenID Connect that we answer, SMART scopes and the launches that give them a
 * patient (`tokens/smart-scope.ts` reads them), and plain names that a `rest` resource's routes ask for. Scopes limit,
 * never extend, what the person may do.
 */

import {
  narrowSmart,
  parseSmartScope,
  printSmartScope,
  type ScopeContext,
  type SmartScope,
} from '../tokens/smart-scope.ts'

export const openidScopes = ['openid', 'profile', 'offline_access', 'fhirUser'] as const
/** SMART App Launch 2.2, "Requesting context": from the records application, or chosen by the person. */
export const launchScopes = ['launch', 'launch/patient', 'launch/encounter'] as const

const plainScope = /^[a-z][a-z0-9_-]{0,30}([.:][a-z0-9_-]{1,30}){1,3}$/

/** The one way a scope is written; undefined: it is none. */
export function canonicalScope(scope: string): string | undefined {
  const smart = parseSmartScope(scope)
  if (smart) return printSmartScope(smart)
  const named = [...openidScopes, ...launchScopes].some((name) => name === scope)
  return named || plainScope.test(scope) ? scope : undefined
}

export const isScope = (scope: string): boolean => canonicalScope(scope) !== undefined

const isOf = (context: ScopeContext, scope: string): boolean => parseSmartScope(scope)?.context === context

/** Of a service that acts for nobody (SMART Backend Services): never a person's, whatever the client is registered for. */
export const isSystemScope = (scope: string): boolean => isOf('system', scope)

/** Of one patient: worth nothing until a launch says which. */
export const isPatientScope = (scope: string): boolean => isOf('patient', scope)

/** What a service's token may say: SMART scopes of the system, and plain names. */
export const isServiceScope = (scope: string): boolean => isSystemScope(scope) || plainScope.test(scope)

/**
 * As much of each scope as is held, written the one way. `refused`: those of which nothing is left, as they were asked
 * for; a client learns at once that it will not get them.
 */
export function narrowScopes(
  asked: readonly string[],
  held: readonly string[],
): { granted: string[]; refused: string[] } {
  const heldSmart = smartAmong(held)
  const together = narrowSmart(smartAmong(asked), heldSmart).map(printSmartScope)
  const granted: string[] = []
  const refused: string[] = []
  for (const one of asked) {
    const smart = parseSmartScope(one)
    const left = smart ? narrowSmart([smart], heldSmart).length > 0 : held.includes(one)
    if (!left) refused.push(one)
    // Those of two scopes may be written as one: all stand where the first was asked for.
    else granted.push(...(smart ? together : [one]))
  }
  return { granted: [...new Set(granted)], refused }
}

const smartAmong = (scopes: readonly string[]): SmartScope[] =>
  scopes.flatMap((one) => parseSmartScope(one) ?? [])

/** Is `asked` no more than all of `held` together? */
export const coversScope = (held: readonly string[], asked: string): boolean => {
  const { granted, refused } = narrowScopes([asked], held)
  return refused.length === 0 && granted.includes(canonicalScope(asked) ?? '')
}

/** RFC 6749 §3.3: names between single spaces, in any order; a name given twice counts once. */
export const scopeNames = (scope: string): string[] => [...new Set(scope.split(' ').filter(Boolean))]

export const includesScope = (scope: string, name: string): boolean => scope.split(' ').includes(name)
