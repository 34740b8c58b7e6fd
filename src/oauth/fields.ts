/** What a request carries, once: query of a GET, form of a POST (RFC 6749 §3.1, §3.2). */

import type { Context } from 'hono'
import { parseParameters } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import type { OauthEnv } from './accepted.ts'

export type Fields = Readonly<Record<string, string>>

/** Refuses `unsupported_media_type`, `repeated_parameter`, `malformed_request`. */
export const fieldsOf = async (c: Context<OauthEnv>): Promise<Fields> =>
  parseParameters(await parametersOf(c))

/** As they came, some perhaps more than once. Refuses `unsupported_media_type`. */
export async function parametersOf(c: Context<OauthEnv>): Promise<URLSearchParams> {
  if (c.req.method !== 'POST') return new URL(c.req.url).searchParams
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') throw new Refusal('unsupported_media_type')
  return new URLSearchParams(await c.req.text())
}

/** Empty counts as absent (RFC 6749 §3.1). Refuses `malformed_request`. */
export function requireField(fields: Fields, name: string): string {
  const value = fields[name]
  if (!value) throw new Refusal('malformed_request', { missing: name })
  return value
}
