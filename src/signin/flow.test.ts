import { array, assert, constantFrom, oneof, property, string, webPath } from 'fast-check'
import { expect, test } from 'vitest'
import type { OperatorId, PractitionerId } from '../core/ids.ts'
import { continuePath, decideLanding, decideSecret, homeOf, type SecretTry } from './flow.ts'

const right: SecretTry = {
  known: true,
  attempt: { allow: true },
  off: false,
  secretRight: true,
  codeRight: true,
}

test.each<[string, Partial<SecretTry>, string | undefined]>([
  ['both right', {}, undefined],
  ['the secret alone', { codeRight: false }, 'secret_or_code_wrong'],
  ['the code alone', { secretRight: false }, 'secret_or_code_wrong'],
  ['nobody', { known: false }, 'secret_or_code_wrong'],
  [
    'both right, but locked from here',
    { attempt: { allow: false, why: 'locked', until: 9 } },
    'factor_locked',
  ],
  ['both right, but switched off', { off: true }, 'secret_sign_in_off'],
  ['nobody, whatever else holds', { known: false, off: true }, 'secret_or_code_wrong'],
])('secret and code: %s', (_name, fields, reason) => {
  const verdict = decideSecret({ ...right, ...fields })
  expect(verdict.allow ? undefined : verdict.reason).toBe(reason)
})

const anne = { kind: 'practitioner', id: 'prt_anne' as PractitionerId } as const
const olive = { kind: 'operator', id: 'opr_olive' as OperatorId } as const

test.each([
  ['nobody was signed in', undefined, { holder: anne, acr: 'garde:passkey' }, 'begin'],
  [
    'the same, as strong',
    { holder: anne, acr: 'garde:passkey' },
    { holder: anne, acr: 'garde:passkey' },
    'raise',
  ],
  [
    'the same, stronger',
    { holder: anne, acr: 'garde:secret-otp' },
    { holder: anne, acr: 'garde:passkey' },
    'raise',
  ],
  [
    'the same, weaker',
    { holder: anne, acr: 'garde:passkey' },
    { holder: anne, acr: 'garde:secret-otp' },
    'replace',
  ],
  ['another', { holder: anne, acr: 'garde:passkey' }, { holder: olive, acr: 'garde:passkey' }, 'replace'],
] as const)('landing: %s', (_name, open, proven, landing) => {
  expect(decideLanding(open, proven)).toBe(landing)
})

test('operators go to the console, everybody else to their account', () => {
  expect([homeOf(olive), homeOf(anne)]).toEqual(['/console', '/account'])
})

test.each(['/oauth/resume?interaction=a_b-c', '/account', '/console/now?x=1&y=%2F'])(
  'goes on to %s',
  (path) => {
    expect(continuePath(path)).toBe(path)
  },
)

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  '\\/evil.example',
  '/.//evil.example/',
  '/a/..//evil.example/',
  '/%2e//evil.example/',
  '/a\\b',
  'javascript:alert(1)',
  'account',
  '',
  '/ /evil.example',
  '/\u0000',
  '/é',
  `/${'a'.repeat(8001)}`,
])('an open redirect is no way on: %j', (path) => {
  expect(continuePath(path)).toBeUndefined()
})

test('whatever is given, the browser stays with us', () => {
  assert(
    property(
      oneof(
        string(),
        array(constantFrom('/', '.', '%2e', 'a', '?', '@', ':')).map((parts) => `/${parts.join('')}`),
        webPath().map((path) => `/${path}`),
      ),
      (value) => {
        const path = continuePath(value)
        if (path !== undefined) expect(new URL(path, 'https://id.example').origin).toBe('https://id.example')
      },
    ),
  )
})
