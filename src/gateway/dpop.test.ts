/** Tokens bound to a key (RFC 9449) at a resource, over HTTP: attacks are named after what is tried. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { gatewayWorld, issuer, type GatewayWorld } from '../../test/support/gateway.ts'
import { proofMaker, type ProofChanges, type ProofMaker } from '../../test/support/proofs.ts'
import { gatewayProofs } from '../runtime/proofs.ts'

let world: GatewayWorld
let own: ProofMaker
let other: ProofMaker
beforeAll(async () => {
  world = await gatewayWorld()
  own = await proofMaker()
  other = await proofMaker('EdDSA')
})
afterAll(() => world.close())
beforeEach(() => {
  world.reset()
  world.proofs = gatewayProofs()
  world.token('bound', { cnf: { jkt: own.jkt } })
  world.upstream.on('GET /api/agenda', { body: '{}' })
  world.upstream.on('POST /api/agenda', { body: '{}' })
})

const target = `${issuer}/records/agenda`
const prove = (changes?: ProofChanges, key = own) => {
  const at = world.clock.now()
  return key.prove({ method: 'GET', target, at, nonce: world.proofs.nonce(at), token: 'bound' }, changes)
}
const show = async (proof: string, init: { scheme?: string; path?: string; method?: string } = {}) => {
  const { scheme = 'DPoP', path = '/records/agenda', method = 'GET' } = init
  const headers = { authorization: `${scheme} bound`, dpop: proof }
  return world.get(path, { method, headers })
}
const lastReason = () => world.strangers.at(-1)?.reason

describe('protocols 8: a bound token', () => {
  test.each(['DPoP', 'dpop', 'DPOP'])('passes with a proof, whatever the case of %s', async (scheme) => {
    expect((await show(await prove(), { scheme })).status).toBe(200)
    expect(world.upstream.calls.at(-1)?.headers).not.toHaveProperty('dpop')
  })

  test('the nonce is asked for in the scheme that was tried, and then it passes', async () => {
    const refused = await show(await prove({ claims: { nonce: undefined } }))
    expect([refused.status, lastReason()]).toEqual([401, 'proof_nonce'])
    expect(refused.headers.get('www-authenticate')).toBe(
      `DPoP algs="ES256 ES384 EdDSA Ed25519 PS256 RS384", resource_metadata="${issuer}/.well-known/oauth-protected-resource/records", error="use_dpop_nonce"`,
    )
    const nonce = refused.headers.get('dpop-nonce') ?? ''
    expect((await show(await prove({ claims: { nonce } }))).status).toBe(200)
  })

  test('whoever shows nothing is told of both schemes', async () => {
    const answer = await fetch(`${world.url}/records/agenda`)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*, DPoP algs=/)
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{22}$/)
  })

  test('downgraded to Bearer', async () => {
    expect((await show(await prove(), { scheme: 'Bearer' })).status).toBe(401)
    expect(lastReason()).toBe('token_binding')
  })
  test('a bearer token dressed up as DPoP', async () => {
    const headers = { authorization: 'DPoP a', dpop: await prove() }
    expect((await world.get('/records/agenda', { headers })).status).toBe(401)
    expect(lastReason()).toBe('token_binding')
  })
  test('with the proof of another key', async () => {
    expect((await show(await prove({}, other))).status).toBe(401)
    expect(lastReason()).toBe('token_binding')
  })
  test('without a proof', async () => {
    await world.get('/records/agenda', { headers: { authorization: 'DPoP bound' } })
    expect(lastReason()).toBe('proof_invalid')
  })
  test('with two proofs', async () => {
    await show(`${await prove()}, ${await prove()}`)
    expect(lastReason()).toBe('proof_invalid')
  })
  test('replayed here, on another node, and after a restart', async () => {
    const proof = await prove()
    expect((await show(proof)).status).toBe(200)
    expect((await show(proof)).status).toBe(401)
    expect(lastReason()).toBe('proof_replayed')
    world.proofs = gatewayProofs()
    expect((await show(proof)).status).toBe(401)
    expect(lastReason()).toBe('proof_nonce')
  })
  test('a proof for another method, or another address', async () => {
    await show(await prove(), { method: 'POST' })
    expect(lastReason()).toBe('proof_invalid')
    await show(await prove({ claims: { htu: `${issuer}/records/patients/p1` } }))
    expect(lastReason()).toBe('proof_invalid')
    expect(world.upstream.forwarded()).toEqual([])
  })
  test('a proof for the address that the Host header says', async () => {
    await show(await prove({ claims: { htu: `${world.url}/records/agenda` } }))
    expect(lastReason()).toBe('proof_invalid')
  })
  test('with a memory that is full, nobody passes: forgetting would let a replay in', async () => {
    world.proofs = gatewayProofs(1)
    expect((await show(await prove())).status).toBe(200)
    const full = await show(await prove())
    expect([full.status, full.headers.get('retry-after'), lastReason()]).toEqual([
      503,
      '5',
      'state_unavailable',
    ])
    world.clock.advance(200)
    expect((await show(await prove())).status).toBe(200)
  })
})
