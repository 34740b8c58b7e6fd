/**
 * The lesser way in: a memorised secret and a 6-digit code, always together, one answer for both (NIST SP 800-63B-4
 * §3.1.1, §3.1.5). Same work for people we do not know. A practice can switch it off.
 */

import type { EventHead, Holder } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { base64url, fromBase64url, randomBytes, text, utf8 } from '../core/bytes.ts'
import type { PractitionerId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { seal, unseal } from '../core/seal.ts'
import type { Seconds } from '../core/time.ts'
import type { Db } from '../db/db.ts'
import type { Proof } from './session.ts'
import { commonSecrets } from './common-secrets.ts'
import { membershipsOf } from './memberships.ts'
import type { Needs } from './needs.ts'
import { notify } from './notice-store.ts'
import { removeSecretRow, saveSecret, takeStep, type SecretRow } from './secret-store.ts'
import { findStep, mintTotpKey, totpAddress } from './totp.ts'

export const secretProof: Proof = { acr: 'garde:secret-otp', amr: ['pwd', 'otp', 'mfa'] }

/** One spelling for what is typed on different keyboards (§3.1.1.2 recommends NFKC). */
const spelled = (secret: string): string => secret.normalize('NFKC')

/** Refuses `weak_secret`: under 8 characters, over 200, a common one, or the person's own name or address. */
export function checkSecret(secret: string, own: readonly string[]): void {
  const plain = spelled(secret)
  const lower = plain.toLowerCase()
  const ownWords = own.flatMap((word) => [word.toLowerCase(), word.toLowerCase().split('@')[0] ?? ''])
  const length = Array.from(plain).length
  if (length < 8 || length > 200 || commonSecrets.has(lower) || ownWords.includes(lower))
    throw new Refusal('weak_secret')
}

async function hashMemorised(needs: Pick<Needs, 'primitives'>, secret: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await needs.primitives.scrypt(utf8(spelled(secret)), salt)
  return `scrypt$${base64url(salt)}$${base64url(hash)}`
}

/** Always one scrypt, whether there is a row or not. */
export async function isSecret(
  needs: Pick<Needs, 'primitives'>,
  row: SecretRow | undefined,
  secret: string,
): Promise<boolean> {
  const [, salt, hash] = row?.secretHash.split('$') ?? []
  const tried = await needs.primitives.scrypt(
    utf8(spelled(secret.slice(0, 400))),
    salt === undefined ? new Uint8Array(16) : fromBase64url(salt),
  )
  const kept = hash === undefined ? new Uint8Array(32) : fromBase64url(hash)
  return needs.primitives.equal(tried, kept) && row !== undefined
}

/** Which step a code is of, for a person's own key; some other key for people without. */
export async function stepOf(
  needs: Pick<Needs, 'primitives' | 'keyEncryptionKey'>,
  holder: Holder,
  row: SecretRow | undefined,
  code: string,
  now: Seconds,
): Promise<number | undefined> {
  const key = row
    ? text(await unseal(needs.keyEncryptionKey, row.totpSealed, keptContext(holder)))
    : 'A'.repeat(32)
  const step = findStep(needs.primitives, key, code, now)
  return row && step
}

/** Taken once: of two who send one code, one gets in. */
export const takeCodeStep = (needs: Pick<Needs, 'db'>, holder: Holder, step: number): Promise<boolean> =>
  takeStep(needs.db, holder, step)

const keptContext = (holder: Holder): string => `secrets.totp:${holder.id}`
const offeredContext = (binding: string): string => `offered.totp:${binding}`

/** Off as soon as one of the practices that are open to the person says so. */
export async function isSecretOff(
  needs: Pick<Needs, 'db'>,
  practitioner: PractitionerId,
  now: Seconds,
): Promise<boolean> {
  return (await membershipsOf(needs, practitioner, now)).some(({ secretSignIn }) => !secretSignIn)
}

export interface CodeOffer {
  /** Base32. */
  key: string
  /** `otpauth://…` */
  address: string
  /** The key, sealed to `binding`, for a hidden field: nothing is kept until it is proven. */
  sealed: string
}

/** A key for a person to put into their app. `binding`: the link or session it is offered under. */
export async function offerCode(
  needs: Pick<Needs, 'keyEncryptionKey' | 'config'>,
  email: string,
  binding: string,
): Promise<CodeOffer> {
  const key = mintTotpKey()
  return {
    key,
    address: totpAddress(key, email, needs.config.rpId),
    sealed: await seal(needs.keyEncryptionKey, utf8(key), offeredContext(binding)),
  }
}

/** The same offer again, after a mistake on the form. Refuses `challenge_invalid` when it was not made under `binding`. */
export async function reopenOffer(
  needs: Pick<Needs, 'keyEncryptionKey' | 'config'>,
  email: string,
  binding: string,
  sealed: string,
): Promise<CodeOffer> {
  let key: string
  try {
    key = text(await unseal(needs.keyEncryptionKey, sealed, offeredContext(binding)))
  } catch {
    throw new Refusal('challenge_invalid', { offer: 'totp' })
  }
  return { key, address: totpAddress(key, email, needs.config.rpId), sealed }
}

export interface ChosenSecret {
  secret: string
  /** The first code, which proves that the app has the key. */
  code: string
  offer: CodeOffer
}

/** Checked and hashed, ready to be kept. Refuses `secret_sign_in_off`, `weak_secret`, `secret_or_code_wrong`. */
export async function prepareSecret(
  needs: Needs,
  practitioner: PractitionerId,
  own: readonly string[],
  { secret, code, offer }: ChosenSecret,
): Promise<SecretRow> {
  const now = needs.clock.now()
  if (await isSecretOff(needs, practitioner, now)) throw new Refusal('secret_sign_in_off', { practitioner })
  checkSecret(secret, own)
  const step = findStep(needs.primitives, offer.key, code, now)
  if (step === undefined) throw new Refusal('secret_or_code_wrong', { enrolling: true })
  const holder = { kind: 'practitioner', id: practitioner } as const
  return {
    secretHash: await hashMemorised(needs, secret),
    totpSealed: await seal(needs.keyEncryptionKey, utf8(offer.key), keptContext(holder)),
    lastStep: step,
  }
}

/** In the caller's transaction; replaces what was there. */
export async function keepSecret(db: Db, holder: Holder, row: SecretRow, head: EventHead): Promise<void> {
  await saveSecret(db, holder, row, head.at)
  await record(
    db,
    { ...head, kind: 'credential.added', holder, factor: 'secret' },
    { ...head, kind: 'credential.added', holder, factor: 'code' },
  )
  await notify(db, holder, head.at, 'secret-added', {})
}

/** Answers whether there was one. */
export async function removeSecret(
  needs: Pick<Needs, 'db'>,
  holder: Holder,
  head: EventHead,
): Promise<boolean> {
  return needs.db.transaction(async (tx) => {
    const removed = await removeSecretRow(tx, holder)
    if (removed)
      await record(
        tx,
        { ...head, kind: 'credential.removed', holder, factor: 'secret' },
        { ...head, kind: 'credential.removed', holder, factor: 'code' },
      )
    return removed
  })
}
