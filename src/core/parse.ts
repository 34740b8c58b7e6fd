/** The edge: unknown in, typed out, or a Refusal. One parser per input; zod says the shape. */

import type { z } from 'zod'
import { Refusal, type Reason } from './refusal.ts'

/**
 * Refuses with `reason` (default `malformed_request`); the detail names fields and rules, in our own sentence where the shape
 * has one, and never the values sent.
 */
export function parse<T extends z.ZodType>(
  shape: T,
  value: unknown,
  reason: Reason = 'malformed_request',
): z.output<T> {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  throw new Refusal(reason, {
    faults: result.error.issues.map((issue) => `${issue.path.join('.')}: ${ruleOf(issue)}`),
  })
}

/** What a rule of ours says; of the library's, only which it is. */
const ruleOf = ({ code, message }: z.core.$ZodIssue): string =>
  code === 'custom' && message !== 'Invalid input' ? message : code

/** Form fields or query parameters, each at most once (RFC 6749 §3.1). Refuses `repeated_parameter`. */
export function parseParameters(parameters: URLSearchParams): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, value] of parameters) {
    if (name in fields) throw new Refusal('repeated_parameter', { name: name.slice(0, 40) })
    if (value.includes('\0'))
      throw new Refusal('malformed_request', { name: name.slice(0, 40), fault: 'NUL' })
    fields[name] = value
  }
  return fields
}
