/**
 * Secret and code, together. Whoever is asked about, the same work is done: the attempt is written down, one scrypt, three
 * codes. What failed is committed before the refusal is thrown.
 */

import type { EventHead, Holder } from '../audit/event.ts'
import { record } from '../audit/store.ts'
import { base64url, utf8 } from '../core/bytes.ts'
import type { PractitionerId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { findDevice } from '../people/device.ts'
import type { Needs } from '../people/needs.ts'
import { notify } from '../people/notice-store.ts'
import { isSecret, isSecretOff, secretProof, stepOf, takeCodeStep } from '../people/secret.ts'
import { findByEmail } from '../people/secret-store.ts'
import type { Proof } from '../people/session.ts'
import type { Source } from '../risk/lockout.ts'
import { beginAttempt, lockWhenSpent, withdrawAttempt } from '../risk/lockout-store.ts'
import { decideSecret } from './flow.ts'

export interface SecretForm {
  email: string
  secret: string
  code: string
}

/** Refuses `secret_or_code_wrong`, `factor_locked`, `secret_sign_in_off`: one text. `head` is a stranger's. */
export async function signInWithSecret(
  needs: Needs,
  form: SecretForm,
  browser: { deviceCookie: string | undefined; network: string },
  head: EventHead,
): Promise<Proof & { holder: Holder }> {
  const person = await findByEmail(needs.db, form.email)
  const known = person?.secret !== undefined
  const holder: Holder = { kind: 'practitioner', id: person?.id ?? decoy(needs, form.email) }
  const device = await findDevice(needs, holder, browser.deviceCookie)
  const source: Source = device
    ? { kind: 'device', id: device }
    : { kind: 'network', network: browser.network }
  const attempt = await beginAttempt(needs.db, holder, source, head.at)
  const off = await isSecretOff(needs, holder.id, head.at)
  const secretRight = await isSecret(needs, person?.secret, form.secret)
  const step = await stepOf(needs, holder, person?.secret, form.code, head.at)
  const verdict = decideSecret({
    known,
    attempt: attempt.verdict,
    off,
    secretRight,
    codeRight: step !== undefined,
  })
  if (verdict.allow && step !== undefined && (await takeCodeStep(needs, holder, step))) {
    if ('id' in attempt) await withdrawAttempt(needs.db, attempt.id)
    return { ...secretProof, holder }
  }
  const reason = verdict.allow ? 'secret_or_code_wrong' : verdict.reason
  await settleFailure(
    needs,
    { holder, source, known, reason },
    'id' in attempt ? attempt.id : undefined,
    head,
  )
  throw new Refusal(reason, known ? { practitioner: holder.id } : {})
}

/** Nobody's id, the same for the same address: attempts on strangers' names do the work of attempts on ours. */
const decoy = (needs: Pick<Needs, 'primitives'>, email: string): PractitionerId =>
  `prt_${base64url(needs.primitives.sha256(utf8(email))).slice(0, 22)}` as PractitionerId

interface Failure {
  holder: Holder
  source: Source
  known: boolean
  reason: Refusal['reason']
}

/**
 * One transaction with the same statements for everybody: a failure is recorded and counted, or (nobody's, or refused
 * before it was tried) nothing is kept. `attempt`: absent when there was none to be had.
 */
async function settleFailure(
  needs: Pick<Needs, 'db'>,
  { holder, source, known, reason }: Failure,
  attempt: number | undefined,
  head: EventHead,
): Promise<void> {
  const counts = known && attempt !== undefined
  await needs.db.transaction(async (tx) => {
    if (counts) await record(tx, { ...head, kind: 'signin.failed', holder, reason, factor: 'secret-code' })
    else await withdrawAttempt(tx, attempt ?? 0)
    const until = await lockWhenSpent(tx, holder, source, head.at, counts)
    if (until === undefined) return
    await record(tx, { ...head, kind: 'factor.locked', holder, factor: 'secret-code', until })
    await notify(tx, holder, head.at, 'factor-locked', { network: head.network ?? 'unknown' })
  })
}
