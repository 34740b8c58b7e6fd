/** Signing keys, for the person who owns the data directory: which there are, and that one counts no more, on every node. */

import { Refusal } from '../core/refusal.ts'
import type { Log } from '../core/ports.ts'
import type { Services } from '../services.ts'
import { findKeys, revokeKey } from '../tokens/keys-store.ts'
import type { ControlActs } from './control.ts'
import { actingOperator } from './control-operator.ts'

const keysChannel = 'garde_keys'
/** A notice may be lost; a token lives 300 s. */
const pollMs = 5_000

export const keyActs = (services: Services): ControlActs => ({
  keys: async () => ({
    keys: (await findKeys(services.db)).map(({ kid, use, state, createdAt }) => ({
      kid,
      use,
      state,
      createdAt,
    })),
  }),
  'keys-revoke': async ({ kid, operator }) => {
    const id = await actingOperator(services, operator)
    const key = (await findKeys(services.db)).find((each) => each.kid === kid)
    if (!key) throw new Refusal('not_found', { message: 'There is no such key: garde keys lists them.' })
    if (key.use === 'checkpoint')
      throw new Refusal('conflict', { message: 'The log is proven by this key: it is not revoked.' })
    await revokeKey(services, key.kid, { kind: 'operator', id, via: 'cli' })
    await services.keys.reload()
    await services.database.notify(keysChannel)
    return { revoked: key.kid, use: key.use }
  },
})

/** What another node revoked counts here no more, at the notice or at the next poll. Answers how to stop. */
export async function followKeys({
  keys,
  database,
  log,
}: Pick<Services, 'keys' | 'database'> & { log: Log }): Promise<() => Promise<void>> {
  const reload = (): void => {
    keys.reload().catch((error: unknown) => log('error', 'keys not read', { error: String(error) }))
  }
  const unlisten = await database.listen(keysChannel, reload)
  const timer = setInterval(reload, pollMs)
  return async () => {
    clearInterval(timer)
    await unlisten()
  }
}
