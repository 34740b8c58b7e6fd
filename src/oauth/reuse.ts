/**
 * Everything that came of a grant ends: given back by the client (RFC 7009), or because a code or refresh token was used a
 * second time, when one of the two holders is a thief and nobody knows which. That is committed before the refusal is thrown (RFC 6749 §4.1.2, RFC 9700 §4.14.2).
 */

import type { GrantId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { endGrant } from '../grants/store.ts'
import { ownWords } from '../restrictions/restriction.ts'
import { restrict } from '../restrictions/store.ts'
import { eventHead } from '../web.ts'
import { accessTokenSeconds } from './accepted.ts'
import type { TokenRequest } from './token.ts'

const causes = {
  'code-reused': {
    refusal: 'code_reused',
    fr: 'Un code d’autorisation a servi deux fois : reconnectez-vous.',
    en: 'An authorisation code was used twice: sign in again.',
  },
  'device-code-reused': {
    refusal: 'device_code_reused',
    fr: 'Le code d’un appareil a servi deux fois : reconnectez l’appareil.',
    en: 'The code of a device was used twice: connect the device again.',
  },
  'refresh-reused': {
    refusal: 'refresh_reused',
    fr: 'Un jeton de renouvellement a servi deux fois : reconnectez-vous.',
    en: 'A refresh token was used twice: sign in again.',
  },
  revoked: {
    refusal: undefined,
    fr: 'L’application a rendu cette autorisation : reconnectez-vous.',
    en: 'The application gave this grant back: sign in again.',
  },
} as const

/** Refuses `code_reused`, `refresh_reused` or `device_code_reused`, always. */
export async function endReused(
  request: TokenRequest,
  grant: GrantId,
  cause: 'code-reused' | 'refresh-reused' | 'device-code-reused',
): Promise<never> {
  const { client } = request
  request.identify({ kind: 'client', id: client.id })
  await endWithTokens(request, grant, cause)
  throw new Refusal(causes[cause].refusal, { grant, client: client.id })
}

/** The grant and everything that came of it. Idempotent. */
export async function endWithTokens(
  { services, client, context }: Pick<TokenRequest, 'services' | 'client' | 'context'>,
  grant: GrantId,
  cause: keyof typeof causes,
): Promise<void> {
  const actor = { kind: 'client', id: client.id } as const
  const { fr, en } = causes[cause]
  const ended = await endGrant(services.db, eventHead(context, actor), grant, cause)
  if (ended) {
    // Access tokens are not looked up anywhere: a restriction on the grant stops them until the last has expired.
    await restrict(
      services,
      { kind: 'rule', rule: cause },
      {
        selector: { grant },
        effect: { kind: 'deny' },
        endsSessions: false,
        ...ownWords({ fr, en }),
        expiresAt: services.clock.now() + accessTokenSeconds,
      },
      { request: context.id, network: context.network },
    )
  }
}
