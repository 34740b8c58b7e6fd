/**
 * Tells clients who left. Each client has a lane of its own, and lanes run side by side: whoever is slow or hostile holds up
 * nobody else, and their own lane for one attempt. Safe beside another node that does the same.
 */

import { idTokenAlgorithm } from '../clients/client.ts'
import { findClient } from '../clients/store.ts'
import { randomBytes } from '../core/bytes.ts'
import type { ClientId } from '../core/ids.ts'
import type { Services } from '../services.ts'
import { nextAttempt } from './backoff.ts'
import { clientsDue, markDead, markDelivered, postpone, takeDue, type Delivery } from './due-store.ts'
import { expandOnce } from './expand-store.ts'
import { logoutClaims } from './logout-token.ts'

export type Needs = Pick<Services, 'db' | 'clock' | 'keys' | 'config' | 'log' | 'outbound'>

/** Clients that are told at the same time. */
const lanes = 8
/** Requests to one client at the same time. */
const abreast = 4
/** Of one lane in one turn; the rest waits for the next. */
const batchesATurn = 50
const pagesATurn = 100

/** One turn; answers how many attempts were made. */
export async function deliverDue(needs: Needs): Promise<number> {
  for (let pages = 0; pages < pagesATurn && (await expandOnce(needs.db, needs.clock.now())); pages++);
  const clients = await clientsDue(needs.db, needs.clock.now())
  let attempts = 0
  const work = async (): Promise<void> => {
    for (let client = clients.shift(); client !== undefined; client = clients.shift())
      attempts += await drain(needs, client)
  }
  await Promise.all(Array.from({ length: lanes }, work))
  if (attempts > 0) needs.log('info', 'clients told of sign-outs', { attempts })
  return attempts
}

/** One client's, until nothing is due or it does not answer as it should. */
async function drain(needs: Needs, client: ClientId): Promise<number> {
  let attempts = 0
  for (let batch = 0; batch < batchesATurn; batch++) {
    const taken = await takeDue(needs.db, client, needs.clock.now(), abreast)
    const settled = await Promise.all(taken.map((delivery) => attempt(needs, delivery)))
    attempts += taken.length
    if (taken.length < abreast || settled.includes('postponed')) break
  }
  return attempts
}

type Settled = 'delivered' | 'dead' | 'postponed'

async function attempt(needs: Needs, delivery: Delivery): Promise<Settled> {
  const { db, clock } = needs
  const answer = await send(needs, delivery)
  const head = { at: clock.now(), actor: { kind: 'system', id: 'deliveries' } } as const
  if (answer.outcome === 'delivered') await markDelivered(db, head, delivery)
  const next =
    answer.outcome === 'failed' ? nextAttempt(delivery, head.at, (randomBytes(1)[0] ?? 0) / 255) : undefined
  if (next !== undefined) await postpone(db, delivery, next, answer.fault)
  else if (answer.outcome !== 'delivered') await markDead(db, head, delivery, answer.fault)
  return answer.outcome === 'delivered' ? 'delivered' : next === undefined ? 'dead' : 'postponed'
}

/** `refused`: it will not be otherwise by trying again. */
type Answer = { outcome: 'delivered' | 'refused' | 'failed'; fault: string }

/** To where the client says now: an operator may have put a wrong address right. */
async function send({ db, clock, keys, config, outbound }: Needs, delivery: Delivery): Promise<Answer> {
  const client = await findClient(db, delivery.client)
  const url = client?.options.backchannelLogoutUri
  if (!client || url === undefined) return { outcome: 'refused', fault: 'no address' }
  const claims = logoutClaims(config.issuer, delivery, clock.now())
  // §2.6: as its ID tokens are signed.
  const token = await keys.sign('token', 'logout+jwt', claims, idTokenAlgorithm(client))
  const answer = await outbound.call({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
    body: new URLSearchParams({ logout_token: token }).toString(),
  })
  return 'fault' in answer ? { outcome: 'failed', fault: answer.fault } : answerOf(answer.status)
}

/** §2.8: 200 (or 204) is yes, 400 is that it was not understood or could not be done. */
function answerOf(status: number): Answer {
  const fault = `status ${status}`
  if (status === 200 || status === 204) return { outcome: 'delivered', fault }
  return { outcome: status === 400 ? 'refused' : 'failed', fault }
}
