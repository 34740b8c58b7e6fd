/** The OpenAPI 3.1 document, made from the table the code runs on and from the shapes that parse (zod's JSON Schema). */

import { z } from 'zod'
import { refusalRow, type Reason } from '../core/refusal.ts'
import { problem, named } from './shapes.ts'
import { reasonsOf, tags, type AdminRoute } from './route.ts'
import { authority, type Authority } from './authority.ts'
import { adminTable } from './table.ts'

export type JsonSchema = Record<string, unknown>

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  security: Record<string, string[]>[]
  parameters: JsonSchema[]
  requestBody?: { required: boolean; content: Record<string, { schema: JsonSchema }> }
  responses: Record<string, { description: string; content: Record<string, { schema: JsonSchema }> }>
}

export interface OpenApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, JsonSchema> }
}

export const openApiDocument = (issuer: string): OpenApiDocument => ({
  openapi: '3.1.0',
  info: {
    title: 'Garde admin API',
    version: 'v1',
    description:
      'With an admin token one sets up, reads and tightens; what loosens is answered 202 and waits, at `url`, for an operator’s passkey in the console. Times are seconds since 1970. Lists answer `items` and, when there is more, `next`.',
  },
  servers: [{ url: `${issuer}/admin/v1` }],
  tags: tags.map((name) => ({ name })),
  paths: paths(),
  components: {
    schemas: componentSchemas(),
    securitySchemes: {
      adminToken: { type: 'http', scheme: 'bearer', description: 'From `garde admin token`; 24 h at most.' },
      operatorSession: { type: 'apiKey', in: 'cookie', name: '__Host-garde-session' },
    },
  },
})

function paths(): OpenApiDocument['paths'] {
  const all: OpenApiDocument['paths'] = {}
  for (const row of adminTable) (all[row.path] ??= {})[row.method] = operationOf(row)
  return all
}

const operationOf = (row: AdminRoute): Operation => ({
  operationId: row.operation,
  tags: [row.tag],
  summary: row.summary.en,
  description: authorityWords(authority[row.operation]),
  security: [{ adminToken: [] }, { operatorSession: [] }],
  parameters: [...pathParameters(row), ...queryParameters(row)],
  ...(row.body && {
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(row.body, 'input') } } },
  }),
  responses: { ...answers(row), ...refusals(reasonsOf(row)) },
})

const authorityWords = ({ needs, why, loosensWhen }: Authority): string =>
  `${needs}: ${why}.${loosensWhen === undefined ? '' : ` Waits for an operator when ${loosensWhen}.`}`

const pathParameters = ({ path }: AdminRoute): JsonSchema[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

function queryParameters({ query }: AdminRoute): JsonSchema[] {
  if (!query) return []
  const { properties = {} } = schemaOf(query, 'output') as { properties?: Record<string, JsonSchema> }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
}

const answers = (row: AdminRoute): Operation['responses'] =>
  Object.fromEntries(
    Object.entries(row.answers).map(([status, shape]) => [
      status,
      { description: row.summary.en, content: { 'application/json': { schema: schemaOf(shape, 'output') } } },
    ]),
  )

/** By status, with the public texts: reasons are for the log. */
function refusals(reasons: readonly Reason[]): Operation['responses'] {
  const texts = new Map<number, Set<string>>()
  for (const { status, en } of reasons.map(refusalRow))
    texts.set(status, (texts.get(status) ?? new Set()).add(en))
  return Object.fromEntries(
    [...texts].map(([status, said]) => [
      String(status),
      {
        description: [...said].join(' '),
        content: { 'application/problem+json': { schema: reference(problem) } },
      },
    ]),
  )
}

const address = (id: string): string => `#/components/schemas/${id}`
const reference = (shape: z.ZodType): JsonSchema => ({ $ref: address(named.get(shape)?.id ?? '') })

function componentSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(named, { uri: address, io: 'output' })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema as JsonSchema)]))
}

/** A named shape is a reference; named shapes inside another are too. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output'): JsonSchema {
  if (named.has(shape)) return reference(shape)
  const schema = JSON.stringify(bare(z.toJSONSchema(shape, { metadata: named, io })))
  return JSON.parse(schema.replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema
}

/** OpenAPI says the dialect and the place of a schema itself; components stand in one place. */
const bare = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !['$schema', '$id', '$defs'].includes(key)))
