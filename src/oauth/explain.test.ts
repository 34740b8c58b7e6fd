/** Why requests fail, asked of the very steps that refuse them. */

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  oauthHouse,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import type { Checked } from '../clients/check/finding.ts'
import { sayFinding } from '../clients/check/texts.ts'
import { parseClient } from '../clients/client.ts'
import { disableClient, saveClient } from '../clients/store.ts'
import type { ClientId } from '../core/ids.ts'
import { auditQueue, pushedRequests } from '../db/schema.ts'
import { explainAddress } from './explain.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
  await register('elsewhere', {
    redirectUris: ['https://agenda.example/retour'],
    resources: [audience, 'https://x.example/'],
  })
  await register('pushing', { options: { pushedRequestsOnly: true } })
  await register('gone')
  await disableClient(house.services, house.head(), 'gone' as ClientId)
})
afterAll(() => house.close())

const register = (id: string, more: Record<string, unknown> = {}) =>
  saveClient(
    house.services,
    house.head(),
    parseClient({
      id,
      name: id,
      profile: 'web-confidential',
      redirectUris: ['https://app.example/callback'],
      scopes: ['openid', 'user/*.rs'],
      resources: [audience],
      ...more,
    }),
  )

const explain = (address: string, named?: string): Promise<Checked> =>
  explainAddress(house.services, address, named as ClientId | undefined)
const request = (changes: Changes = {}): string => `${house.issuer}${authorizeAddress(changes)}`

const saidOf = ({ findings, parameters }: Checked): string[] =>
  [...findings, ...parameters.flatMap((each) => each.findings)].map((finding) => sayFinding(finding, 'en'))

test('a request that works has nothing to correct', async () => {
  expect(saidOf(await explain(request()))).toEqual([])
})

test.each<[what: string, changes: Changes, said: string]>([
  ['nobody', { client_id: undefined }, 'client_id is missing: the application does not say who it is.'],
  [
    'an unknown application',
    { client_id: 'record-app' },
    'No application is called record-app; perhaps records-app.',
  ],
  [
    'a disabled one',
    { client_id: 'gone', scope: 'openid', redirect_uri: 'https://app.example/callback' },
    'The application gone is disabled.',
  ],
  ['no return address', { redirect_uri: undefined }, 'redirect_uri is missing.'],
  [
    'a slash at the end',
    { redirect_uri: 'http://127.0.0.1/callback/' },
    'The return address differs at character 26. The slash at the end.',
  ],
  [
    'localhost',
    { redirect_uri: 'http://localhost/callback' },
    'The return address differs at character 8. localhost, 127.0.0.1 and [::1] do not stand for each other.',
  ],
  ['another response', { response_type: 'token' }, 'response_type is “token”: only code is accepted.'],
  ['no scope', { scope: undefined }, 'scope is missing.'],
  [
    'scopes nobody registered',
    { scope: 'openid system/*.rs email' },
    'Scopes not registered for this application: system/*.rs, email.',
  ],
  [
    'an audience of somebody else',
    { resource: 'https://other.example/' },
    `https://other.example/ is no audience of the application that is served here (${audience}).`,
  ],
  ['no PKCE', { code_challenge: undefined }, 'code_challenge is missing: PKCE is required.'],
  ['PKCE in clear', { code_challenge_method: 'plain' }, 'code_challenge_method must be S256.'],
  [
    'PKCE padded',
    { code_challenge: `${'A'.repeat(43)}=` },
    'code_challenge must be 43 characters of base64url: the SHA-256 of the secret, without “=”.',
  ],
  ['a prompt that does not exist', { prompt: 'create' }, 'The value of prompt is not accepted.'],
  ['claims that are no JSON', { claims: '{' }, 'The value of claims is not accepted.'],
  ['an age that is no number', { max_age: 'x' }, 'The value of max_age is not accepted.'],
  [
    'a mode that does not exist',
    { response_mode: 'web_message' },
    'The value of response_mode is not accepted.',
  ],
  [
    'a secret in the address',
    { client_secret: 's3cret-value' },
    'client_secret is a secret and has no place in an address: replace it, it has been seen.',
  ],
  [
    'a request that should have been pushed',
    { client_id: 'pushing', redirect_uri: 'https://app.example/callback', scope: 'openid' },
    'This application must push its requests (PAR) before it sends the browser here.',
  ],
])('%s', async (_, changes, said) => {
  const checked = await explain(request(changes))
  expect(saidOf(checked)).toEqual([said])
})

test('everything that is wrong at once, each with its parameter', async () => {
  const checked = await explain(
    request({
      redirect_uri: 'http://127.0.0.1/Callback',
      response_type: undefined,
      scope: 'email',
      code_challenge: undefined,
      prompt: 'create',
      max_age: '-1',
    }),
  )
  const wrong = checked.parameters.filter(({ findings }) => findings.length > 0).map(({ name }) => name)
  expect(wrong.toSorted()).toEqual(
    ['code_challenge', 'max_age', 'prompt', 'redirect_uri', 'response_type', 'scope'].toSorted(),
  )
})

test('a launch nobody handed over hides nothing else', async () => {
  await register('launched', { scopes: ['openid', 'launch'] })
  const changes = { client_id: 'launched', redirect_uri: 'https://app.example/callback' }
  const checked = await explain(request({ ...changes, scope: 'openid launch', prompt: 'create' }))
  const wrong = checked.parameters.filter(({ findings }) => findings.length > 0).map(({ name }) => name)
  expect(wrong.toSorted()).toEqual(['launch', 'prompt'])
})

test('a parameter that stands there twice, and an address of somebody else’s server', async () => {
  const twice = await explain(`${request()}&scope=openid`)
  expect(saidOf(twice)).toEqual(['scope stands there more than once: once is allowed.'])
  const elsewhere = await explain(request().replace(house.issuer, 'https://evil.example'))
  expect(saidOf(elsewhere)).toEqual([
    `It leads to https://evil.example/oauth/authorize and not to ${house.issuer}/oauth/authorize.`,
  ])
})

describe('a return address alone', () => {
  test('that is registered', async () => {
    expect(await explain('https://agenda.example/retour')).toMatchObject({
      read: 'return-address',
      client: 'elsewhere',
      parameters: [{ name: 'redirect_uri', findings: [] }],
    })
  })
  test.each([
    ['http://agenda.example/retour', 5, 'scheme'],
    ['https://agenda.example:8443/retour', 23, 'port'],
    ['https://agenda.example/Retour', 24, 'case'],
    ['https://agenda.example/%72etour', 24, 'encoding'],
    ['https://agenda.example/retour ', 30, 'space'],
    ['https://agenda.example/retour#', 30, 'fragment'],
    ['https://agenda.example/retour?x=1', 30, 'query'],
    ['https://agenda.example/retours', 30, 'path'],
    ['https://agendas.example/retour', 15, 'host'],
  ])('%s differs at character %i: %s', async (address, character, kind) => {
    const { parameters } = await explain(address, 'elsewhere')
    expect(parameters[0]?.findings).toMatchObject([
      { kind: 'redirect-differs', difference: { kind, at: character - 1 } },
    ])
  })
})

test('what is no address is said to be none', async () => {
  expect(await explain('click here')).toMatchObject({ read: 'nothing', findings: [{ kind: 'no-address' }] })
})

test('neither secrets nor persons are shown again, and nothing is taken, kept or written', async () => {
  const before = await house.services.db.select().from(auditQueue)
  const lines = house.services.lines.length
  const checked = await explain(
    request({
      client_secret: 's3cret-value',
      login_hint: 'anne@example.org',
      state: 'private-state',
      id_token_hint: 'eyJ',
    }),
  )
  const told = JSON.stringify(checked)
  for (const value of ['s3cret-value', 'anne@example.org', 'private-state', 'eyJ'])
    expect(told).not.toContain(value)
  expect(await house.services.db.select().from(auditQueue)).toHaveLength(before.length)
  expect(house.services.lines).toHaveLength(lines)
})

test('a pushed request is not used up by asking about it', async () => {
  const form = new URLSearchParams(authorizeAddress().split('?')[1])
  const answer = await fetch(`${house.issuer}/oauth/par`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })
  const { request_uri: name } = (await answer.json()) as { request_uri: string }
  const checked = await explain(
    `${house.issuer}/oauth/authorize?client_id=records-app&request_uri=${encodeURIComponent(name)}`,
  )
  expect(checked.findings).toEqual([{ kind: 'pushed-name' }])
  expect(await house.services.db.select().from(pushedRequests)).toHaveLength(1)
})

/** The endpoint refuses what the checker finds fault with, and only that. */
test('the checker and the endpoint agree, whatever is asked', async () => {
  const value = fc.oneof(
    fc.constantFrom(
      'openid',
      'code',
      'S256',
      'plain',
      'none',
      'query',
      audience,
      'http://127.0.0.1/callback',
      '1',
      '',
    ),
    fc.string({ maxLength: 8 }),
  )
  const parameter = fc.constantFrom(
    'redirect_uri',
    'response_type',
    'response_mode',
    'scope',
    'code_challenge',
    'code_challenge_method',
    'resource',
    'aud',
    'prompt',
    'max_age',
    'claims',
    'acr_values',
    'dpop_jkt',
  )
  const changes = fc.dictionary(parameter, fc.option(value, { nil: undefined }), { maxKeys: 3 })
  await fc.assert(
    fc.asyncProperty(changes, async (changed) => {
      const address = request(changed)
      const before = house.services.lines.length
      await (await fetch(address, { redirect: 'manual', headers: { accept: 'text/html' } })).body?.cancel()
      const refused = house.services.lines
        .slice(before)
        .some(({ message, fields }) => message === 'refused' && fields['reason'] !== 'login_required')
      expect({ changed, refused: saidOf(await explain(address)).length > 0 }).toEqual({ changed, refused })
    }),
    { numRuns: 60 },
  )
})
