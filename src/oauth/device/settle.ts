/** A device's request is decided: once, by one person, in one transaction with everything that follows from it. */

import type { Context } from 'hono'
import { mintId } from '../../core/ids.ts'
import { Refusal } from '../../core/refusal.ts'
import { record } from '../../audit/store.ts'
import { insertGrant } from '../../grants/store.ts'
import { notify } from '../../people/notice-store.ts'
import { requireSession } from '../../people/session-cookie.ts'
import type { Services } from '../../services.ts'
import { eventHead } from '../../web.ts'
import type { OauthEnv } from '../accepted.ts'
import type { Next } from '../authorize-decision.ts'
import type { Waiting } from './approval.ts'
import { decideDevice } from './store.ts'

/** The grant stands on the session of whoever approves, and is told of on their account page. Refuses `user_code_unknown`. */
export async function approve(
  services: Services,
  c: Context<OauthEnv>,
  { request, client }: Waiting,
  { membership, acr }: Extract<Next, { do: 'grant' }>,
): Promise<void> {
  const session = requireSession(c)
  const { practitioner, practice } = membership
  const now = services.clock.now()
  const grant = mintId('grant')
  const holder = { kind: 'practitioner', id: practitioner } as const
  await services.db.transaction(async (tx) => {
    const decided = { decision: 'approved', grant } as const
    if (!(await decideDevice(tx, request.userCodeHash, decided, now))) throw new Refusal('user_code_unknown')
    await insertGrant(tx, eventHead(c.get('context'), holder), {
      id: grant,
      client: client.id,
      practitioner,
      practice,
      membership: membership.id,
      session: session.id,
      scope: request.scope,
      resource: request.resource,
      acr,
      amr: session.amr,
      authTime: session.authTime,
      nonce: null,
      jkt: null,
      context: {},
      createdAt: now,
      endedAt: null,
    })
    await notify(tx, holder, now, 'device-connected', { client: client.name, network: request.network })
  })
}

/** Refuses `user_code_unknown` where somebody else has decided meanwhile. */
export async function deny(
  services: Services,
  c: Context<OauthEnv>,
  { request, client }: Waiting,
): Promise<void> {
  const { holder } = requireSession(c)
  await services.db.transaction(async (tx) => {
    const decided = { decision: 'denied' } as const
    if (!(await decideDevice(tx, request.userCodeHash, decided, services.clock.now())))
      throw new Refusal('user_code_unknown')
    await record(tx, {
      ...eventHead(c.get('context'), holder),
      kind: 'device.denied',
      client: client.id,
      deviceNetwork: request.network,
    })
  })
}
