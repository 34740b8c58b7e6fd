/** What a header may call each algorithm that others sign with (RFC 7518 §3.1, RFC 8037 §3.1). */

import type { SignatureAlgorithm } from '../core/ports.ts'

const names: Record<string, SignatureAlgorithm> = {
  ES256: 'ES256',
  ES384: 'ES384',
  EdDSA: 'EdDSA',
  // RFC 9864 §2.2: the same, named fully.
  Ed25519: 'EdDSA',
  PS256: 'PS256',
  RS256: 'RS256',
  RS384: 'RS384',
}

export const algorithmNamed = (alg: unknown): SignatureAlgorithm | undefined =>
  typeof alg === 'string' && Object.hasOwn(names, alg) ? names[alg] : undefined

/** Every name that stands for one of these, for announcements. */
export const namesOf = (algorithms: readonly SignatureAlgorithm[]): string[] =>
  Object.entries(names).flatMap(([name, algorithm]) => (algorithms.includes(algorithm) ? [name] : []))
