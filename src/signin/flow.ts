/** What sign-in decides, as values: no database, no clock, no browser. */

import type { Holder } from '../audit/event.ts'
import type { AttemptVerdict } from '../risk/lockout.ts'
import { acrAtLeast, type Acr } from '../tokens/claims.ts'

/** Everything that was found out about one try of secret and code; all of it, whatever came first. */
export interface SecretTry {
  /** Somebody of that address who has a secret. */
  known: boolean
  attempt: AttemptVerdict
  /** A practice of theirs switched this way off. */
  off: boolean
  secretRight: boolean
  codeRight: boolean
}

export type SecretVerdict =
  { allow: true } | { allow: false; reason: 'factor_locked' | 'secret_sign_in_off' | 'secret_or_code_wrong' }

/** The reason is for the log; all three have one public text. A code that is right still has to be taken. */
export function decideSecret({ known, attempt, off, secretRight, codeRight }: SecretTry): SecretVerdict {
  if (!known) return { allow: false, reason: 'secret_or_code_wrong' }
  if (!attempt.allow) return { allow: false, reason: 'factor_locked' }
  if (off) return { allow: false, reason: 'secret_sign_in_off' }
  return secretRight && codeRight ? { allow: true } : { allow: false, reason: 'secret_or_code_wrong' }
}

/** What a proof does to the session this browser already has. */
export type Landing = 'begin' | 'raise' | 'replace'

/**
 * The same person with at least the same strength raises the session; a weaker proof must not carry an old `acr` under a
 * new time, and another person gets a session of their own: both replace it.
 */
export function decideLanding(
  open: { holder: Holder; acr: Acr } | undefined,
  proven: { holder: Holder; acr: Acr },
): Landing {
  if (!open) return 'begin'
  const same = open.holder.kind === proven.holder.kind && open.holder.id === proven.holder.id
  return same && acrAtLeast(proven.acr, open.acr) ? 'raise' : 'replace'
}

/** Where to go when nothing was asked for. */
export const homeOf = (holder: Holder): string => (holder.kind === 'operator' ? '/console' : '/account')

/**
 * Only a path of ours, spelled plainly: one slash first (`//host` and `/\host` name hosts), nothing a browser strips or
 * turns (backslashes, control characters, spaces), and no host again once its dots are walked (`/.//host`). Anything else
 * is as if nothing was asked for.
 */
export function continuePath(value: string | undefined): string | undefined {
  if (value === undefined || value.length > 8000) return undefined
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(value)) return undefined
  const base = 'https://here.invalid'
  const url = new URL(value, base)
  return url.origin === base && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : undefined
}
