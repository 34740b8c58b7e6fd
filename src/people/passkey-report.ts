/** What a failed passkey leaves behind, committed before the refusal is thrown. It locks nothing: keys cannot be guessed. */

import type { EventHead } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { mintId } from '../core/ids.ts'
import { recordFailure } from '../risk/lockout-store.ts'
import type { Needs } from './needs.ts'
import { notify } from './notice-store.ts'
import type { Passkey } from './passkey.ts'
import { insertFinding } from './passkey-store.ts'

export async function reportFailure(
  needs: Pick<Needs, 'db'>,
  { holder }: Passkey,
  head: EventHead,
): Promise<void> {
  await needs.db.transaction(async (tx) => {
    await recordFailure(tx, holder, 'passkey', `network:${head.network ?? 'unknown'}`, head.at)
    await record(tx, { ...head, kind: 'signin.failed', holder, reason: 'passkey_invalid', factor: 'passkey' })
  })
}

/** A valid signature with a counter that went back: somebody may hold a copy of the key (WebAuthn §7.2, step 22). */
export async function reportCounter(
  needs: Pick<Needs, 'db'>,
  passkey: Passkey,
  counter: number,
  head: EventHead,
): Promise<void> {
  const { holder } = passkey
  const finding = {
    rule: 'passkey-counter-back',
    value: counter,
    threshold: passkey.counter,
    window: 'since last use',
    action: 'notice',
  } as const
  const id = mintId('finding')
  await needs.db.transaction(async (tx) => {
    await insertFinding(tx, { id, holder, at: head.at, ...finding })
    await record(
      tx,
      { ...head, kind: 'finding', finding: id, holder, ...finding },
      { ...head, kind: 'signin.failed', holder, reason: 'passkey_invalid', factor: 'passkey' },
    )
    await notify(tx, holder, head.at, 'counter-back', { label: passkey.label })
  })
}
