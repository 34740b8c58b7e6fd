/** The document says what the code does, because it is made of it; it must also hold together as a document. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApiDocument, type JsonSchema } from '../../src/admin/openapi.ts'
import { adminTable } from '../../src/admin/table.ts'
import { createApp } from '../../src/app.ts'
import { testServices, type TestServices } from '../support/services.ts'

const document = openApiDocument('https://id.example')

/** Every object in the document. */
function* objects(value: unknown): Generator<JsonSchema> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as JsonSchema
  for (const each of Object.values(value)) yield* objects(each)
}

test.each(adminTable)('$method $path has its operation', ({ method, path, operation, body, answers }) => {
  const described = document.paths[path]?.[method]
  expect(described?.operationId).toBe(operation)
  expect(described?.requestBody !== undefined).toBe(body !== undefined)
  expect(Object.keys(described?.responses ?? {})).toEqual(
    expect.arrayContaining([...Object.keys(answers), '401', '403']),
  )
  const declared = described?.parameters
    .filter((parameter) => parameter['in'] === 'path')
    .map(({ name }) => name)
  expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
})

test('nothing is described that does not run', () => {
  const described = Object.values(document.paths).flatMap((methods) => Object.keys(methods))
  expect(described).toHaveLength(adminTable.length)
  expect(new Set(adminTable.map(({ operation }) => operation)).size).toBe(adminTable.length)
})

test('every reference resolves, and every component is used', () => {
  const references = new Set(
    [...objects(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : [])),
  )
  const components = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
  expect([...references].filter((reference) => !components.includes(reference))).toEqual([])
  expect(components.filter((component) => !references.has(component))).toEqual([])
})

test('every schema of a body or an answer says something', () => {
  for (const path of Object.values(document.paths))
    for (const { responses, requestBody, operationId } of Object.values(path))
      for (const { content } of [...Object.values(responses), ...(requestBody ? [requestBody] : [])])
        for (const { schema } of Object.values(content))
          expect(Object.keys(schema).length, operationId).toBeGreaterThan(0)
})

test('no secret has a place in an answer', () => {
  const answers = JSON.stringify(document.components.schemas)
  for (const name of ['secretHash', 'tokenHash', 'session_sequence', 'publicKey'])
    expect(answers).not.toContain(name)
})

describe('served', () => {
  let services: TestServices
  beforeAll(async () => {
    services = await testServices()
  })
  afterAll(() => services.close())
  const get = (path: string, headers: Record<string, string> = {}) =>
    createApp(services).request(path, { headers }, { remote: '192.0.2.7' })

  test('as JSON', async () => {
    const answer = await get('/admin/v1/openapi.json')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(services.config.issuer))))
  })

  test.each(['fr', 'en'])(
    'as a page (%s) that names every operation and loads nothing foreign',
    async (language) => {
      const answer = await get('/admin/v1/docs', { 'accept-language': language })
      const page = await answer.text()
      expect(answer.headers.get('content-type')).toContain('text/html')
      for (const { path, summary } of adminTable) {
        expect(page).toContain(path)
        expect(page).toContain(summary[language as 'fr'].slice(0, 12))
      }
      expect(page).not.toMatch(/(src|href)="https?:/)
      expect(page).not.toMatch(/\son\w+=|style=/)
    },
  )
})
