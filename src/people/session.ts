/** A sign-in on one browser: server-side, opaque cookie, hashed at rest. */

import type { Holder } from '../audit/event.ts'
import type { CredentialId, DeviceId, SessionId } from '../core/ids.ts'
import type { Seconds } from '../core/time.ts'
import type { Acr, Amr, SessionFacts } from '../tokens/claims.ts'

export interface Session {
  id: SessionId
  holder: Holder
  /** Fixed at sign-in. */
  facts: SessionFacts
  authTime: Seconds
  acr: Acr
  amr: Amr[]
  credential?: CredentialId
  device?: DeviceId
  startedAt: Seconds
  endsAt: Seconds
}
