/** A logout token's claims: OpenID Connect Back-Channel Logout 1.0 §2.4. Made anew at each attempt, so that it is never old. */

import { base64url, randomBytes } from '../core/bytes.ts'
import type { Seconds } from '../core/time.ts'
import type { Delivery } from './due-store.ts'

/** §2.4 recommends two minutes at most. */
const lifetimeSeconds = 120

/** Without `nonce`, which §2.4 forbids: so that it never passes for an ID token. */
export const logoutClaims = (issuer: string, { client, sub, sid }: Delivery, now: Seconds) => ({
  iss: issuer,
  sub,
  aud: client,
  iat: now,
  exp: now + lifetimeSeconds,
  jti: base64url(randomBytes(16)),
  events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  sid,
})
