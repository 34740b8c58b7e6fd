/** From a proof to a session: a new one, the same one raised, or another one in its place. */

import type { Holder } from '../audit/event.ts'
import { signOut } from '../people/disown.ts'
import type { Open } from '../people/session-cookie.ts'
import { beginSession, stepUp, type Proof, type Session } from '../people/session.ts'
import type { Services } from '../services.ts'
import { eventHead, type RequestContext } from '../web.ts'
import { decideLanding } from './flow.ts'

export interface Arrival extends Proof {
  holder: Holder
  deviceCookie: string | undefined
  sharedDesk: boolean
}

export interface Landed {
  session: Session
  cookie: string
  deviceCookie?: string
}

/** Refuses `restricted`. */
export async function land(
  services: Services,
  context: RequestContext,
  { session: open, named }: Open,
  arrival: Arrival,
): Promise<Landed> {
  const { holder, deviceCookie, sharedDesk, ...proof } = arrival
  const head = eventHead(context, holder)
  const landing = decideLanding(open, { holder, acr: proof.acr })
  if (open && landing === 'raise') return stepUp(services, open, proof, head)
  const begun = await beginSession(services, {
    ...proof,
    holder,
    sharedDesk,
    network: context.network,
    userAgent: context.userAgent,
    request: context.id,
    ...(deviceCookie !== undefined && { deviceCookie }),
  })
  if (named) await signOut(services, named, eventHead(context, named.holder))
  return begun
}
