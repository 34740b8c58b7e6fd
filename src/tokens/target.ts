/** Are two addresses the same target? RFC 9449 §4.3: query and fragment apart, after RFC 3986 §6.2.2 and §6.2.3. */

/** RFC 3986 §2: what an address is written in. Anything else (spaces, backslashes, letters beyond ASCII) is none. */
const written = /^https?:\/\/(?:[\w.~!$&'()*+,;=:@[\]/-]|%[\da-f]{2})+$/i
const unreserved = /^[\w.~-]$/

/**
 * Scheme and host in lower case, no default port, no dot segments, `/` for an empty path, percent-encoding in capitals
 * and none of what needs none. Undefined: not an http address, or one with a user in it.
 */
export function normalTarget(address: string): string | undefined {
  const addressed = address.split(/[?#]/, 1)[0] ?? ''
  if (!written.test(addressed)) return undefined
  // Decoded before dot segments are removed, so that `%2E%2E` is one.
  const bare = addressed.replaceAll(/%[\da-f]{2}/gi, plainest)
  if (!URL.canParse(bare)) return undefined
  const { protocol, host, pathname, username, password } = new URL(bare)
  return username || password ? undefined : `${protocol}//${host}${pathname}`
}

function plainest(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
  return unreserved.test(character) ? character : encoded.toUpperCase()
}
