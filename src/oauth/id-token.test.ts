/** The ID token's signature and `at_hash`, as an independent client checks them (OpenID Connect Core §3.1.3.6–7). */

import { createHash } from 'node:crypto'
import { compactVerify, createLocalJWKSet, decodeJwt, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audience, callback, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { idTokenAlgorithm, parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { KeyAlgorithm } from '../tokens/keys.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

const app = {
  name: 'x',
  profile: 'smart-public',
  firstParty: true,
  redirectUris: [callback],
  scopes: ['openid'],
  resources: [audience],
}

async function tokensFor(id: string, options: object) {
  await saveClient(house.services, house.head(), parseClient({ ...app, id, options }))
  const code = await house.code({ client_id: id, scope: 'openid' })
  const { body } = await house.exchange(code, { client_id: id })
  const jwks = (await (await fetch(`${house.issuer}/oauth/jwks`)).json()) as JSONWebKeySet
  const proven = await compactVerify(body.id_token ?? '', createLocalJWKSet(jwks))
  return {
    accessToken: body.access_token ?? '',
    idToken: body.id_token ?? '',
    header: proven.protectedHeader,
  }
}

describe('protocols 4: the ID token is signed with', () => {
  test.each<[string, object, KeyAlgorithm, hash: string]>([
    ['RS256 unless the client asks', {}, 'RS256', 'sha256'],
    ['RS256 when asked', { idTokenAlgorithm: 'RS256' }, 'RS256', 'sha256'],
    ['ES256 when asked', { idTokenAlgorithm: 'ES256' }, 'ES256', 'sha256'],
    ['EdDSA when asked, at_hash by SHA-512', { idTokenAlgorithm: 'EdDSA' }, 'EdDSA', 'sha512'],
  ])('%s', async (_name, options, alg, hash) => {
    const { accessToken, idToken, header } = await tokensFor(`app-${alg}`, options)
    expect(header).toMatchObject({ alg, typ: 'JWT' })
    const digest = createHash(hash).update(accessToken).digest()
    expect(decodeJwt(idToken)['at_hash']).toBe(digest.subarray(0, digest.length / 2).toString('base64url'))
  })
})

test.each([
  ['HS256', 'options.idTokenAlgorithm: must be one of ES256, RS256, EdDSA'],
  ['none', 'options.idTokenAlgorithm: must be one of ES256, RS256, EdDSA'],
])('a client cannot ask for %s', (asked, fault) => {
  const save = () => parseClient({ ...app, id: 'x1', options: { idTokenAlgorithm: asked } })
  expect(save).toThrow(expect.objectContaining({ detail: { faults: [fault] } }))
})

test('what the profile no longer allows is not what is used', () => {
  expect(idTokenAlgorithm({ profile: 'smart-public', options: { idTokenAlgorithm: 'PS256' as never } })).toBe(
    'RS256',
  )
})

test('protocols 2: the keys are published with kid, alg and use, and nothing private', async () => {
  const { keys } = (await (await fetch(`${house.issuer}/oauth/jwks`)).json()) as JSONWebKeySet
  const members = Object.fromEntries(keys.map((key) => [key.alg, Object.keys(key).toSorted().join(' ')]))
  expect(members).toEqual({
    ES256: 'alg crv kid kty use x y',
    EdDSA: 'alg crv kid kty use x',
    RS256: 'alg e kid kty n use',
  })
  expect(keys.every(({ use }) => use === 'sig')).toBe(true)
  expect(Buffer.from(keys.find(({ alg }) => alg === 'RS256')?.n ?? '', 'base64url').length).toBe(256)
})
