/**
 * Scopes a client can register: those of OpenID Connect that we answer, SMART scopes of the person (SMART App Launch 2.2,
 * letters in the order c r u d s only), and plain names that a `rest` resource's routes ask for. Scopes limit, never
 * extend, what the person may do.
 */

export const openidScopes = ['openid', 'profile', 'offline_access', 'fhirUser'] as const

const smartScope = /^user\/(\*|[A-Z][A-Za-z]{1,60})\.(?=[cruds])c?r?u?d?s?$/
const plainScope = /^[a-z][a-z0-9_-]{0,30}([.:][a-z0-9_-]{1,30}){1,3}$/

export const isScope = (scope: string): boolean =>
  (openidScopes as readonly string[]).includes(scope) || smartScope.test(scope) || plainScope.test(scope)

/** RFC 6749 §3.3: names between single spaces, in any order; a name given twice counts once. */
export const scopeNames = (scope: string): string[] => [...new Set(scope.split(' ').filter(Boolean))]

export const includesScope = (scope: string, name: string): boolean => scope.split(' ').includes(name)
