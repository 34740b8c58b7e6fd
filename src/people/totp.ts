/** Six-digit codes (RFC 6238: SHA-1, 30 s) by otplib; this is its only owner. The secret has 160 bits. */

import { generateSecret, generateSync, generateURI } from 'otplib'
import { utf8 } from '../core/bytes.ts'
import type { Primitives } from '../core/ports.ts'
import type { Seconds } from '../core/time.ts'

const periodSeconds = 30

/** Base32, 32 characters. */
export const mintTotpKey = (): string => generateSecret({ length: 20 })

/** For authenticator apps; drawn as a QR code and shown as text. */
export const totpAddress = (key: string, email: string, issuer: string): string =>
  generateURI({ issuer: `Garde (${issuer})`, label: email, secret: key })

export const totpStep = (now: Seconds): number => Math.floor(now / periodSeconds)

export const totpCode = (key: string, step: number): string =>
  generateSync({ secret: key, epoch: step * periodSeconds })

/**
 * Which step the code is of: now, or one before or after (RFC 6238 §5.2). Every candidate is compared, in constant time.
 * That a step is taken once is the caller's statement.
 */
export function findStep(
  primitives: Pick<Primitives, 'equal'>,
  key: string,
  code: string,
  now: Seconds,
): number | undefined {
  const current = totpStep(now)
  const given = utf8(code)
  let found: number | undefined
  for (const step of [current - 1, current, current + 1])
    if (primitives.equal(utf8(totpCode(key, step)), given)) found = step
  return found
}
