/** An act that loosens: done at once for an operator whose passkey is fresh, otherwise put before one in the console. */

import { requestApproval, type Approval } from '../operators/approval-store.ts'
import { isFresh, requireFreshOperator } from '../operators/fresh-passkey.ts'
import { perform, type Loosening, type Made } from '../operators/loosening.ts'
import type { AdminRoute, Answer, Call } from './route.ts'
import { client, shownAs } from './shapes.ts'

/** Refuses `too_many_open`, and what the act refuses. */
export async function byPerson(call: Call, { answers }: AdminRoute, act: Loosening): Promise<Answer> {
  const { services, session, head } = call
  // A token proves a machine; only a session can say when its passkey was used.
  if (!session || !isFresh(session, head.at)) {
    const waiting = await requestApproval(services, act, head)
    return { status: 202, body: withUrl(waiting, services.config.issuer) }
  }
  const made = await perform(services, act, requireFreshOperator(session, head.at), head)
  return { status: answers[201] ? 201 : 200, body: shown(made) }
}

export const withUrl = (asked: Approval, issuer: string) => ({
  ...asked,
  url: `${issuer}/console/approvals/${asked.id}`,
})

const shown = ({ kind, made }: Made): unknown =>
  kind === 'save-client' ? { ...made, client: shownAs(client, made.client) } : made
