/**
 * The request target, read in exactly one way or refused (`ambiguous_path`), never repaired: whatever the upstream's
 * parser makes of the address must be what was checked here. One spelling per path, so that one patient has one name.
 */

import { Refusal } from '../core/refusal.ts'

export interface Target {
  /** Starts with a slash, no empty or dot segment, percent-encoding only where it is needed. */
  path: string
  /** Without the question mark; empty when there is none. As received. */
  query: string
}

/** RFC 3986 §3.3 without `;` (path parameters are cut off by some servers and kept by others). */
const plainPath = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,=:@]+)+$/
const encodedPath = /^(?:\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-F]{2})+)+$/
const dotSegment = /\/\.{1,2}(?:\/|$)/
/** Controls, `/`, `\\`, `%` (double encoding), `;`, `?`, `#`, and everything that can be written without encoding. */
const forbiddenEncoded = /%(?:[01][0-9A-F]|2[13-9A-F]|3[0-9ABDF]|4[0-9A-F]|6[1-9A-F]|[57][0-9A]|5[CF]|7[EF])/
/** RFC 3986 §3.4 plus the `|` of FHIR tokens; `;` separates parameters for some parsers only. */
const plainQuery = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@/?|]|%[0-9A-Fa-f]{2})*$/

/** Refuses `ambiguous_path`. */
export function parseTarget(target: string): Target {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark + 1)
  if (!isPlain(path) && !isEncoded(path)) throw new Refusal('ambiguous_path')
  if (query !== '' && (!plainQuery.test(query) || query.includes('%00') || !isUtf8(query)))
    throw new Refusal('ambiguous_path', { part: 'query' })
  return { path, query }
}

const isPlain = (path: string): boolean => plainPath.test(path) && !dotSegment.test(path)

const isEncoded = (path: string): boolean =>
  encodedPath.test(path) && !dotSegment.test(path) && !forbiddenEncoded.test(path) && isUtf8(path)

function isUtf8(encoded: string): boolean {
  if (!encoded.includes('%')) return true
  try {
    decodeURIComponent(encoded)
    return true
  } catch {
    return false
  }
}
