/** `authorization_code`: RFC 6749 §4.1.3 and RFC 7636 §4.6. A code is taken once, whatever it is then worth. */

import { utf8 } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret } from '../core/secret.ts'
import type { Primitives } from '../core/ports.ts'
import { mayOmitPkce } from './authorize-request.ts'
import { takeCode, findSpentCode, type CodeBinding } from './code-store.ts'
import { requireField } from './fields.ts'
import { issueTokens, requireGround, type TokenAnswer } from './issue.ts'
import { endReused } from './reuse.ts'
import type { TokenRequest } from './token.ts'

/** Refuses `code_invalid`, `code_reused`, `redirect_uri_mismatch`, `pkce_mismatch`, `proof_other_key`, and what `requireGround` refuses. */
export async function exchangeCode(request: TokenRequest): Promise<TokenAnswer> {
  const { services, client, fields } = request
  const codeHash = hashSecret(services.primitives, requireField(fields, 'code'))
  requireField(fields, 'redirect_uri')
  if (!mayOmitPkce(client)) requireField(fields, 'code_verifier')
  const outcome = await services.db.transaction(async (tx) => {
    const taken = await takeCode(tx, codeHash, client.id, services.clock.now())
    if (!taken) return 'code_invalid'
    request.identify({ kind: 'client', id: client.id })
    // A value, not a throw: the code stays taken. Whoever holds it without its verifier must not try another.
    const fault = bindingFault(services.primitives, taken, request)
    if (fault) return fault
    return issueTokens(request, tx, await requireGround(services, tx, taken.grant), 'code')
  })
  if (typeof outcome === 'object') return outcome
  if (outcome !== 'code_invalid') throw new Refusal(outcome, { client: client.id })
  const spent = await findSpentCode(services.db, codeHash)
  if (!spent) throw new Refusal('code_invalid', { client: client.id })
  return endReused(request, spent, 'code-reused')
}

function bindingFault(
  primitives: Pick<Primitives, 'digest' | 'equal'>,
  bound: CodeBinding,
  { fields, proof }: Pick<TokenRequest, 'fields' | 'proof'>,
): 'redirect_uri_mismatch' | 'pkce_mismatch' | 'proof_other_key' | undefined {
  if (fields['redirect_uri'] !== bound.redirectUri) return 'redirect_uri_mismatch'
  if (bound.jkt !== null && bound.jkt !== proof?.jkt) return 'proof_other_key'
  const { code_verifier: verifier } = fields
  // RFC 9700 §2.1.1: a verifier where there was no challenge is somebody else's code.
  const proven =
    bound.codeChallenge === ''
      ? verifier === undefined
      : provesPkce(primitives, verifier ?? '', bound.codeChallenge)
  return proven ? undefined : 'pkce_mismatch'
}

/** RFC 7636 §4.1 (43 to 128 unreserved characters) and §4.6. */
export const provesPkce = (
  { digest, equal }: Pick<Primitives, 'digest' | 'equal'>,
  verifier: string,
  challenge: string,
): boolean => /^[A-Za-z0-9._~-]{43,128}$/.test(verifier) && equal(utf8(digest(verifier)), utf8(challenge))
