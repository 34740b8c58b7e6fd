/** Tokens bound to a key (RFC 9449) at the authorization server, over HTTP. */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  audience,
  authorizeAddress,
  oauthHouse,
  type Changes,
  type OauthHouse,
} from '../../test/support/oauth.ts'
import { proofMaker, type ProofChanges, type ProofMaker } from '../../test/support/proofs.ts'
import { parseClient } from '../clients/client.ts'
import { saveClient } from '../clients/store.ts'
import { widens } from '../clients/widening.ts'

let house: OauthHouse
let own: ProofMaker
let other: ProofMaker
beforeAll(async () => {
  house = await oauthHouse()
  own = await proofMaker()
  other = await proofMaker()
})
afterAll(() => house.close())

const proof = (key: ProofMaker, path: string, more: { token?: string } = {}, changes?: ProofChanges) => {
  const at = house.clock.now()
  const method = path === '/oauth/userinfo' ? 'GET' : 'POST'
  const nonce = house.services.proofs.nonce(at)
  return key.prove({ method, target: `${house.issuer}${path}`, at, nonce, ...more }, changes)
}
const exchange = async (code: string, key: ProofMaker, changes?: ProofChanges) =>
  house.token(
    {
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'http://127.0.0.1/callback',
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    },
    { dpop: await proof(key, '/oauth/token', {}, changes) },
  )
const refresh = async (token: string | undefined, key?: ProofMaker, changes: Changes = {}) =>
  house.token(
    { grant_type: 'refresh_token', refresh_token: token, ...changes },
    key ? { dpop: await proof(key, '/oauth/token') } : {},
  )
const userinfo = async (headers: Record<string, string>) =>
  fetch(`${house.issuer}/oauth/userinfo`, { headers })

describe('protocols 3: DPoP at the token endpoint', () => {
  test('binds access token and refresh token to the key, and answers with the next nonce', async () => {
    const { status, headers, body } = await exchange(await house.code(), own)
    expect([status, (body as { token_type?: string }).token_type]).toEqual([200, 'DPoP'])
    expect(headers.get('dpop-nonce')).toBe(house.services.proofs.nonce(house.clock.now()))
    expect(decodeJwt(body.access_token ?? '')['cnf']).toEqual({ jkt: own.jkt })
    const again = await refresh(body.refresh_token, own)
    expect(decodeJwt(again.body.access_token ?? '')['cnf']).toEqual({ jkt: own.jkt })
  })

  test('asks for its nonce, and the code is not taken meanwhile', async () => {
    const code = await house.code()
    const { status, headers, body } = await exchange(code, own, { claims: { nonce: undefined } })
    expect([status, body.error, house.reason()]).toEqual([400, 'use_dpop_nonce', 'proof_nonce'])
    expect(headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
    expect((await exchange(code, own)).status).toBe(200)
  })

  test('a stolen refresh token is worth nothing without the key, and stays its owner’s', async () => {
    const { body } = await exchange(await house.code(), own)
    for (const thief of [undefined, other]) {
      const refused = await refresh(body.refresh_token, thief)
      expect([refused.status, refused.body.error, house.reason()]).toEqual([
        400,
        'invalid_grant',
        'proof_other_key',
      ])
    }
    expect((await refresh(body.refresh_token, own)).status).toBe(200)
  })

  test('a code bound by dpop_jkt and redeemed with another key is refused, and spent', async () => {
    const code = await house.code({ dpop_jkt: own.jkt })
    expect((await exchange(code, other)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('proof_other_key')
    await exchange(code, own)
    expect(house.reason()).toBe('code_reused')
    expect((await exchange(await house.code({ dpop_jkt: own.jkt }), own)).status).toBe(200)
  })

  test('a proof is shown once', async () => {
    const { body } = await exchange(await house.code(), own)
    const once = { dpop: await proof(own, '/oauth/token') }
    const ask = () => house.token({ grant_type: 'refresh_token', refresh_token: body.refresh_token }, once)
    expect((await ask()).status).toBe(200)
    const again = await ask()
    expect([again.status, again.body.error, house.reason()]).toEqual([
      400,
      'invalid_dpop_proof',
      'proof_replayed',
    ])
  })
})

describe('RFC 9449 10.1: DPoP at PAR', () => {
  const push = async (changes: Changes, headers: Record<string, string>) => {
    const answer = await fetch(`${house.issuer}/oauth/par`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URL(authorizeAddress(changes), house.issuer).searchParams.toString(),
    })
    const body = (await answer.json()) as { request_uri?: string; error?: string }
    return { status: answer.status, headers: answer.headers, body }
  }
  const arrive = async (name: string | undefined, more: Record<string, string> = {}) => {
    const browser = house.browser()
    await browser.signIn()
    const query = new URLSearchParams({ client_id: 'records-app', request_uri: name ?? '', ...more })
    const answer = await browser.open(`/oauth/authorize?${query.toString()}`)
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
  }

  test('a proof binds the code to its key, whatever the browser brings beside the request', async () => {
    const pushed = await push({}, { dpop: await proof(own, '/oauth/par') })
    expect(pushed.status).toBe(201)
    expect(pushed.headers.get('dpop-nonce')).toBe(house.services.proofs.nonce(house.clock.now()))
    const code = await arrive(pushed.body.request_uri, { dpop_jkt: other.jkt })
    expect((await exchange(code, other)).body.error).toBe('invalid_grant')
    expect(house.reason()).toBe('proof_other_key')
    const again = await push({ dpop_jkt: own.jkt }, { dpop: await proof(own, '/oauth/par') })
    expect((await exchange(await arrive(again.body.request_uri), own)).status).toBe(200)
  })

  test('a code bound at PAR is worth nothing to a client that proves no key', async () => {
    const pushed = await push({}, { dpop: await proof(own, '/oauth/par') })
    const { body } = await house.exchange(await arrive(pushed.body.request_uri))
    expect([body.error, house.reason()]).toEqual(['invalid_grant', 'proof_other_key'])
  })

  test('a proof and the dpop_jkt of another key is refused, and nothing is stored', async () => {
    const { status, body } = await push({ dpop_jkt: other.jkt }, { dpop: await proof(own, '/oauth/par') })
    expect([status, body, house.reason()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_dpop_proof' }),
      'proof_invalid',
    ])
    expect(body).not.toHaveProperty('request_uri')
  })

  test('asks for its nonce, and a proof made for the token endpoint is none', async () => {
    const fresh = await push(
      {},
      { dpop: await proof(own, '/oauth/par', {}, { claims: { nonce: undefined } }) },
    )
    expect([fresh.status, fresh.body.error]).toEqual([400, 'use_dpop_nonce'])
    expect(fresh.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
    const elsewhere = await push({}, { dpop: await proof(own, '/oauth/token') })
    expect(elsewhere.body.error).toBe('invalid_dpop_proof')
  })
})

test('protocols 1: a client that demands bound tokens gets no others, and dropping the demand widens it', async () => {
  const app = {
    id: 'bound-app',
    name: 'Lié',
    profile: 'smart-public',
    firstParty: true,
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['openid', 'offline_access', 'user/*.cruds'],
    resources: [audience],
  }
  const demanding = parseClient({ ...app, options: { dpopRequired: true } })
  const { client } = await saveClient(house.services, house.head(), demanding)
  expect([widens(client, demanding), widens(client, parseClient(app))]).toEqual([false, true])
  const { status, headers, body } = await house.exchange('x', { client_id: 'bound-app' })
  expect([status, body.error, house.reason()]).toEqual([400, 'invalid_dpop_proof', 'proof_required'])
  expect(headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
})

test('a service’s own token is bound to the key it proves', async () => {
  const service = parseClient({
    id: 'bound-service',
    name: 'Service',
    profile: 'web-confidential',
    redirectUris: ['https://service.example/cb'],
    scopes: ['system/*.rs'],
    resources: [audience],
    grantTypes: ['client_credentials'],
    practice: house.practice.id,
    options: { dpopRequired: true },
  })
  const { secret } = await saveClient(house.services, house.head(), service)
  const asked = { grant_type: 'client_credentials', client_id: 'bound-service', client_secret: secret }
  expect((await house.token(asked)).body.error).toBe('invalid_dpop_proof')
  const { status, body } = await house.token(asked, { dpop: await proof(own, '/oauth/token') })
  expect([status, (body as { token_type?: string }).token_type]).toEqual([200, 'DPoP'])
  expect(decodeJwt(body.access_token ?? '')['cnf']).toEqual({ jkt: own.jkt })
})

describe('protocols 3: DPoP at userinfo', () => {
  test('the bound token with a proof; as Bearer, without proof, or by another key it is worth nothing', async () => {
    const { body } = await exchange(await house.code(), own)
    const token = body.access_token ?? ''
    const path = '/oauth/userinfo'
    const asked: [Record<string, string>, number, unknown][] = [
      [{ authorization: `DPoP ${token}`, dpop: await proof(own, path, { token }) }, 200, undefined],
      [{ authorization: `dpop ${token}`, dpop: await proof(own, path, { token }) }, 200, undefined],
      [{ authorization: `Bearer ${token}` }, 401, 'token_binding'],
      [{ authorization: `Bearer ${token}`, dpop: await proof(own, path, { token }) }, 401, 'token_binding'],
      [{ authorization: `DPoP ${token}` }, 401, 'proof_invalid'],
      [{ authorization: `DPoP ${token}`, dpop: await proof(other, path, { token }) }, 401, 'token_binding'],
      [{ authorization: `DPoP ${token}`, dpop: await proof(own, path) }, 401, 'proof_invalid'],
    ]
    for (const [headers, status, reason] of asked) {
      const answer = await userinfo(headers)
      expect([answer.status, status === 200 ? undefined : house.reason()]).toEqual([status, reason])
    }
  })

  test('asks for its nonce by a challenge that pages of other origins can read', async () => {
    const { body } = await exchange(await house.code(), own)
    const token = body.access_token ?? ''
    const dpop = await proof(own, '/oauth/userinfo', { token }, { claims: { nonce: 'old' } })
    const answer = await userinfo({ authorization: `DPoP ${token}`, dpop })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(
      'DPoP algs="ES256 ES384 EdDSA Ed25519 PS256 RS384", realm="Garde", error="use_dpop_nonce"',
    )
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
    expect(answer.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce')
  })

  test('a token of no key sent as DPoP is refused', async () => {
    const { body } = await house.exchange(await house.code())
    const token = body.access_token ?? ''
    const dpop = await proof(own, '/oauth/userinfo', { token })
    expect((await userinfo({ authorization: `DPoP ${token}`, dpop })).status).toBe(401)
    expect(house.reason()).toBe('token_binding')
  })
})
