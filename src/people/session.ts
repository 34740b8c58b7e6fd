/**
 * A sign-in on one browser: server-side, opaque cookie, hashed at rest (NIST SP 800-63B-4 §5.1). Its facts are fixed at
 * sign-in; a step-up raises `acr` and `authTime`, rotates the cookie, and moves nothing else.
 */

import { record } from '../audit/store.ts'
import type { EventHead, Holder } from '../audit/event.ts'
import { mintId, type CredentialId, type DeviceId, type RequestId, type SessionId } from '../core/ids.ts'
import { Refusal } from '../core/refusal.ts'
import { hashSecret, mintSecret } from '../core/secret.ts'
import { hours, minutes, type Seconds } from '../core/time.ts'
import { tellOfSessions } from '../deliveries/tell-store.ts'
import type { Facts, Verdict } from '../restrictions/facts.ts'
import { acrAtLeast, type Acr, type Amr, type SessionFacts } from '../tokens/claims.ts'
import { recogniseDevice } from './device.ts'
import type { Needs } from './needs.ts'
import { notify } from './notice-store.ts'
import { requireOpenTo } from './standing.ts'
import {
  findByToken,
  insertSession,
  liveRows,
  markEnded,
  markHolderEnded,
  raiseSession,
  touchRows,
  passkeyFacts,
} from './session-store.ts'

export interface Session {
  id: SessionId
  holder: Holder
  /** Fixed at sign-in. */
  facts: SessionFacts
  authTime: Seconds
  acr: Acr
  amr: Amr[]
  credential?: CredentialId
  device?: DeviceId
  sharedDesk: boolean
  network: string
  userAgent: string
  startedAt: Seconds
  lastActiveAt: Seconds
  idleSeconds: Seconds
  endsAt: Seconds
}

export type EndCause = 'signed-out' | 'idle' | 'expired' | 'not-me' | 'operator'

/** protocols.md §5: overall ≤ 12 h; idle 1 h, on a shared desk 5 min. */
export const sessionLimits = {
  overallSeconds: hours(12),
  idleSeconds: { own: hours(1), shared: minutes(5) },
} as const

/** What happened at sign-in: a session never claims more. */
export interface Proof {
  acr: Acr
  amr: Amr[]
  credential?: CredentialId
}

export interface Beginning extends Proof {
  holder: Holder
  /** Value of the device cookie the browser sent, if any. */
  deviceCookie?: string
  network: string
  userAgent: string
  sharedDesk: boolean
  request?: RequestId
}

export interface Begun {
  session: Session
  /** Values to set; only their hashes are stored. */
  cookie: string
  deviceCookie: string
  newDevice: boolean
}

/**
 * Reads the journal first, so that the session's sequence is the newest there is: whatever cuts sessions afterwards is
 * above it. MUST NOT be called inside a transaction. Refuses `restricted`.
 */
export async function beginSession(needs: Needs, beginning: Beginning): Promise<Begun> {
  await needs.restrictions.catchUp()
  const now = needs.clock.now()
  const sequence = needs.restrictions.basis().sequence
  await requireOpenTo(needs, beginning.holder, { authTime: now, sessionSequence: sequence })
  const cookie = mintSecret()
  return needs.db.transaction(async (tx) => {
    const { holder, credential } = beginning
    const device = await recogniseDevice({ ...needs, db: tx }, holder, beginning.deviceCookie)
    const idle = beginning.sharedDesk ? sessionLimits.idleSeconds.shared : sessionLimits.idleSeconds.own
    const session: Session = {
      id: mintId('session'),
      holder,
      facts: {
        session_started_at: now,
        session_sequence: sequence,
        ...(credential && (await passkeyFacts(tx, credential))),
      },
      authTime: now,
      acr: beginning.acr,
      amr: beginning.amr,
      ...(credential && { credential }),
      device: device.id,
      sharedDesk: beginning.sharedDesk,
      network: beginning.network,
      userAgent: beginning.userAgent,
      startedAt: now,
      lastActiveAt: now,
      idleSeconds: idle,
      endsAt: now + sessionLimits.overallSeconds,
    }
    await insertSession(tx, session, hashSecret(needs.primitives, cookie))
    const head = {
      at: now,
      network: beginning.network,
      actor: holder,
      ...(beginning.request && { request: beginning.request }),
    }
    await record(tx, {
      ...head,
      kind: 'session.started',
      session: session.id,
      holder,
      acr: session.acr,
      ...(credential && { credential }),
      device: device.id,
      newDevice: device.isNew,
    })
    if (device.isNew)
      await notify(tx, holder, now, 'new-device', {
        network: beginning.network,
        userAgent: beginning.userAgent,
      })
    return { session, cookie, deviceCookie: device.cookie, newDevice: device.isNew }
  })
}

/** How a cookie stands now. `cut`: a restriction ended the session for ever; `stopped`: its holder is denied. */
export type Standing =
  | { state: 'none' }
  | { state: 'live'; session: Session }
  | { state: 'over'; session: Session; cause: 'idle' | 'expired' }
  | { state: 'cut'; session: Session }
  | { state: 'stopped'; session: Session; verdict: Verdict & { allow: false } }

/** Pure: limits first, then the restriction view. A demanded step-up leaves the session usable for stepping up. */
export function judgeSession(
  session: Session,
  decide: (facts: Facts, now: Seconds) => Verdict,
  now: Seconds,
): Standing {
  if (now >= session.endsAt) return { state: 'over', session, cause: 'expired' }
  if (now >= session.lastActiveAt + session.idleSeconds) return { state: 'over', session, cause: 'idle' }
  const verdict = decide(factsOf(session), now)
  if (verdict.allow || verdict.reason === 'step_up_required' || verdict.reason === 'read_only')
    return { state: 'live', session }
  return verdict.reason === 'session_ended'
    ? { state: 'cut', session }
    : { state: 'stopped', session, verdict }
}

/** What restrictions are judged on. Without practice and client: those are a grant's. */
export const factsOf = ({ id, holder, facts, authTime }: Session): Facts => ({
  ...(holder.kind === 'operator' ? { operator: holder.id } : { practitioner: holder.id }),
  session: id,
  sessionSequence: facts.session_sequence,
  authTime,
  safe: true,
})

/** Does a restriction ask for a proof newer than this session's? What is more than proving it waits until then. */
export function owesProof(
  { restrictions }: Pick<Needs, 'restrictions'>,
  session: Session,
  now: Seconds,
): boolean {
  const verdict = restrictions.decide(factsOf(session), now)
  return !verdict.allow && verdict.reason === 'step_up_required'
}

/** The first request to find a session past its limits ends it, with an entry in the log. */
export async function standingOf(needs: Needs, cookie: string): Promise<Standing> {
  const now = needs.clock.now()
  const session = await findByToken(needs.db, hashSecret(needs.primitives, cookie))
  if (!session) return { state: 'none' }
  const standing = judgeSession(session, (facts, at) => needs.restrictions.decide(facts, at), now)
  if (standing.state === 'over')
    await endSession(needs, session, standing.cause, {
      at: now,
      actor: { kind: 'system', id: 'session-limits' },
    })
  return standing
}

/** Undefined when there is none, it has ended, or its holder is disabled or denied. */
export async function findSession(needs: Needs, cookie: string): Promise<Session | undefined> {
  const standing = await standingOf(needs, cookie)
  return standing.state === 'live' ? standing.session : undefined
}

/** Refuses `session_required`, or `restricted` where the holder is denied. */
export async function requireSession(needs: Needs, cookie: string): Promise<Session> {
  const standing = await standingOf(needs, cookie)
  if (standing.state === 'live') return standing.session
  throw refusalOf(standing)
}

export function refusalOf(standing: Exclude<Standing, { state: 'live' }>): Refusal {
  if (standing.state === 'stopped')
    return new Refusal(standing.verdict.reason, {
      by: standing.verdict.by,
      message: standing.verdict.message,
    })
  return new Refusal('session_required', { state: standing.state })
}

/** Activity, through pages or the gateway. Coarse, so that a busy page does not write on each request. */
export async function touchSessions(needs: Pick<Needs, 'db' | 'clock'>, ids: SessionId[]): Promise<void> {
  if (ids.length > 0) await touchRows(needs.db, ids, needs.clock.now())
}

/** Rotates the cookie and raises `acr` and `authTime`; the facts stay. Refuses `session_required` when it has ended. */
export async function stepUp(
  needs: Needs,
  session: Session,
  proof: Proof,
  head: EventHead,
): Promise<{ session: Session; cookie: string }> {
  const cookie = mintSecret()
  if (!acrAtLeast(proof.acr, session.acr)) throw new TypeError('a step-up never lowers acr')
  return needs.db.transaction(async (tx) => {
    const raised = await raiseSession(
      tx,
      session.id,
      hashSecret(needs.primitives, cookie),
      proof,
      needs.clock.now(),
    )
    if (!raised) throw new Refusal('session_required', { state: 'over' })
    await record(tx, { ...head, kind: 'session.stepped-up', session: session.id, acr: proof.acr })
    return { session: raised, cookie }
  })
}

/** Idempotent; answers whether it was this call that ended it. */
export async function endSession(
  needs: Pick<Needs, 'db'>,
  session: Pick<Session, 'id' | 'holder'>,
  cause: EndCause,
  head: EventHead,
): Promise<boolean> {
  return needs.db.transaction(async (tx) => {
    const ended = await markEnded(tx, session.id, head.at)
    if (ended) {
      await record(tx, { ...head, kind: 'session.ended', session: session.id, holder: session.holder, cause })
      await tellOfSessions(tx, [session.id], head.at)
    }
    return ended
  })
}

/** Ends every session of a holder, but for `except`. Answers their ids. */
export async function endAllSessions(
  needs: Pick<Needs, 'db'>,
  holder: Holder,
  cause: EndCause,
  head: EventHead,
  except?: SessionId,
): Promise<SessionId[]> {
  return needs.db.transaction(async (tx) => {
    const ended = await markHolderEnded(tx, holder, head.at, except)
    await record(
      tx,
      ...ended.map((session) => ({ ...head, kind: 'session.ended' as const, session, holder, cause })),
    )
    await tellOfSessions(tx, ended, head.at)
    return ended
  })
}

/** Whether its holder is restricted or not; undefined once it has ended or run out. */
export const findLiveSession = async (needs: Pick<Needs, 'db' | 'clock'>, id: SessionId) =>
  (await liveRows(needs.db, needs.clock.now(), { session: id }))[0]

/** Who is signed in now, newest first; of one holder, or of everybody (500 at most). */
export async function listSessions(needs: Needs, holder?: Holder): Promise<Session[]> {
  const now = needs.clock.now()
  const rows = await liveRows(needs.db, now, { holder })
  return rows.filter(
    (session) =>
      judgeSession(session, (facts, at) => needs.restrictions.decide(facts, at), now).state === 'live',
  )
}
