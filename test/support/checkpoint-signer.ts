/** An Ed25519 key for checkpoints, as `tokens/keys.ts` lends one, without a database. */

import { generateKeyPairSync, sign } from 'node:crypto'
import type { SignCheckpoint } from '../../src/audit/checkpoint.ts'
import { fromBase64url } from '../../src/core/bytes.ts'

export function checkpointSigner(): { sign: SignCheckpoint; publicKey: Uint8Array<ArrayBuffer> } {
  const pair = generateKeyPairSync('ed25519')
  const publicKey = fromBase64url(pair.publicKey.export({ format: 'jwk' }).x ?? '')
  return {
    publicKey,
    sign: (data) =>
      Promise.resolve({ signature: Uint8Array.from(sign(null, data, pair.privateKey)), publicKey }),
  }
}
