import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ClientId, PracticeId } from '../core/ids.ts'
import { parseClient, type Client } from './client.ts'
import { widens } from './widening.ts'

const input = parseClient({
  id: 'records-app',
  name: 'Dossier',
  profile: 'web-confidential',
  redirectUris: ['https://app.example/a', 'https://app.example/b'],
  postLogoutRedirectUris: ['https://app.example/bye'],
  scopes: ['openid', 'user/*.rs'],
  resources: ['https://api.example/fhir'],
})
const { renewSecret: _, ...fields } = input
const before: Client = {
  ...fields,
  id: 'records-app' as ClientId,
  authentication: ['client_secret_basic', 'client_secret_post'],
  grantTypes: ['authorization_code', 'refresh_token'],
  options: {},
  createdAt: 0,
}

test.each<[string, Partial<typeof input>]>([
  ['skips consent', { firstParty: true }],
  ['serves a practice', { grantTypes: ['client_credentials'], practice: 'prc_a' as PracticeId }],
  ['is told of tokens', { options: { introspects: ['https://api.example/fhir'] } }],
  ['acts on others’ tokens', { options: { actsOnTokensOf: ['records-app' as ClientId] } }],
  ['reads more patients', { options: { patientsPerDay: 1000 } }],
  ['is proven by keys elsewhere', { options: { jwksUri: 'https://keys.example/' } }],
  ['returns elsewhere', { redirectUris: [...input.redirectUris, 'https://evil.example/'] }],
  ['returns elsewhere instead', { redirectUris: ['https://evil.example/'] }],
  ['leaves elsewhere', { postLogoutRedirectUris: ['https://evil.example/'] }],
  ['asks for more', { scopes: ['openid', 'user/*.cruds'] }],
  ['reaches another API', { resources: ['https://other.example/fhir'] }],
  ['bears another name', { name: 'Votre cabinet' }],
  ['needs no secret', { profile: 'smart-public' }],
  ['gets a new secret', { renewSecret: true }],
  ['is told elsewhere who leaves', { options: { backchannelLogoutUri: 'https://evil.example/' } }],
])('an existing client that %s widens', (_what, change) => {
  expect(widens(before, { ...input, ...change })).toBe(true)
})

test('a client whose people must sign in less often widens, one whose must more often does not', () => {
  const hourly = { ...before, options: { defaultMaxAge: 3600 } }
  expect(widens(hourly, { ...input, options: {} })).toBe(true)
  expect(widens(hourly, { ...input, options: { defaultMaxAge: 3601 } })).toBe(true)
  expect(widens(hourly, { ...input, options: { defaultMaxAge: 0 } })).toBe(false)
  expect(widens(before, { ...input, options: { defaultMaxAge: 3600 } })).toBe(false)
})

test('a new client widens only when it would skip consent', () => {
  expect(widens(undefined, input)).toBe(false)
  expect(widens(undefined, { ...input, firstParty: true })).toBe(true)
})

test('whatever only takes away does not widen', () => {
  const part = <T>(list: T[]) => fc.subarray(list, { minLength: 1 })
  fc.assert(
    fc.property(part(input.redirectUris), part(input.scopes), fc.boolean(), (redirectUris, scopes, was) => {
      expect(widens({ ...before, firstParty: was }, { ...input, redirectUris, scopes })).toBe(false)
    }),
  )
})
