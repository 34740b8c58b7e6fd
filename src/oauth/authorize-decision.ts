/**
 * What an authorization request needs next. Pure: a sign-in, a question to the person, a grant, or a refusal. `prompt=none`
 * asks nobody anything (OpenID Connect Core §3.1.2.6).
 */

import type { Reason } from '../core/refusal.ts'
import type { Seconds } from '../core/time.ts'
import type { LaunchContext } from '../grants/grant.ts'
import type { Launch } from '../grants/launch-store.ts'
import type { OpenMembership } from '../people/memberships.ts'
import type { Session } from '../people/session.ts'
import type { Facts, Verdict } from '../restrictions/facts.ts'
import { coversScope, scopeNames } from '../clients/scope.ts'
import type { Acr } from '../tokens/claims.ts'
import { meets, statedAcr } from './acr-wish.ts'
import type { AuthorizeRequest } from './authorize-request.ts'
import type { PatientProblem, PatientSearch } from './patient/search.ts'
import { consentedTo } from './claims-parameter.ts'

export interface Situation {
  request: Pick<
    AuthorizeRequest,
    'client' | 'scopes' | 'literalReturn' | 'prompts' | 'maxAge' | 'acr' | 'claims' | 'launch'
  >
  /** Of a practitioner. */
  session: Session
  /** Those that hold now. */
  memberships: OpenMembership[]
  /** Scopes consented to before, for this client; empty when it was forgotten. */
  consented: string | undefined
  /** What the person has answered meanwhile. */
  choice: {
    account?: string
    membership?: string
    consent?: 'given' | 'denied'
    /** Not believed before the records API says that they are of the practice. */
    patient?: string
    /** Of the question for a patient: leave it, and the application. */
    leave?: true
    /** What to look for. */
    search?: PatientSearch
  }
  /** Whom the client means, if it said so. */
  subject?: string
  /** What the request was opened with; `gone`: used, expired, or never made for this application and API. */
  launch?: Launch | 'gone'
  /** When the request was first made, if it has waited for somebody, and the proof this browser showed then. */
  since: { at: Seconds; proof: string | undefined } | undefined
  /** The proof it shows now: another one after each sign-in and step-up. */
  proof: string
  decide: (facts: Facts, now: Seconds) => Verdict
  now: Seconds
}

export type Next =
  /** `stepUp`: the person who is signed in proves it anew. */
  | { do: 'sign-in'; stepUp: boolean }
  | { do: 'ask-account' }
  | { do: 'ask'; among: OpenMembership[]; consent: boolean; consented: string | undefined }
  | {
      do: 'grant'
      membership: OpenMembership
      consentGiven: boolean
      consented: string | undefined
      acr: Acr
      launch?: LaunchContext
    }
  /** Which patient? All else is settled. */
  | { do: 'ask-patient'; membership: OpenMembership; problem?: PatientProblem }
  | { do: 'refuse'; reason: Reason; detail?: Record<string, unknown> }

export function decideNext(situation: Situation): Next {
  const next = decideInteractive(situation)
  if (!situation.request.prompts.includes('none')) return next
  const reason = silently(next)
  return reason ? { do: 'refuse', reason } : next
}

/** What `prompt=none` gets where somebody would have to be asked: the word for what is missing. */
function silently(next: Next): Reason | undefined {
  if (next.do === 'sign-in') return 'login_required'
  if (next.do === 'ask-account') return 'account_selection_required'
  if (next.do === 'ask-patient') return 'interaction_required'
  if (next.do !== 'ask') return undefined
  if (next.among.length === 1) return 'consent_required'
  return next.consent ? 'interaction_required' : 'account_selection_required'
}

const decideInteractive = (situation: Situation): Next =>
  decidePerson(situation) ?? decideStrength(situation) ?? decideAccess(situation)

/** Is it whom the client means, proven when it must be, and would they like to be somebody else? */
function decidePerson(situation: Situation): Next | undefined {
  const { request, session, subject, choice } = situation
  const { id } = session.holder
  if (subject !== undefined && subject !== id)
    return isRenewed(situation)
      ? { do: 'refuse', reason: 'login_required', detail: { fault: 'somebody else signed in' } }
      : { do: 'sign-in', stepUp: false }
  if (isTooOld(situation)) return { do: 'sign-in', stepUp: true }
  const asks = request.prompts.includes('select_account') && !isRenewed(situation) && choice.account !== id
  return asks ? { do: 'ask-account' } : undefined
}

/** A stronger sign-in is asked for once; then what is essential is refused, and what is not goes on as it is. */
function decideStrength(situation: Situation): Next | undefined {
  const { request, session } = situation
  const wish = request.acr
  if (!wish || meets(wish, session.acr)) return undefined
  const unmet: Next = { do: 'refuse', reason: 'authentication_unmet' }
  if (wish.values.length === 0) return unmet
  if (isRenewed(situation)) return wish.essential ? unmet : undefined
  // OpenID Connect Core §5.5.1.1: what is voluntary is no reason for an error.
  if (!wish.essential && request.prompts.includes('none')) return undefined
  return { do: 'sign-in', stepUp: true }
}

/** For which practice, and may the application? */
function decideAccess(situation: Situation): Next {
  const { choice, launch } = situation
  if (launch && !isFor(launch, situation)) return { do: 'refuse', reason: 'launch_invalid' }
  const memberships = situation.memberships.filter(({ practice }) => !launch || practice === launch.practice)
  if (memberships.length === 0) return { do: 'refuse', reason: 'no_membership' }
  const judged = memberships.map((membership) => ({ membership, verdict: verdictOn(situation, membership) }))
  const open = judged.filter(({ verdict }) => verdict.allow || verdict.reason === 'step_up_required')
  const chosen = judged.find(({ membership }) => membership.id === choice.membership)
  if (choice.membership !== undefined && !chosen) return { do: 'refuse', reason: 'no_membership' }
  const only = chosen ?? (open.length > 1 ? undefined : (open[0] ?? judged[0]))
  if (only && !only.verdict.allow) return stopped(only.verdict)
  const consent = asksConsent(situation)
  const { consented } = situation
  if (consent && choice.consent === 'denied') return { do: 'refuse', reason: 'consent_denied' }
  if (!only) return { do: 'ask', among: open.map(({ membership }) => membership), consent, consented }
  if (consent && choice.consent !== 'given')
    return { do: 'ask', among: [only.membership], consent, consented }
  if (situation.request.launch?.by === 'choice') {
    if (choice.leave) return { do: 'refuse', reason: 'consent_denied' }
    if (choice.patient === undefined) return { do: 'ask-patient', membership: only.membership }
  }
  return {
    do: 'grant',
    membership: only.membership,
    consentGiven: consent,
    consented,
    acr: statedAcr(situation.request.acr, situation.session.acr),
    ...(launch && { launch: launch.context }),
  }
}

/** For anybody else it is as if it were not. */
const isFor = (launch: Launch | 'gone', { session }: Situation): launch is Launch =>
  launch !== 'gone' && launch.practitioner === session.holder.id

/**
 * Signed in, or proven anew, since the request was made. Times are whole seconds: within the same one only another proof
 * than was shown with the request is a newer one, and where none could be seen nothing is.
 */
function isRenewed({ session, since, proof }: Situation): boolean {
  if (since === undefined || session.authTime < since.at) return false
  return session.authTime > since.at || (since.proof !== undefined && since.proof !== proof)
}

/** `prompt=login` and `max_age` ask for a proof no older than the request, or than so many seconds; 0 is as `login`. */
function isTooOld(situation: Situation): boolean {
  const { request, session, now } = situation
  if (isRenewed(situation)) return false
  return (
    request.prompts.includes('login') ||
    request.maxAge === 0 ||
    (request.maxAge !== undefined && now - session.authTime > request.maxAge)
  )
}

const verdictOn = ({ request, session, decide, now }: Situation, { practice }: OpenMembership): Verdict =>
  decide(
    {
      ...(session.holder.kind === 'practitioner' && { practitioner: session.holder.id }),
      practice,
      client: request.client.id,
      session: session.id,
      sessionSequence: session.facts.session_sequence,
      authTime: session.authTime,
      safe: true,
    },
    now,
  )

function stopped(verdict: Verdict & { allow: false }): Next {
  if (verdict.reason === 'step_up_required') return { do: 'sign-in', stepUp: true }
  if (verdict.reason === 'session_ended') return { do: 'sign-in', stepUp: false }
  return { do: 'refuse', reason: verdict.reason, detail: { by: verdict.by, message: verdict.message } }
}

/**
 * First-party clients skip it unless the person has forgotten them; for all others wider scopes always ask. On a loopback port of its own choice any program of the device
 * can say it is that client: the person is asked each time (RFC 8252 §8.6).
 */
function asksConsent({ request, consented }: Situation): boolean {
  if (request.prompts.includes('consent') || !request.literalReturn) return true
  if (request.client.firstParty && consented !== '') return false
  const before = scopeNames(consented ?? '')
  return consentedTo(request).some((scope) => !coversScope(before, scope))
}
