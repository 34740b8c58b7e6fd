/** Bodies of pages, read once and checked: forms by people, JSON by our own modules. */

import type { Context } from 'hono'
import type { z } from 'zod'
import { parse, parseParameters } from '../core/parse.ts'
import { Refusal } from '../core/refusal.ts'
import type { Env } from '../web.ts'

/** A JSON object. Refuses `unsupported_media_type`, `malformed_request`. */
export async function readJson<T extends z.ZodType>(c: Context<Env>, shape: T): Promise<z.output<T>> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
    throw new Refusal('unsupported_media_type')
  let body: unknown
  try {
    body = JSON.parse(await c.req.text())
  } catch {
    throw new Refusal('malformed_request', { fault: 'JSON' })
  }
  return parse(shape, body)
}

/** Refuses `unsupported_media_type`, `repeated_parameter`, `malformed_request`. */
export async function readForm<T extends z.ZodType>(c: Context<Env>, shape: T): Promise<z.output<T>> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
    throw new Refusal('unsupported_media_type')
  return parse(shape, parseParameters(new URLSearchParams(await c.req.text())))
}
