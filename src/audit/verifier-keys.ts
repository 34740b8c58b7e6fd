/** The checkpoint keys of an installation, as a verifier wants them: one and the same key under each log's name. */

import { fromBase64url } from '../core/bytes.ts'
import type { Keys } from '../tokens/keys.ts'
import type { VerifierKey } from './checkpoint.ts'

export const verifierKeys = (keys: Pick<Keys, 'jwks'>, name: string): VerifierKey[] =>
  keys
    .jwks('checkpoint')
    .keys.flatMap(({ crv, x }) =>
      crv === 'Ed25519' && typeof x === 'string' ? [{ name, publicKey: fromBase64url(x) }] : [],
    )
