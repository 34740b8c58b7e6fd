/** Protocols 7: what the SMART configuration says is what discovery says, and nothing that is off. */

import { expect, test } from 'vitest'
import { parseConfig } from '../config.ts'
import { metadata } from './metadata.ts'
import { smartConfiguration } from './smart-configuration.ts'

const config = parseConfig({ GARDE_ISSUER: 'https://id.example' }, () => '')
const said = smartConfiguration({ config })

test('protocols 7: S256 and not plain', () =>
  expect(said['code_challenge_methods_supported']).toEqual(['S256']))

test('protocols 7: endpoints and methods are those of discovery', () => {
  const discovery = metadata({ config })
  expect(said).toMatchObject({
    issuer: 'https://id.example',
    authorization_endpoint: 'https://id.example/oauth/authorize',
    token_endpoint: 'https://id.example/oauth/token',
    jwks_uri: 'https://id.example/oauth/jwks',
    grant_types_supported: discovery['grant_types_supported'],
    token_endpoint_auth_methods_supported: discovery['token_endpoint_auth_methods_supported'],
  })
})

test('protocols 7: capabilities follow from what is on', () => {
  const asymmetric = (said['token_endpoint_auth_signing_alg_values_supported'] as string[]).includes('RS384')
  const capabilities = said['capabilities'] as string[]
  expect(capabilities.includes('client-confidential-asymmetric')).toBe(asymmetric)
  expect(capabilities).toEqual(
    expect.arrayContaining([
      'client-public',
      'client-confidential-symmetric',
      'permission-v2',
      'permission-v1',
    ]),
  )
})
