/** The fields of a shape, in words short enough for a table. */

import { z } from 'zod'
import { named } from './shapes.ts'

export interface Field {
  name: string
  type: string
  required: boolean
}

interface Schema {
  type?: string
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  $ref?: string
}

/** Of a union, the fields of every member. */
export function fieldsOf(shape: z.ZodType, io: 'input' | 'output'): Field[] {
  const schema = z.toJSONSchema(shape, { metadata: named, io }) as Schema
  const members = schema.anyOf ?? schema.oneOf ?? [schema]
  const fields = new Map<string, Field>()
  for (const { properties = {}, required = [] } of members)
    for (const [name, each] of Object.entries(properties))
      fields.set(name, { name, type: typeOf(each), required: io === 'input' && required.includes(name) })
  return [...fields.values()]
}

function typeOf({ type, enum: values, const: value, format, items, anyOf, oneOf, $ref }: Schema): string {
  if ($ref) return $ref.replace(/.*\//, '')
  if (value !== undefined) return JSON.stringify(value)
  if (values) return values.join(' | ')
  const members = anyOf ?? oneOf
  if (members) return members.map(typeOf).join(' | ')
  if (items) return `${typeOf(items)}[]`
  return format ?? type ?? 'object'
}
