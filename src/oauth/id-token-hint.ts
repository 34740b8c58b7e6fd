/** An ID token of ours that comes back as a hint: whom, and which session, the client means. */

import { compactVerify, createLocalJWKSet } from 'jose'
import { z } from 'zod'
import { text } from '../core/bytes.ts'
import type { ClientId, PractitionerId, SessionId } from '../core/ids.ts'
import type { Session } from '../people/session.ts'
import type { Services } from '../services.ts'

export interface Hint {
  client: ClientId
  session: { id: Session['id']; holder: { kind: 'practitioner'; id: PractitionerId } }
}

const hintClaims = z.object({ iss: z.string(), sub: z.string(), aud: z.string(), sid: z.string() })

/**
 * Ours by signature; its expiry does not matter (RP-Initiated Logout §4, OpenID Connect Core §3.1.2.1). Anything else is
 * as if it were not there.
 */
export async function readHint(
  { keys, config }: Pick<Services, 'keys' | 'config'>,
  token: string | undefined,
): Promise<Hint | undefined> {
  if (!token || token.length > 8192) return undefined
  try {
    const { payload, protectedHeader } = await compactVerify(token, createLocalJWKSet(keys.jwks('token')))
    const claims = hintClaims.parse(JSON.parse(text(payload)))
    if (protectedHeader.typ !== 'JWT' || claims.iss !== config.issuer) return undefined
    return {
      client: claims.aud as ClientId,
      session: {
        id: claims.sid as SessionId,
        holder: { kind: 'practitioner', id: claims.sub as PractitionerId },
      },
    }
  } catch {
    return undefined
  }
}
