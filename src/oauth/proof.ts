/** Proofs of possession at this server's own endpoints (RFC 9449 §5, §8, §10.1). */

import type { Context, MiddlewareHandler } from 'hono'
import type { Client } from '../clients/client.ts'
import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import type { Proof } from '../tokens/dpop.ts'
import type { OauthEnv, paths } from './accepted.ts'

/**
 * The key this request proves; undefined when it brings no proof. `path`: the endpoint's own, from `paths`. Where a client
 * is known by then, its profile says what it may sign with. Routes that call it MUST be under `offersNonce`.
 * Refuses `proof_invalid`, `proof_nonce`, `proof_replayed`.
 */
export async function proofOf(
  c: Context<OauthEnv>,
  { proofs, config, clock }: Pick<Services, 'proofs' | 'config' | 'clock'>,
  path: (typeof paths)[keyof typeof paths],
  client?: Client,
): Promise<Proof | undefined> {
  const header = c.req.header('dpop')
  if (header === undefined) return undefined
  const asked = { proof: header, method: c.req.method, target: `${config.issuer}${path}` }
  const proof = await proofs.judge(asked, clock.now())
  if (client && !profileRow(client.profile).algorithms.includes(proof.algorithm))
    throw new Refusal('proof_invalid', { client: client.id, fault: 'alg' })
  return proof
}

/** `dpop_bound_access_tokens` (RFC 9449 §5.2), or a profile that demands it. Refuses `proof_required`. */
export function requireProof(client: Client, proof: Proof | undefined): void {
  const demanded = client.options.dpopRequired === true || profileRow(client.profile).dpop === 'required'
  if (demanded && !proof) throw new Refusal('proof_required', { client: client.id })
}

/** RFC 9449 §8.2: every answer to a proof carries the next nonce, and so does one that asks for a proof. */
export const offersNonce =
  ({ proofs, clock }: Pick<Services, 'proofs' | 'clock'>): MiddlewareHandler<OauthEnv> =>
  async (c, next) => {
    await next()
    const asks = c.error instanceof Refusal && c.error.reason === 'proof_required'
    if (asks || c.req.header('dpop') !== undefined) c.res.headers.set('DPoP-Nonce', proofs.nonce(clock.now()))
  }

/** Does a refresh token of this client work with its key only? Another has itself to prove (RFC 9449 §5). */
export const bindsRefresh = (profile: Client['profile']): boolean =>
  profileRow(profile).kind === 'public' || profileRow(profile).refresh === 'bound'
