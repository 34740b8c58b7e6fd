/**
 * WebAuthn challenges (Level 3 §13.4.3): 32 random bytes, single use, five minutes, bound to the browser, the ceremony and
 * what it is for. Whatever becomes of the answer, its challenge is gone.
 */

import { mintSecret, hashSecret } from '../core/secret.ts'
import { Refusal } from '../core/refusal.ts'
import { minutes } from '../core/time.ts'
import { insertChallenge, takeChallengeRow } from './challenge-store.ts'
import type { Needs } from './needs.ts'

export type Ceremony = 'registration' | 'authentication'

/** What an answer may be used for; compared whole. */
export type Purpose =
  | { for: 'signin' }
  | { for: 'step-up'; session: string }
  | { for: 'confirm'; session: string; act: string }
  | { for: 'enrol'; link: string }
  | { for: 'add'; session: string }

export interface Binding {
  ceremony: Ceremony
  browserHash: string
  purpose: Purpose
}

const lifetimeSeconds = minutes(5)

export async function mintChallenge(
  needs: Pick<Needs, 'db' | 'clock' | 'primitives'>,
  binding: Binding,
): Promise<string> {
  const challenge = mintSecret()
  const now = needs.clock.now()
  await insertChallenge(needs.db, {
    challengeHash: hashSecret(needs.primitives, challenge),
    ...binding,
    now,
    expiresAt: now + lifetimeSeconds,
  })
  return challenge
}

/** Takes it: of two who answer one challenge, one gets in. Refuses `challenge_invalid`. */
export async function takeChallenge(
  needs: Pick<Needs, 'db' | 'clock' | 'primitives'>,
  challenge: string,
  binding: Binding,
): Promise<void> {
  const purpose = await takeChallengeRow(needs.db, {
    challengeHash: hashSecret(needs.primitives, challenge),
    ceremony: binding.ceremony,
    browserHash: binding.browserHash,
    now: needs.clock.now(),
  })
  if (!purpose || !samePurpose(purpose, binding.purpose))
    throw new Refusal('challenge_invalid', { ceremony: binding.ceremony, for: binding.purpose.for })
}

function samePurpose(kept: Record<string, string>, wanted: Purpose): boolean {
  const fields = Object.entries(wanted)
  return fields.length === Object.keys(kept).length && fields.every(([name, value]) => kept[name] === value)
}
