/** An access token that comes back to its issuer, whatever resource it is for. */

import { decodeJwt } from 'jose'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import type { AccessClaims } from '../tokens/claims.ts'

/** The claims of an access token of ours, whatever resource it is for; undefined where it is none, or over. */
export async function verified(services: Services, token: string): Promise<AccessClaims | undefined> {
  try {
    return await verifyAnyAudience(services, token)
  } catch (error) {
    if (error instanceof Refusal && error.reason.startsWith('token_')) return undefined
    throw error
  }
}

/** We issued it, whatever resource it is for: it says which, and is then verified for exactly that one. */
export async function verifyAnyAudience({ keys, clock }: Services, token: string): Promise<AccessClaims> {
  return keys.verify(token, statedAudience(token), clock.now())
}

function statedAudience(token: string): string {
  if (token.length > 8192) throw new Refusal('token_malformed', { fault: 'size' })
  try {
    const { aud } = decodeJwt(token)
    return typeof aud === 'string' ? aud : ''
  } catch {
    throw new Refusal('token_malformed')
  }
}
