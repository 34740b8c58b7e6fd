/** protocols 1: PKCE waived by name, and what that does not waive. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audience, oauthHouse, type OauthHouse } from '../../test/support/oauth.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import type { Reason } from '../core/refusal.ts'

let house: OauthHouse
beforeAll(async () => {
  house = await oauthHouse()
})
afterAll(() => house.close())

describe('whoever may do without PKCE', () => {
  const lax = {
    id: 'lax-app',
    name: 'Ancien',
    profile: 'web-confidential',
    firstParty: true,
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['openid'],
    resources: [audience],
    options: { allowMissingPkce: true },
  }
  const none = { code_challenge: undefined, code_challenge_method: undefined }

  test('does, and a code asked for with a challenge still needs its verifier', async () => {
    const { secret } = await saveClient(house.services, house.head(), parseClient(lax))
    const ask = { client_id: 'lax-app', scope: 'openid' }
    const by = { client_id: 'lax-app', client_secret: secret }
    const bare = () => house.code({ ...ask, ...none })
    expect((await house.exchange(await bare(), { ...by, code_verifier: undefined })).status).toBe(200)
    // RFC 9700 2.1.1: whoever strips the challenge on its way gains nothing.
    expect((await house.exchange(await bare(), by)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('pkce_mismatch' satisfies Reason)
    const challenged = () => house.code(ask)
    expect((await house.exchange(await challenged(), { ...by, code_verifier: undefined })).status).toBe(400)
    expect(house.reason()).toBe('pkce_mismatch')
    expect((await house.exchange(await challenged(), by)).status).toBe(200)
    expect(await house.code({ ...ask, code_challenge_method: 'plain' })).toBe('')
  })

  test('does no longer once that is taken back, and a code from before is worth nothing', async () => {
    const { secret } = await saveClient(
      house.services,
      house.head(),
      parseClient({ ...lax, renewSecret: true }),
    )
    const before = await house.code({ client_id: 'lax-app', scope: 'openid', ...none })
    await saveClient(house.services, house.head(), parseClient({ ...lax, options: {} }))
    const by = { client_id: 'lax-app', client_secret: secret }
    expect((await house.exchange(before, { ...by, code_verifier: undefined })).status).toBe(400)
    expect((await house.exchange(before, by)).body.error).toBe('invalid_grant')
    expect(await house.code({ client_id: 'lax-app', scope: 'openid', ...none })).toBe('')
    expect(house.reason()).toBe('pkce_required')
  })
})
