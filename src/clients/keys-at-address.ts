/**
 * Key sets that clients keep at an address of their own: fetched through the guard, kept for ten minutes, asked for again
 * when a key is missing, and never more than once a minute for one client, whatever is shown to us.
 */

import { z } from 'zod'
import { text } from '../core/bytes.ts'
import type { Outbound } from '../core/ports.ts'
import type { Clock, Seconds } from '../core/time.ts'
import type { KeySet } from './key-set.ts'

export interface KeysAtAddress {
  /** Undefined: none could be had. `missing`: what is known does not do; answers something newer if it may ask. */
  find(address: string, client: string, missing?: boolean): Promise<KeySet | undefined>
}

/** What is known of one client's address. */
export interface KnownKeys {
  askedAt: Seconds
  keys?: KeySet
  fetchedAt?: Seconds
}

const keptSeconds = 600
const betweenSeconds = 60
const most = 1000
const shape = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) })

/** `known` may outlive a request; what is under way belongs to whoever made this. */
export function keysAtAddress(
  { outbound, clock }: { outbound: Outbound; clock: Pick<Clock, 'now'> },
  known = new Map<string, KnownKeys>(),
): KeysAtAddress {
  const underWay = new Map<string, Promise<void>>()

  async function fetchInto(address: string, entry: KnownKeys): Promise<void> {
    const answer = await outbound.call({
      url: address,
      method: 'GET',
      headers: { accept: 'application/json' },
    })
    const keys = 'fault' in answer || answer.status !== 200 ? undefined : readKeys(answer)
    if (keys) Object.assign(entry, { keys, fetchedAt: clock.now() })
  }

  function ask(id: string, address: string): Promise<void> {
    const entry: KnownKeys = { ...known.get(id), askedAt: clock.now() }
    known.delete(id)
    const [oldest] = known.keys()
    if (known.size >= most && oldest !== undefined) known.delete(oldest)
    known.set(id, entry)
    const fetched = fetchInto(address, entry).finally(() => underWay.delete(id))
    underWay.set(id, fetched)
    return fetched
  }

  return {
    async find(address, client, missing = false) {
      const id = JSON.stringify([client, address])
      const current = (): KeySet | undefined => {
        const entry = known.get(id)
        return entry && (entry.fetchedAt ?? 0) + keptSeconds > clock.now() ? entry.keys : undefined
      }
      const mayAsk = (known.get(id)?.askedAt ?? -Infinity) + betweenSeconds <= clock.now()
      if (missing || !current()) await (underWay.get(id) ?? (mayAsk ? ask(id, address) : undefined))
      return current()
    },
  }
}

/** RFC 7517 §8.5. Undefined for what is no key set. */
function readKeys({
  headers,
  body,
}: {
  headers: Record<string, string | undefined>
  body: Uint8Array
}): KeySet | undefined {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' && type !== 'application/jwk-set+json') return undefined
  try {
    return shape.safeParse(JSON.parse(text(body))).data
  } catch {
    // Whatever somebody else's server says there is as if it said nothing.
    return undefined
  }
}
