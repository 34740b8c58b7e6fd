/**
 * `refresh_token`: RFC 6749 §6. Rotated at each use, and a second use ends the family (RFC 9700 §4.14.2); or bound to the
 * client's key and not rotated (FAPI 2.0 Security Profile §5.3.2.1-9), as its profile says.
 */

import { profileRow } from '../clients/profiles.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import { requireField } from './fields.ts'
import { issueTokens, requireGround, type TokenAnswer } from './issue.ts'
import { findGoodRefreshToken, findSpentRefreshToken, takeRefreshToken } from './refresh-store.ts'
import { endReused } from './reuse.ts'
import type { TokenRequest } from './token.ts'

/** Refuses `refresh_invalid`, `refresh_reused`, `proof_other_key`, `scope_not_allowed`, and what `requireGround` refuses. */
export async function refresh(request: TokenRequest): Promise<TokenAnswer> {
  const { services, client, fields } = request
  const tokenHash = hashSecret(services.primitives, requireField(fields, 'refresh_token'))
  const answer = await services.db.transaction(async (tx) => {
    const held = profileRow(client.profile).refresh === 'bound' ? findGoodRefreshToken : takeRefreshToken
    const grant = await held(tx, tokenHash, client.id, services.clock.now())
    if (!grant) return undefined
    request.identify({ kind: 'client', id: client.id })
    const ground = await requireGround(services, tx, grant)
    // Thrown, so that it is not taken: a thief without the key must not end its owner's family (RFC 9449 §5).
    const { jkt } = ground.grant
    if (jkt !== null && jkt !== request.proof?.jkt)
      throw new Refusal('proof_other_key', { client: client.id, grant })
    return issueTokens(request, tx, ground, 'refresh')
  })
  if (answer) return answer
  const spent = await findSpentRefreshToken(services.db, tokenHash)
  if (!spent) throw new Refusal('refresh_invalid', { client: client.id })
  return endReused(request, spent, 'refresh-reused')
}
