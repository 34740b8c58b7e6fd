/**
 * Scopes a client can register: those of OpenID Connect that we answer, SMART scopes of the person and of the system
 * (SMART App Launch 2.2, letters in the order c r u d s only), and plain names that a `rest` resource's routes ask for. Scopes limit, never
 * extend, what the person may do.
 */

export const openidScopes = ['openid', 'profile', 'offline_access', 'fhirUser'] as const

const smartScope = /^(user|system)\/(\*|[A-Z][A-Za-z]{1,60})\.(?=[cruds])(c?r?u?d?s?)$/
const plainScope = /^[a-z][a-z0-9_-]{0,30}([.:][a-z0-9_-]{1,30}){1,3}$/

export const isScope = (scope: string): boolean =>
  (openidScopes as readonly string[]).includes(scope) || smartScope.test(scope) || plainScope.test(scope)

/** Of a service that acts for nobody (SMART Backend Services): never a person's, whatever the client is registered for. */
export const isSystemScope = (scope: string): boolean => scope.startsWith('system/') && smartScope.test(scope)

/** What a service's token may say: SMART scopes of the system, and plain names. */
export const isServiceScope = (scope: string): boolean => isSystemScope(scope) || plainScope.test(scope)

/** Is `asked` no more than `held`? The same name, or a SMART scope of the same context, type and letters, or fewer. */
export function coversScope(held: string, asked: string): boolean {
  if (held === asked) return true
  const [has, heldContext, heldType, heldLetters = ''] = smartScope.exec(held) ?? []
  const [wants, context, type, letters = ''] = smartScope.exec(asked) ?? []
  if (has === undefined || wants === undefined || context !== heldContext) return false
  return (
    (heldType === '*' || heldType === type) &&
    letters.split('').every((letter) => heldLetters.includes(letter))
  )
}

/** RFC 6749 §3.3: names between single spaces, in any order; a name given twice counts once. */
export const scopeNames = (scope: string): string[] => [...new Set(scope.split(' ').filter(Boolean))]

export const includesScope = (scope: string, name: string): boolean => scope.split(' ').includes(name)
