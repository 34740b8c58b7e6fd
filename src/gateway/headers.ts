/**
 * Which headers pass, in both directions. By name, from a list: what is not listed does not pass, so no identity header
 * an upstream might believe needs to be known here. Names with `_` or `.` (which some servers read as `-`) are on no list.
 */

import { Refusal } from '../core/refusal.ts'

/** Name, value, name, value… as the platform read them from the wire. */
export type RawHeaders = readonly string[]

/** What the pipeline reads, and what goes on. */
export interface RequestHeaders {
  authorization?: string
  /** RFC 9449 §4.1; given twice it is joined, and is no proof. */
  proof?: string
  acceptLanguage?: string
  contentType?: string
  contentEncoding?: string
  contentLength?: string
  transferEncoding?: string
  forwardedFor?: string
  ifMatch?: string
  ifNoneExist?: string
  prefer?: string
  /** To be sent on when the answer is not inspected; names in lower case. */
  passing: string[]
}

type Field = Exclude<keyof RequestHeaders, 'passing'>

/** Read here; given twice, a request says two things and is refused. */
const fields = new Map<string, Field>([
  ['authorization', 'authorization'],
  ['dpop', 'proof'],
  ['accept-language', 'acceptLanguage'],
  ['content-type', 'contentType'],
  ['content-encoding', 'contentEncoding'],
  ['content-length', 'contentLength'],
  ['transfer-encoding', 'transferEncoding'],
  ['x-forwarded-for', 'forwardedFor'],
  ['if-match', 'ifMatch'],
  ['if-none-exist', 'ifNoneExist'],
  ['prefer', 'prefer'],
])

const passingRequestNames = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'idempotency-key',
  'prefer',
  'range',
  'traceparent',
  'tracestate',
  'user-agent',
])

/** Refuses `malformed_request` where a header that decides something is given twice. */
export function readRequestHeaders(raw: RawHeaders, extra: ReadonlySet<string>): RequestHeaders {
  const headers: RequestHeaders = { passing: [] }
  let listed: Set<string> | undefined
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const value = raw[i + 1] as string
    const field = fields.get(name)
    if (field) {
      if (headers[field] === undefined) headers[field] = value
      else if (field === 'forwardedFor' || field === 'proof') headers[field] += `, ${value}`
      else if (field !== 'acceptLanguage') throw new Refusal('malformed_request', { repeated: name })
    } else if (name === 'connection') listed = connectionNames(value, listed)
    if (passingRequestNames.has(name) || extra.has(name)) headers.passing.push(name, value)
  }
  if (listed) headers.passing = without(headers.passing, listed)
  return headers
}

/** RFC 9110 §7.6.1: names listed in Connection are for this hop only. */
function connectionNames(value: string, before: Set<string> | undefined): Set<string> | undefined {
  if (value === 'keep-alive' || value === 'close') return before
  const names = before ?? new Set<string>()
  for (const name of value.split(',')) names.add(name.trim().toLowerCase())
  return names
}

function without(pairs: string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = pairs[i] as string
    if (!names.has(name)) kept.push(name, pairs[i + 1] as string)
  }
  return kept
}

/** From the upstream: no cookies for our origin, no counts, no policies, no addresses of its own. */
const passingAnswerNames = new Set([
  'accept-ranges',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
  'vary',
])

/** A records API shares our origin with the sign-in page: whatever it answers is data, never a page or a script. */
export const answerSafeguards: RawHeaders = [
  'cache-control',
  'private, no-store',
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  "default-src 'none'; sandbox; frame-ancestors 'none'",
  'cross-origin-resource-policy',
  'same-origin',
]

export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>

/** `location` is rewritten to the public base, or dropped when it points elsewhere. */
export function shapeAnswerHeaders(
  upstream: UpstreamHeaders,
  extra: ReadonlySet<string>,
  publicLocation: (location: string) => string | undefined,
): string[] {
  const shaped = [...answerSafeguards]
  const listed = upstream['connection']
    ? connectionNames(String(upstream['connection']), undefined)
    : undefined
  for (const name in upstream) {
    if (listed?.has(name) || !(passingAnswerNames.has(name) || extra.has(name))) continue
    const value = upstream[name]
    if (value !== undefined) shaped.push(name, typeof value === 'string' ? value : value.join(', '))
  }
  const location = upstream['location']
  const rewritten = typeof location === 'string' ? publicLocation(location) : undefined
  if (rewritten !== undefined) shaped.push('location', rewritten)
  return shaped
}
