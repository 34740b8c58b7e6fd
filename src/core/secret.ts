/**
 * Opaque values that prove something by being known: session cookies, codes, refresh tokens, one-time links.
 * Only the SHA-256 is ever stored; 256 random bits need no slow hash.
 */

import { base64url, randomBytes } from './bytes.ts'
import type { Primitives } from './ports.ts'

/** 256 bits, base64url, 43 characters. */
export const mintSecret = (): string => base64url(randomBytes(32))

/** What the database keeps of a secret: base64url of SHA-256, 43 characters. */
export const hashSecret = (primitives: Pick<Primitives, 'digest'>, secret: string): string =>
  primitives.digest(secret)
