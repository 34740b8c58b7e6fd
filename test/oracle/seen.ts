/** An answer as fields that can be compared: what is new each time is told by its kind. */

import { decodeJwt, decodeProtectedHeader } from 'jose'
import { callback, bye } from './sides.ts'

export type Seen = Record<string, string>

const headers = ['cache-control', 'pragma', 'content-type', 'www-authenticate', 'access-control-allow-origin']

/** Texts and ids: that they are there is what counts. */
const free = new Set([
  'error_description',
  'request',
  'jti',
  'sub',
  'sid',
  'iat',
  'exp',
  'auth_time',
  'at_hash',
  'access_token',
  'refresh_token',
  'id_token',
  'request_uri',
  'code',
  'device_code',
  'user_code',
  'practice',
  'grant_id',
  'session_started_at',
  'session_sequence',
])

export async function seenIn(answer: Response, issuer: string): Promise<Seen> {
  const told = (text: string) => text.replaceAll(issuer, '<issuer>')
  const seen: Seen = { status: String(answer.status) }
  for (const name of headers) {
    const value = answer.headers.get(name)
    if (value !== null)
      seen[name] = told(value.toLowerCase().replaceAll(/error_description="[^"]*"/g, 'error_description'))
  }
  const location = answer.headers.get('location')
  if (location !== null) Object.assign(seen, whereTo(location, issuer))
  const body = await answer.text()
  if (seen['content-type']?.includes('json'))
    Object.assign(seen, membersOf(JSON.parse(body) as object, told, 'body'))
  return seen
}

function whereTo(location: string, issuer: string): Seen {
  const target = new URL(location, issuer)
  const to = target.origin + target.pathname
  if (to !== callback && to !== bye) return { to: 'a page of its own' }
  return {
    to,
    ...membersOf(
      Object.fromEntries(target.searchParams),
      (text) => text.replaceAll(issuer, '<issuer>'),
      'answer',
    ),
  }
}

/** As JSON; the order of a list says nothing here. */
export const written = (value: unknown): string =>
  JSON.stringify(Array.isArray(value) ? value.map(String).toSorted((a, b) => (a < b ? -1 : 1)) : value)

function membersOf(members: object, told: (text: string) => string, of: string): Seen {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      `${of}.${name}`,
      free.has(name) ? 'there' : told(written(value)),
    ]),
  )
}

/** Header and claims of a JWT. */
export function seenInToken(token: string, issuer: string): Seen {
  const { kid: _kid, ...header } = decodeProtectedHeader(token)
  const told = (text: string) => text.replaceAll(issuer, '<issuer>')
  return { ...membersOf(header, told, 'header'), ...membersOf(decodeJwt(token), told, 'claim') }
}
