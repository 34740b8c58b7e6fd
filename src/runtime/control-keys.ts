/** Signing keys, for the person who owns the data directory: which there are, and that one counts no more, on every node. */

import { Refusal } from '../core/refusal.ts'
import type { Log } from '../core/ports.ts'
import type { Services } from '../services.ts'
import { algorithms, type KeyAlgorithm, type KeyUse } from '../tokens/keys.ts'
import { keysChannel, revokeNow, rotateNow } from '../tokens/key-acts.ts'
import { findKeys } from '../tokens/keys-store.ts'
import type { ControlActs } from './control.ts'
import { actingOperator } from './control-operator.ts'

/** A notice may be lost: what was revoked counts nowhere after 2 s all the same. */
const pollMs = 1_500

export const keyActs = (services: Services): ControlActs => ({
  keys: async () => ({
    keys: (await findKeys(services.db)).map(({ kid, use, alg, state, createdAt, stateAt }) => ({
      kid,
      use,
      alg,
      state,
      createdAt,
      stateAt: stateAt ?? createdAt,
    })),
  }),
  'keys-rotate': async ({ use, alg, operator }) => {
    const id = await actingOperator(services, operator)
    const named = {
      ...(use !== undefined && { use: knownUse(use) }),
      ...(alg !== undefined && { alg: knownAlg(alg) }),
    }
    const moves = await rotateNow(services, named, { kind: 'operator', id, via: 'cli' })
    const keys = (await findKeys(services.db)).filter(({ state }) => state === 'current')
    return {
      rotated: keys
        .filter((key) =>
          moves.some((move) => (move.kind === 'make' ? isOf(move.slot, key) : move.key.kid === key.kid)),
        )
        .map((key) => ({ kid: key.kid, use: key.use, alg: key.alg })),
    }
  },
  'keys-revoke': async ({ kid, operator }) => {
    const id = await actingOperator(services, operator)
    const key = await revokeNow(services, kid, { kind: 'operator', id, via: 'cli' })
    return { revoked: key.kid, use: key.use }
  },
})

const isOf = (slot: { use: KeyUse; alg: KeyAlgorithm }, key: { use: KeyUse; alg: KeyAlgorithm }): boolean =>
  slot.use === key.use && slot.alg === key.alg

const uses = Object.keys(algorithms)
const algs: readonly string[] = Object.values(algorithms).flat()

function knownUse(use: unknown): KeyUse {
  if (typeof use === 'string' && uses.includes(use)) return use as KeyUse
  throw new Refusal('malformed_request', { message: `A use is one of ${uses.join(', ')}.` })
}

function knownAlg(alg: unknown): KeyAlgorithm {
  if (typeof alg === 'string' && algs.includes(alg)) return alg as KeyAlgorithm
  throw new Refusal('malformed_request', {
    message: `An algorithm is one of ${[...new Set(algs)].join(', ')}.`,
  })
}

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
