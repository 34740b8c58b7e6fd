/** The first operator: a link that makes one out of whoever started the server, printed again until it is used. */

import type { EventHead, Holder } from '../audit/event.ts'
import { hours, type Seconds } from '../core/time.ts'
import { inviteHolder } from './enrolment.ts'
import type { Needs } from './needs.ts'
import { createOperator, listOperators } from './operators.ts'
import { anyPasskey } from './passkey-store.ts'

/** True from the first passkey of an operator on; the set-up link is never given again. */
export const isSetUp = (needs: Pick<Needs, 'db'>): Promise<boolean> => anyPasskey(needs.db, 'operator')

/**
 * A fresh set-up link, 24 h; the one printed before dies. Undefined once an operator holds a passkey. Name and address
 * are asked for when the link is opened.
 */
export async function setupLink(
  needs: Pick<Needs, 'db' | 'primitives' | 'config'>,
  head: EventHead,
): Promise<{ url: string; expiresAt: Seconds } | undefined> {
  if (await isSetUp(needs)) return undefined
  const [first] = await listOperators(needs)
  const operator =
    first ??
    (await createOperator(
      needs,
      { name: 'Premier opérateur', email: `operator@${needs.config.rpId}`, language: 'fr' },
      head,
    ))
  const holder: Holder = { kind: 'operator', id: operator.id }
  return inviteHolder(needs, { holder, purpose: 'setup', lifetimeSeconds: hours(24) }, head)
}
