/**
 * An authorization request that waits for a sign-in or an answer is kept by the browser, not by us: sealed into the `id` it
 * comes back with, so that a stranger leaves nothing behind. Only that it was answered is written down, once.
 */

import { z } from 'zod'
import { base64url, fromBase64url, text, utf8 } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import { seal, unseal, type KeyEncryptionKey } from '../core/seal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import type { Seconds } from '../core/time.ts'
import { interactionSeconds } from './accepted.ts'
import type { Fields } from './fields.ts'

export interface Interaction {
  /** Hash of `id`: under it the answer is taken once. */
  idHash: string
  parameters: Fields
  createdAt: Seconds
  /** Whose proof the browser showed when it was made; undefined where that could not be seen. */
  proof?: string
  expiresAt: Seconds
}

interface Needs {
  keyEncryptionKey: KeyEncryptionKey
  primitives: Primitives
}

const shape = z.object({
  nonce: z.string(),
  at: z.int(),
  proof: z.string().optional(),
  parameters: z.record(z.string(), z.string()),
})
const context = 'interaction'

/**
 * A key for each browser: nobody else's `id` opens here, and however many a stranger asks for, none is sealed with the key
 * that keeps secrets (NIST SP 800-38D §8.3 bounds how often one key may seal).
 */
const keyOf = ({ keyEncryptionKey, primitives }: Needs, browserHash: string): KeyEncryptionKey =>
  new Uint8Array(primitives.hmacSha256(keyEncryptionKey, utf8(`${context}:${browserHash}`)))

export const sealInteraction = (
  needs: Needs,
  browserHash: string,
  waiting: { parameters: Fields; at: Seconds; proof?: string | undefined },
): Promise<string> =>
  seal(keyOf(needs, browserHash), utf8(JSON.stringify({ nonce: mintSecret(), ...waiting })), context)

/** Undefined when it was not sealed here, for this browser, within the last hour. */
export async function openInteraction(
  needs: Needs,
  browserHash: string,
  id: string,
  now: Seconds,
): Promise<Interaction | undefined> {
  const opened = shape.safeParse(await unsealed(needs, browserHash, id)).data
  if (!opened || now < opened.at || now >= opened.at + interactionSeconds) return undefined
  const { at, parameters, proof } = opened
  return {
    idHash: hashSecret(needs.primitives, id),
    parameters,
    createdAt: at,
    ...(proof !== undefined && { proof }),
    expiresAt: at + interactionSeconds,
  }
}

async function unsealed(needs: Needs, browserHash: string, id: string): Promise<unknown> {
  // Exactly what `seal` writes: another spelling of the same bytes would be taken a second time.
  if (id.length > 8000 || !/^[A-Za-z0-9_-]{40,}$/.test(id)) return undefined
  try {
    if (base64url(fromBase64url(id)) !== id) return undefined
    return JSON.parse(text(await unseal(keyOf(needs, browserHash), id, context)))
  } catch {
    // Whatever a stranger writes there is as if it were not.
    return undefined
  }
}
