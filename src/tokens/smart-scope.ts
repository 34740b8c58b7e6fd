/**
 * SMART App Launch 2.2 scopes: `(patient|user|system)/(Type|*).[c][r][u][d][s][?param=value&…]`. One parser, one written
 * form. What is not understood here grants nothing anywhere.
 */

export type ScopeContext = 'patient' | 'user' | 'system'
export type Letter = 'c' | 'r' | 'u' | 'd' | 's'

export interface SmartScope {
  context: ScopeContext
  /** `*`: every type. */
  type: string
  /** In the order c r u d s; at least one. */
  letters: string
  /** `category=vital-signs`, sorted: a resource must answer to every one of them. */
  constraints: readonly string[]
}

/**
 * Search parameters that a scope may be limited by, and where a resource bears them: those that can be checked on the
 * resource itself. No modifier, no chain, no `_filter`, no list of alternatives.
 */
export const constraintPaths: ReadonlyMap<string, string> = new Map([
  ['category', 'category'],
  ['code', 'code'],
  ['status', 'status'],
  ['type', 'type'],
  ['intent', 'intent'],
  ['clinical-status', 'clinicalStatus'],
  ['verification-status', 'verificationStatus'],
  ['_tag', 'meta.tag'],
  ['_security', 'meta.security'],
])

const shape =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,60})\.(?:(?=[cruds])(c?r?u?d?s?)|(read|write|\*))(?:\?(.+))?$/
const value = /^[A-Za-z0-9:/._|~-]{1,200}$/
/** v1 words (SMART App Launch 1.0). */
const words: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }
const mostConstraints = 5

/** Undefined: it is no SMART scope, or limits in a way that cannot be checked. */
export function parseSmartScope(text: string): SmartScope | undefined {
  const [matched, context, type = '', letters, word, query] = shape.exec(text) ?? []
  if (matched === undefined) return undefined
  const constraints = query === undefined ? [] : parseConstraints(query)
  if (!constraints) return undefined
  return {
    context: context as ScopeContext,
    type,
    letters: letters ?? words[word ?? ''] ?? '',
    constraints,
  }
}

function parseConstraints(query: string): string[] | undefined {
  const parts = query.split('&')
  const known = parts.every((part) => {
    const [name = '', ...rest] = part.split('=')
    return constraintPaths.has(name) && value.test(rest.join('='))
  })
  return known && parts.length <= mostConstraints ? sorted(parts) : undefined
}

const sorted = (parts: readonly string[]): string[] => [...new Set(parts)].toSorted()

/** The one form: v2 letters, parameters in order. */
export const printSmartScope = ({ context, type, letters, constraints }: SmartScope): string =>
  `${context}/${type}.${letters}${constraints.length > 0 ? `?${constraints.join('&')}` : ''}`

/** Is `inner` no more than `outer`: of its context, types and letters, and limited by at least as much? */
export const coversSmart = (outer: SmartScope, inner: SmartScope): boolean =>
  outer.context === inner.context &&
  (outer.type === '*' || outer.type === inner.type) &&
  inner.letters.split('').every((letter) => outer.letters.includes(letter)) &&
  outer.constraints.every((one) => inner.constraints.includes(one))

/** What both allow; undefined: nothing. */
function commonSmart(one: SmartScope, other: SmartScope): SmartScope | undefined {
  const letters = one.letters
    .split('')
    .filter((letter) => other.letters.includes(letter))
    .join('')
  const meet = one.type === other.type || one.type === '*' || other.type === '*'
  if (one.context !== other.context || !meet || letters === '') return undefined
  const type = one.type === '*' ? other.type : one.type
  const constraints = sorted([...one.constraints, ...other.constraints])
  return constraints.length > mostConstraints
    ? undefined
    : { context: one.context, type, letters, constraints }
}

/** What of `asked` is within `held`: as few scopes as say it. Never more than either; twice is as once. */
export const narrowSmart = (asked: readonly SmartScope[], held: readonly SmartScope[]): SmartScope[] =>
  withoutCovered(
    gatherLetters(asked.flatMap((one) => held.flatMap((other) => commonSmart(one, other) ?? []))),
  )

function gatherLetters(scopes: readonly SmartScope[]): SmartScope[] {
  const byPlace = new Map<string, SmartScope>()
  for (const scope of scopes) {
    const place = printSmartScope({ ...scope, letters: '' })
    const letters = 'cruds'
      .split('')
      .filter((letter) => `${byPlace.get(place)?.letters ?? ''}${scope.letters}`.includes(letter))
    byPlace.set(place, { ...scope, letters: letters.join('') })
  }
  return [...byPlace.values()]
}

const withoutCovered = (scopes: readonly SmartScope[]): SmartScope[] =>
  scopes.filter((one) => !scopes.some((other) => other !== one && coversSmart(other, one)))
