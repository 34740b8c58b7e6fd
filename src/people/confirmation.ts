/**
 * A fresh passkey for one act: the challenge carries the act's digest, so an answer given for one act opens no other, and
 * is spent with it.
 */

import type { EventHead } from '../audit/event.ts'
import { base64url, utf8 } from '../core/bytes.ts'
import { Refusal } from '../core/refusal.ts'
import { assertionOptions, verifyAssertion } from './passkey.ts'
import type { Needs } from './needs.ts'
import type { Session } from './session.ts'

/** What is confirmed, in words: `{ act: 'lift', restriction: 'rst_…' }`. */
export type Act = Readonly<Record<string, string>>

/** base64url of SHA-256 over the act's fields in order of their names. The page shows it, the route works it out again. */
export const actDigest = (needs: Pick<Needs, 'primitives'>, act: Act): string =>
  base64url(
    needs.primitives.sha256(
      utf8(JSON.stringify(Object.entries(act).toSorted(([a], [b]) => (a < b ? -1 : 1)))),
    ),
  )

export const confirmationOptions = (needs: Needs, session: Session, browserHash: string, digest: string) =>
  assertionOptions(needs, browserHash, { for: 'confirm', session: session.id, act: digest }, session.holder)

/**
 * `answer`: the assertion as JSON text, from the form field `assertion`. Refuses `fresh_passkey_required` without one,
 * and as `verifyAssertion` for one that is not this person's, for this act, in this browser, now.
 */
export async function requireConfirmation(
  needs: Needs,
  session: Session,
  browserHash: string,
  act: Act,
  answer: string | undefined,
  head: EventHead,
): Promise<void> {
  if (answer === undefined || answer === '') throw new Refusal('fresh_passkey_required', { act: act['act'] })
  let parsed: unknown
  try {
    parsed = JSON.parse(answer)
  } catch {
    throw new Refusal('malformed_request', { fault: 'assertion' })
  }
  const purpose = { for: 'confirm', session: session.id, act: actDigest(needs, act) } as const
  await verifyAssertion(needs, parsed, browserHash, purpose, head, session.holder)
}
