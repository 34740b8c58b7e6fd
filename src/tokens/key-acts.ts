/** What operators do to signing keys, from wherever they do it: at once, and told to every node. */

import type { Actor } from '../audit/event.ts'
import { Refusal } from '../core/refusal.ts'
import type { Services } from '../services.ts'
import { isKept, type Move, type Slot } from './key-states.ts'
import { findKeys, revokeKey, rotateKeys, type KeyHolder, type KeyRow } from './keys-store.ts'

export const keysChannel = 'garde_keys'

type Needs = KeyHolder & Pick<Services, 'keys' | 'database'>

/** This node reads them now, the others at the notice or at their next poll. */
export async function tellOfKeys({ keys, database }: Pick<Services, 'keys' | 'database'>): Promise<void> {
  await keys.reload()
  await database.notify(keysChannel)
}

/** Refuses `not_found` where nothing is called that; the log's own key never moves. */
export async function rotateNow(services: Needs, named: Partial<Slot>, actor: Actor): Promise<Move[]> {
  const moves = await rotateKeys(services, named, actor)
  if (moves.length === 0)
    throw new Refusal('not_found', {
      message: 'No key is replaced by that name: garde keys list shows them; the log’s own key stays.',
    })
  await tellOfKeys(services)
  return moves
}

/** Refuses `not_found`, and `conflict` for the key that proves the log. */
export async function requireRevocable({ db }: Pick<Services, 'db'>, kid: unknown): Promise<KeyRow> {
  const key = (await findKeys(db)).find((each) => each.kid === kid)
  if (!key) throw new Refusal('not_found', { message: 'There is no such key: garde keys list shows them.' })
  if (isKept(key))
    throw new Refusal('conflict', { message: 'The log is proven by this key: it is not revoked.' })
  return key
}

/** Everything it signed stops; another takes its place. Refuses as `requireRevocable`. */
export async function revokeNow(services: Needs, kid: unknown, actor: Actor): Promise<KeyRow> {
  const key = await requireRevocable(services, kid)
  await revokeKey(services, key.kid, actor)
  await tellOfKeys(services)
  return key
}
