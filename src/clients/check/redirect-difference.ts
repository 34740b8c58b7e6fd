/** Where a return address leaves the registered one, and what that kind of difference is called. Pure. */

export const differenceKinds = [
  'space',
  'fragment',
  'trailing-slash',
  'scheme',
  'case',
  'encoding',
  'loopback',
  'port',
  'host',
  'path',
  'query',
  'other',
] as const
export type DifferenceKind = (typeof differenceKinds)[number]

export interface RedirectDifference {
  requested: string
  registered: string
  kind: DifferenceKind
  /** The first character that differs, counted from 0; both are the same up to there. */
  at: number
  /** How many characters at the end are the same. */
  tail: number
}

/** Against the registered address that is most like it; undefined when nothing is registered. */
export function nearestDifference(
  requested: string,
  registered: readonly string[],
): RedirectDifference | undefined {
  return registered
    .map((uri) => differenceOf(requested, uri))
    .toSorted((a, b) => likeness(b) - likeness(a))
    .at(0)
}

/** A named kind of difference is a nearer miss than any number of letters. */
const likeness = ({ kind, at, tail, requested, registered }: RedirectDifference): number =>
  (at + tail) / Math.max(requested.length, registered.length, 1) + (kindOrder(kind) < 7 ? 1 : 0)
const kindOrder = (kind: DifferenceKind): number => differenceKinds.indexOf(kind)

function differenceOf(requested: string, registered: string): RedirectDifference {
  const least = Math.min(requested.length, registered.length)
  let at = 0
  while (at < least && requested[at] === registered[at]) at++
  let tail = 0
  while (tail < least - at && requested.at(-1 - tail) === registered.at(-1 - tail)) tail++
  return { requested, registered, kind: kindOf(requested, registered), at, tail }
}

const kindOf = (requested: string, registered: string): DifferenceKind =>
  differenceKinds.find((kind) => tests[kind](requested, registered)) ?? 'other'

const tests: Record<DifferenceKind, (requested: string, registered: string) => boolean> = {
  space: (a, b) => a.trim() === b,
  fragment: (a, b) => a.includes('#') && a.slice(0, a.indexOf('#')) === b,
  'trailing-slash': (a, b) => `${a}/` === b || a === `${b}/`,
  scheme: (a, b) => withoutScheme(a) === withoutScheme(b),
  case: (a, b) => a.toLowerCase() === b.toLowerCase(),
  encoding: (a, b) => decoded(a) === decoded(b),
  loopback: (a, b) => likeLoopback(a) === likeLoopback(b),
  port: (a, b) => parts(a).hostname === parts(b).hostname && parts(a).port !== parts(b).port,
  host: (a, b) => parts(a).hostname !== parts(b).hostname,
  path: (a, b) => parts(a).pathname !== parts(b).pathname,
  query: (a, b) => parts(a).search !== parts(b).search,
  other: () => true,
}

const withoutScheme = (uri: string): string => uri.replace(/^https?:/, '')
const likeLoopback = (uri: string): string =>
  uri.replace(/^(https?:\/\/)(localhost|127\.0\.0\.1|\[::1\])/, '$1loopback')

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    // Not an encoding of anything: it is as it stands.
    return uri
  }
}

const nowhere = { hostname: '', port: '', pathname: '', search: '' }
const parts = (uri: string): typeof nowhere => (URL.canParse(uri) ? new URL(uri) : nowhere)
