import { expect, test } from 'vitest'
import { createLog } from './log.ts'

const written = (fields: Record<string, unknown>, message = 'said'): string => {
  const lines: string[] = []
  createLog(
    'info',
    (line) => lines.push(line),
    () => new Date(0),
  )('info', message, fields)
  return lines.join('')
}

test('a line is one JSON object with time, level, message and fields', () => {
  expect(written({ request: 'req_1', status: 403 })).toBe(
    '{"at":"1970-01-01T00:00:00.000Z","level":"info","message":"said","request":"req_1","status":403}\n',
  )
})

test('lines below the configured level are not written', () => {
  const lines: string[] = []
  createLog('warn', (line) => lines.push(line))('info', 'quiet')
  expect(lines).toEqual([])
})

test.each([
  ['a field called cookie', { headers: { Cookie: '__Host-garde=abc' } }, '__Host-garde'],
  ['a field called client_secret', { client_secret: 'hunter2' }, 'hunter2'],
  ['a field called email', { email: 'x' }, '"x"'],
  [
    'a token in a sentence',
    { detail: 'bad eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwIn0.c2ln here' },
    'eyJzdWIiOiJwIn0',
  ],
  ['an authorization header in a sentence', { detail: 'sent Bearer abc.def' }, 'abc.def'],
  [
    'a session cookie value',
    { detail: 'got 3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA today' },
    '3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ],
  ['an address', { detail: 'for alice.martin@cabinet.example' }, 'alice'],
  ['the query of a link', { detail: 'at https://id.example/enrol?link=abc' }, 'link=abc'],
  ['the fragment of a link', { detail: 'at https://id.example/enrol#abcdef' }, 'abcdef'],
  ['the password of a database', { detail: 'postgres://garde:hunter2@db.example:5432/garde' }, 'hunter2'],
  [
    'the values of a failed query',
    { error: 'Failed query: select $1\nparams: Martin,1970-01-01\n    at run (x.ts:1)' },
    'Martin',
  ],
  ['what an Error says', { cause: new Error('Failed query: x\nparams: Martin') }, 'Martin'],
])('%s does not reach the log', (_, fields, secret) => {
  expect(written(fields)).not.toContain(secret)
})

test('identifiers of ours stay, so that a line can be followed', () => {
  expect(written({ request: 'req_AAAAAAAAAAAAAAAAAAAAAA', path: '/oauth/token' })).toContain(
    'req_AAAAAAAAAAAAAAAAAAAAAA',
  )
})

test('a value that refers to itself is cut, not followed for ever', () => {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  expect(written(loop)).toContain('[deeper]')
})
